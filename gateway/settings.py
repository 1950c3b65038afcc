"""What the operator sets: where Sluice listens, which models lie behind, where records go.

``sluice.yaml`` says it, environment variables say it stronger, and with neither there is a
demonstration that needs nothing. Policies are not settings: they have files of their own.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.document import read_document, suggest, validate
from gateway.errors import SettingsError

DEMONSTRATION: Final = "echo"
"""Name of the model that answers when no other is configured."""

ENVIRONMENT: Final[Mapping[str, str]] = {
    "SLUICE_CONFIG": "path of sluice.yaml (default: ./sluice.yaml if it exists)",
    "SLUICE_POLICY": "path of the policy, or the name of a policy that ships with Sluice",
    "SLUICE_WORKERS": "how many processes serve (default: 1, or listen: {workers: …})",
    "SLUICE_DATABASE_URL": "where records go: sqlite:///… or postgresql://…",
    "SLUICE_UPSTREAM": "base URL of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1",
    "SLUICE_UPSTREAM_KEY": "its key",
    "SLUICE_MODEL": "the model to ask there; without it every name is passed on",
    "SLUICE_MARK_KEY": "key of the marks that nobody sees, in pictures and texts; without it anybody could write them",
    "SLUICE_PRODUCER": "name or 27-character code of the producer, for the aigc label",
    "SLUICE_SEAL_KEY": "key that seals recorded text (record: {text: encrypted})",
    "SLUICE_CLIENT_KEYS": "keys that clients must show, separated by commas",
    "SLUICE_PRIVACY_KEY": "key of surrogates and of people's digests: at least 32 bytes in Base64",
    "SLUICE_PRIVACY_KEYS_PREVIOUS": "keys before it that still restore: KEY@2026-12-31T00:00:00+08:00,…",
}
"""Every environment variable that Sluice reads, and what it is for."""

Provider = Literal["openai_compatible", "litellm", "echo", "replay"]
Outcome = Annotated[int, Field(ge=400, le=599)] | Literal["unreachable", "timeout", "broke", "4xx", "5xx"]
Option = Literal[
    "api_version",
    "aws_bedrock_runtime_endpoint",
    "aws_profile_name",
    "aws_region_name",
    "aws_role_name",
    "aws_session_name",
    "organization",
    "vertex_location",
    "vertex_project",
]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class _Edge(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listen(_Edge):
    """Where the gateway listens; port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Annotated[int, Field(ge=1, le=256)] = 1


class Timeouts(_Edge):
    """How long to wait for an upstream, in seconds."""

    connect: Seconds = 10.0
    first_byte: Seconds = 300.0
    idle: Seconds = 120.0


class PriceEntry(_Edge):
    """What a model costs: money for a million tokens, in the currency of the settings. 0 is free, said so."""

    input: Annotated[float, Field(ge=0, le=1_000_000)]
    output: Annotated[float, Field(ge=0, le=1_000_000)]


class Place(_Edge):
    """One upstream: what answers, where it stands, what it costs.

    ``key_env`` names the environment variable that holds the key: keys are never in files. ``region`` says
    where the model stands (``cn``, ``eu``, ``us`` …): a model without one stands outside of every region.
    """

    provider: Provider | None = None
    base_url: str | None = None
    key_env: str | None = None
    model: str | None = None
    script: str | None = None
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]*$")] = ""
    wire: Annotated[
        Literal["openai", "anthropic"],
        Field(description="what the server speaks: with anthropic it gets /v1/messages requests as they come"),
    ] = "openai"
    timeouts: Timeouts = Timeouts()
    price: PriceEntry | None = None
    concurrency: Annotated[int | None, Field(ge=1, description="calls under way at once, in one process")] = None
    options: Annotated[
        dict[Option, str], Field(description="what LiteLLM needs to know of a vendor, such as api_version for Azure")
    ] = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.options and self.provider != "litellm":
            message = "options belong to provider litellm"
            raise ValueError(message)
        if self.provider == "openai_compatible" and not self.base_url:
            message = "provider openai_compatible needs base_url, such as https://api.example.com/v1"
            raise ValueError(message)
        if self.provider != "openai_compatible" and self.wire != "openai":
            message = "wire belongs to provider openai_compatible; the others translate by themselves"
            raise ValueError(message)
        if self.provider == "replay" and not self.script:
            message = "provider replay needs script, the path of a replay file"
            raise ValueError(message)
        return self


