"""Which models lie behind: their upstreams, what they cost, and who is asked when one does not answer."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from gateway.settings.edge import Edge, Seconds

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


class Timeouts(Edge):
    """How long to wait for an upstream, in seconds."""

    connect: Seconds = 10.0
    first_byte: Seconds = 300.0
    idle: Seconds = 120.0


class PriceEntry(Edge):
    """What a model costs: money for a million tokens, in the currency of the settings. 0 is free, said so."""

    input: Annotated[float, Field(ge=0, le=1_000_000)]
    output: Annotated[float, Field(ge=0, le=1_000_000)]


class Place(Edge):
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


class RetryEntry(Edge):
    """How often and after what somebody is asked again, as long as nothing of an answer is there."""

    tries: Annotated[int, Field(ge=1, le=20, description="for each model, the first included")] = 3
    base: Annotated[float, Field(gt=0, le=600, description="seconds before the same upstream is asked again")] = 0.5
    longest: Annotated[float, Field(gt=0, le=600, description="it doubles each time, up to this")] = 8.0
    within: Annotated[float, Field(gt=0, le=3600, description="no try begins after so many seconds")] = 60.0
    after: Annotated[
        tuple[Outcome, ...], Field(min_length=1, description="unreachable, timeout, broke, 4xx, 5xx, or a status")
    ] = ("unreachable", "timeout", "broke", 408, 429, "5xx")


class CooldownEntry(Edge):
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
