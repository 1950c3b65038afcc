"""Everything that the operator sets, in one shape: what fits it is taken, what does not is refused."""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from gateway.settings.edge import Edge, Seconds
from gateway.settings.models import Model
from gateway.settings.places import AnswersPlace, Fetching, HandoffPlace, KnowledgePlace, ResponsesPlace, VaultPlace

DEMONSTRATION: Final = "echo"
"""Name of the model that answers when no other is configured."""

Port = Annotated[int, Field(ge=0, le=65535)]


class Listen(Edge):
    """Where the gateway listens; port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Annotated[int, Field(ge=1, le=256)] = 1


class Limits(Edge):
    """What one request may be; more is refused with a clear message."""

    body_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    body_seconds: Seconds = 30.0
    messages: Annotated[int, Field(ge=1)] = 4096
    records: Annotated[int, Field(ge=1)] = 10_000
    connections: Annotated[int, Field(ge=1)] = 10_000


class Waiver(Edge):
    """A key that may ask for answers without a visible label, because an agreement says who answers for it.

    Measures for Labelling AI-Generated Content (2025), art. 9: the provider has fixed the user's duty and
    liability in the user agreement first.
    """

    key: Annotated[
        str, Field(pattern=r"^[0-9a-f]{16,64}$", description="the first 16 or more hex digits of the key's SHA-256")
    ]
    agreement: Annotated[str, Field(min_length=1, max_length=200, description="which agreement, as you name it")]
    date: Annotated[datetime.date, Field(description="since when it is in force")]


UnguardedPath = Annotated[
    str, Field(pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$", description="a path, such as /v1/files")
]
"""A path whose requests are handed on although nobody judges them, with all paths below it."""


class Retention(Edge):
    """How long what is kept is kept; ``sluice privacy purge`` forgets the rest.

    Attributes:
        text_days: Days for the texts of records; None for as long as the record.
        record_days: Days for records altogether, six months at least; None for ever.
        classes: Days for texts with personal data of a class, such as ``pipl28``.
    """

    text_days: Annotated[float, Field(gt=0)] | None = None
    record_days: Annotated[float, Field(ge=184)] | None = None
    classes: dict[str, Annotated[float, Field(gt=0)]] = {}


class KeySettings(Edge):
    """How quotas of keys and illegal questions of users are counted.

    Attributes:
        counters: ``memory`` (one process), or ``redis://…`` for all replicas.
        counters_env: The environment variable that holds the address instead, where it has a password.
        on_lost: What it means that Redis cannot be reached: requests under a quota are refused, or pass
            uncounted (the record says so).
        assumed_output: Tokens set aside for an answer where the request states no most.
        utc_offset: Hours that your own time is ahead of UTC: when a day begins.
        reload_seconds: How often keys and suspensions are read anew.
    """

    counters: Annotated[str, Field(pattern=r"^(memory|(redis|rediss|unix)://.+)$")] = "memory"
    counters_env: str | None = None
    on_lost: Literal["refuse", "pass"] = "refuse"
    assumed_output: Annotated[int, Field(ge=0, le=1_000_000)] = 1024
    utc_offset: Annotated[float, Field(ge=-14, le=14)] = 8.0
    reload_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0


class Settings(Edge):
    """Everything that the operator sets."""

    listen: Listen = Listen()
    policy: str = "base"
    policies: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z0-9-]+$")], str],
        Field(description="further policies by name, for keys that are judged by one of them"),
    ] = {}
    database: str = "sqlite:///var/sluice.db"
    spool: str = "var/spool"
    models: dict[str, Model] = {DEMONSTRATION: Model(provider="echo")}
    default_model: str | None = None
    producer: str | None = None
    limits: Limits = Limits()
    unlabelled: tuple[Waiver, ...] = ()
    keys: KeySettings = KeySettings()
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="of all prices, such as CNY")] = "CNY"
    retention: Retention = Retention()
    vault: VaultPlace | None = None
    knowledge: KnowledgePlace | None = None
    answers: AnswersPlace = AnswersPlace()
    handoff: HandoffPlace | None = None
    fetch: Fetching | None = None
    responses: ResponsesPlace = ResponsesPlace()
    unguarded: dict[UnguardedPath, str] = {}
    stricter: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")], str] = {}
    drain_seconds: Seconds = 20.0
    reload_seconds: Seconds = 1.0

    @model_validator(mode="after")
    def _known_servers(self) -> Settings:
        for path, model in self.unguarded.items():
            if model not in self.models:
                message = (
                    f"unguarded: {path} leads to {model!r}, which is none of the models ({', '.join(self.models)})"
                )
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _known_default(self) -> Settings:
        if self.default_model is not None and self.default_model not in self.models:
            message = f"default_model {self.default_model!r} is none of the models ({', '.join(self.models)})"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _known_models(self) -> Settings:
        taken = set(self.models)
        for name, model in self.models.items():
            for alias in model.aliases:
                if alias in taken:
                    message = f"models: {name!r} has the alias {alias!r}, which is the name of another model"
                    raise ValueError(message)
                taken.add(alias)
            for other in model.fallbacks:
                if other not in self.models or other == name:
                    known = ", ".join(one for one in self.models if one != name) or "none"
                    message = f"models: {name!r} falls back to {other!r}; there are: {known}"
                    raise ValueError(message)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all models, aliases too."""
        return tuple(each for name, model in self.models.items() for each in (name, *model.aliases))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The names of the models of which nobody said what they cost, whichever upstream answers."""
        priced = {name for name, model in self.models.items() if all(one.price for _, one in model.places(name))}
        return tuple(name for name, model in self.models.items() if not priced.issuperset((name, *model.fallbacks)))

    @property
    def demonstration(self) -> bool:
        """Whether only the demonstration model answers."""
        places = [one for name, model in self.models.items() for _, one in model.places(name)]
        return all(one.provider in ("echo", "replay") for one in places)