class UpstreamEntry(Place):
    """One of several upstreams of a model; ``weight`` says how often it is asked beside the others."""

    provider: Provider
    name: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="in records; else its number")] = (
        None
    )
    weight: Annotated[float, Field(gt=0, le=1_000_000)] = 1.0


class RetryEntry(_Edge):
    """How often and after what somebody is asked again, as long as nothing of an answer is there."""

    tries: Annotated[int, Field(ge=1, le=20, description="for each model, the first included")] = 3
    base: Annotated[float, Field(gt=0, le=600, description="seconds before the same upstream is asked again")] = 0.5
    longest: Annotated[float, Field(gt=0, le=600, description="it doubles each time, up to this")] = 8.0
    within: Annotated[float, Field(gt=0, le=3600, description="no try begins after so many seconds")] = 60.0
    after: Annotated[
        tuple[Outcome, ...], Field(min_length=1, description="unreachable, timeout, broke, 4xx, 5xx, or a status")
    ] = ("unreachable", "timeout", "broke", 408, 429, "5xx")


class CooldownEntry(_Edge):
    """When an upstream is asked last for a while."""

    failures: Annotated[int, Field(ge=1, le=1000, description="so many in a row")] = 3
    seconds: Seconds = 30.0


class Model(Place):
    """One model name and where it leads: one upstream, or several under ``upstreams``.

    ``aliases`` are further names of it. ``fallbacks`` are models that are asked when it does not answer.
    """

    upstreams: tuple[UpstreamEntry, ...] = ()
    aliases: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    fallbacks: tuple[str, ...] = ()
    retry: RetryEntry | None = None
    cooldown: CooldownEntry = CooldownEntry()

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        if self.provider is None and not self.upstreams:
            message = f"a model needs provider ({', '.join(get_args(Provider))}), or upstreams"
            raise ValueError(message)
        if self.upstreams:
            said = sorted(set(Place.model_fields) & self.model_fields_set)
            if said:
                message = f"{said[0]} belongs to each of the upstreams here, not to the model"
                raise ValueError(message)
            names = [name for name, _ in self.places("")]
            if len(set(names)) < len(names):
                message = f"the upstream {next(name for name in names if names.count(name) > 1)[1:]!r} is here twice"
                raise ValueError(message)
        return self

    def places(self, name: str) -> list[tuple[str, Place]]:
        """Return its upstreams, each with the name that records have for it.

        Args:
            name: The model's.
        """
        if not self.upstreams:
            return [(name, self)]
        return [(f"{name}/{one.name or number}", one) for number, one in enumerate(self.upstreams, 1)]


class Limits(_Edge):
    """What one request may be; more is refused with a clear message."""

    body_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    body_seconds: Seconds = 30.0
    messages: Annotated[int, Field(ge=1)] = 4096
    records: Annotated[int, Field(ge=1)] = 10_000
    connections: Annotated[int, Field(ge=1)] = 10_000


class Waiver(_Edge):
    """A key that may ask for answers without a visible label, because an agreement says who answers for it.

    Measures for Labelling AI-Generated Content (2025), art. 9: the provider has fixed the user's duty and
    liability in the user agreement first.
    """

    key: Annotated[
        str, Field(pattern=r"^[0-9a-f]{16,64}$", description="the first 16 or more hex digits of the key's SHA-256")
    ]
    agreement: Annotated[str, Field(min_length=1, max_length=200, description="which agreement, as you name it")]
    date: Annotated[datetime.date, Field(description="since when it is in force")]


class VaultPlace(_Edge):
    """Where what stands for what is kept for tools and batches, and for how long.

    Attributes:
        at: ``memory`` (one process), ``database`` (where the records are), or ``redis://…``.
        at_env: The environment variable that holds the address instead, where it has a password.
        seconds: How long, a week at most.
    """

    at: Annotated[str, Field(pattern=r"^(memory|database|(redis|rediss|unix)://.+)$")] = "memory"
    at_env: str | None = None
    seconds: Annotated[float, Field(gt=0, le=604_800)] = 3600.0


class Fetching(_Edge):
    """Which pictures that an upstream leaves behind a URL are fetched to be labelled; without it none is.

    Attributes:
        hosts: Where they may stand: names, or ``.example.com`` for every name that ends so.
        seconds: How long one may take.
        bytes: How large one may be.
        private: Whether addresses inside of your own network, plain HTTP and other ports may be used too.
    """

    hosts: Annotated[
        tuple[Annotated[str, Field(pattern=r"^\.?[A-Za-z0-9:-][A-Za-z0-9.:-]*$")], ...], Field(min_length=1)
    ]
    seconds: Annotated[float, Field(gt=0, le=120)] = 20.0
    bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 32 * 1024 * 1024
    private: bool = False


class ResponsesPlace(_Edge):
    """Where answers are kept for ``previous_response_id``, and for how long.

    Attributes:
        at: ``memory`` (one process), ``database`` (where the records are), ``redis://…``, or ``nowhere``.
        at_env: The environment variable that holds the address instead, where it has a password.
        seconds: How long, 30 days at most.
        megabytes: How much is kept in memory; the oldest go first.
    """

    at: Annotated[str, Field(pattern=r"^(nowhere|memory|database|(redis|rediss|unix)://.+)$")] = "memory"
    at_env: str | None = None
    seconds: Annotated[float, Field(gt=0, le=2_592_000)] = 86_400.0
    megabytes: Annotated[float, Field(gt=0)] = 64.0


class Endpoint(_Edge):
    """An HTTP endpoint of the operator's.

    Attributes:
        url: Where.
        key_env: The environment variable that holds its key; None for none.
        model: Its model, where it has several.
        seconds: How long an answer may take.
    """

    url: Annotated[str, Field(pattern=r"^https?://.+$")]
    key_env: str | None = None
    model: str = ""
    seconds: Annotated[float, Field(gt=0, le=60)] = 3.0


class EmbeddingEndpoint(Endpoint):
    """An endpoint such as ``/v1/embeddings``, in place of the table of vectors that ships.

    Attributes:
        on_error: What it means that a question cannot be embedded: nothing is answered, or it is looked for by its
            words alone, which is counted.
    """

    on_error: Literal["refuse", "words"] = "refuse"


class KnowledgePlace(_Edge):
    """The knowledge base that policies ground answers in.

    Attributes:
        database: ``sqlite:///path`` or ``postgresql://…`` (with pgvector).
        database_env: The environment variable that holds the address instead, where it has a password.
        embeddings: What gives texts their meaning; without it the table that ships.
        rerank: An endpoint such as ``/v1/rerank`` that puts passages in order.
        search: The operator's own search, asked where no passage reaches ``unsure``.
        unsure: A confidence in [0, 1].
    """

    database: str = "sqlite:///var/knowledge.db"
    database_env: str | None = None
    embeddings: EmbeddingEndpoint | None = None
    rerank: Endpoint | None = None
    search: Endpoint | None = None
    unsure: Annotated[float, Field(ge=0, le=1)] = 0.3


class BankModel(_Edge):
    """What gives answer banks their meaning in place of the table that ships: an endpoint, or a model of your own.

    Attributes:
        url: An endpoint such as ``/v1/embeddings``,
        folder: or a folder with ``model.onnx`` and ``tokenizer.json`` (the extra ``answers-model``).
        key_env: The environment variable that holds the endpoint's key; None for none.
        model: Its model, where it has several. Vectors are kept under this name.
        prefix: What the model wants before every text, such as ``query: ``.
        seconds: How long the meaning of a question may take; then it is judged by the table that ships.
        building: How long the vectors of all new ways may take.
    """

    url: Annotated[str, Field(pattern=r"^https?://.+$")] | None = None
    folder: Annotated[str, Field(min_length=1)] | None = None
    key_env: str | None = None
    model: str = ""
    prefix: Annotated[str, Field(max_length=200)] = ""
    seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    building: Annotated[float, Field(gt=0, le=86_400)] = 600.0

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.url is None) == (self.folder is None):
            message = "embeddings needs one of url (an endpoint) and folder (a model of your own)"
            raise ValueError(message)
        if self.folder is not None and (self.key_env or self.model):
            message = "key_env and model belong to url: a folder holds one model, and needs no key"
            raise ValueError(message)
        return self


class AnswersPlace(_Edge):
    """How answer banks know what is meant.

    Attributes:
        embeddings: The model; without it the table that ships.
        vectors: The file that keeps the vectors of ways of asking.
    """

    embeddings: BankModel | None = None
    vectors: Annotated[str, Field(min_length=1)] = "var/answers.db"


class HandoffPlace(_Edge):
    """The people's system, which is told of every question that is handed over (a webhook).

    Attributes:
        url: Where it listens.
        secret_env: The environment variable with the secret that signs, both ways: 24 to 64 bytes in Base64.
        seconds: How long one try may take.
        tries: How often it is tried before a ticket is set aside.
        base: Seconds before the second try; each further pause is twice as long,
        longest: up to this. What is waited differs by chance.
    """

    url: Annotated[str, Field(pattern=r"^https?://.+$")]
    secret_env: Annotated[str, Field(min_length=1)]
    seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    tries: Annotated[int, Field(ge=1, le=100)] = 15
    base: Annotated[float, Field(gt=0, le=600)] = 2.0
    longest: Annotated[float, Field(gt=0, le=86_400)] = 3600.0


UnguardedPath = Annotated[
    str, Field(pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$", description="a path, such as /v1/files")
]
"""A path whose requests are handed on although nobody judges them, with all paths below it."""


class Retention(_Edge):
    """How long what is kept is kept; ``sluice privacy purge`` forgets the rest.

    Attributes:
        text_days: Days for the texts of records; None for as long as the record.
        record_days: Days for records altogether, six months at least; None for ever.
        classes: Days for texts with personal data of a class, such as ``pipl28``.
    """

    text_days: Annotated[float, Field(gt=0)] | None = None
    record_days: Annotated[float, Field(ge=184)] | None = None
    classes: dict[str, Annotated[float, Field(gt=0)]] = {}


class KeySettings(_Edge):
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


class Settings(_Edge):
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


def load_settings(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        file: ``sluice.yaml``; None for the one that ``SLUICE_CONFIG`` names, or for
            ``./sluice.yaml`` if there is one.
        environment: The process's environment variables.

    Raises:
        SettingsError: A file that is not there, or a value that cannot be, with file and line.
    """
    unknown = [name for name in environment if name.startswith("SLUICE_") and name not in ENVIRONMENT]
    if unknown:
        meant = [guess for name in sorted(unknown) if (guess := suggest(name, ENVIRONMENT))]
        hint = "; ".join([*meant, f"known ones are {', '.join(ENVIRONMENT)}"])
        raise SettingsError(f"unknown environment variable {', '.join(sorted(unknown))}", hint=hint)
    file = file or (Path(named) if (named := environment.get("SLUICE_CONFIG")) else None)
    if file is None and Path("sluice.yaml").is_file():
        file = Path("sluice.yaml")
    settings = _read(file) if file else Settings()
    return _override(settings, environment)


def _read(file: Path) -> Settings:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {os.strerror(error.errno or 0)}", hint="check SLUICE_CONFIG"
        ) from None
    document = read_document(content, str(file))
    settings = validate(document, Settings)
    # Paths in the file are relative to the file, wherever the process was started.
    changes: dict[str, Any] = {}
    if _is_path(settings.policy):
        changes["policy"] = str(file.parent / settings.policy)
    if settings.policies:
        changes["policies"] = {
            name: str(file.parent / policy) if _is_path(policy) else policy
            for name, policy in settings.policies.items()
        }
    if settings.stricter:
        changes["stricter"] = {
            name: str(file.parent / policy) if _is_path(policy) else policy
            for name, policy in settings.stricter.items()
        }
    if settings.answers.model_fields_set:
        changes["answers"] = _answers_beside(settings.answers, file.parent)
    if "spool" in settings.model_fields_set:
        changes["spool"] = str(file.parent / settings.spool)
    models = {name: _beside(model, file.parent) for name, model in settings.models.items()}
    return settings.model_copy(update={**changes, "models": models})


def _beside(model: Model, folder: Path) -> Model:
    """Return a model whose scripts are found from wherever the process was started."""

    def script(place: Place) -> dict[str, Any]:
        return {"script": str(folder / place.script)} if place.script else {}

    several = tuple(one.model_copy(update=script(one)) for one in model.upstreams)
    return model.model_copy(update={**script(model), "upstreams": several})


def _answers_beside(place: AnswersPlace, folder: Path) -> AnswersPlace:
    """Return where vectors are kept, and a model in a folder, as found from wherever the process was started."""
    said = place.embeddings
    if said is not None and said.folder is not None:
        said = said.model_copy(update={"folder": str(folder / said.folder)})
    kept = str(folder / place.vectors) if "vectors" in place.model_fields_set else place.vectors
    return place.model_copy(update={"embeddings": said, "vectors": kept})


def _is_path(policy: str) -> bool:
    """Whether a policy is a file, not the name of one that ships with Sluice."""
    return policy.endswith((".yaml", ".yml")) or "/" in policy


def _override(settings: Settings, environment: Mapping[str, str]) -> Settings:
    changes: dict[str, Any] = {}
    for variable, key in (
        ("SLUICE_POLICY", "policy"),
        ("SLUICE_DATABASE_URL", "database"),
        ("SLUICE_PRODUCER", "producer"),
    ):
        if value := environment.get(variable):
            changes[key] = value
    if workers := environment.get("SLUICE_WORKERS"):
        if not workers.isascii() or not workers.isdigit() or not 1 <= int(workers) <= 256:
            raise SettingsError(
                "SLUICE_WORKERS must be a number from 1 to 256", hint="it says how many processes serve"
            )
        changes["listen"] = settings.listen.model_copy(update={"workers": int(workers)})
    if upstream := environment.get("SLUICE_UPSTREAM"):
        if not upstream.startswith(("http://", "https://")):
            raise SettingsError("SLUICE_UPSTREAM must begin with http:// or https://", hint="name the base URL, …/v1")
        wanted = environment.get("SLUICE_MODEL") or "*"
        key_env = "SLUICE_UPSTREAM_KEY" if environment.get("SLUICE_UPSTREAM_KEY") else None
        changes["models"] = {wanted: Model(provider="openai_compatible", base_url=upstream, key_env=key_env)}
        changes["default_model"] = None if wanted == "*" else wanted
    elif environment.get("SLUICE_MODEL"):
        raise SettingsError("SLUICE_MODEL is set but SLUICE_UPSTREAM is not", hint="say where that model answers")
    settings = settings.model_copy(update=changes)
    if settings.producer is None and settings.demonstration:
        # A name, not a code: codes are the operator's alone.
        settings = settings.model_copy(update={"producer": "sluice-demonstration"})
    return settings
