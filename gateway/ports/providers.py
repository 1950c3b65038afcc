"""What reaches models, and where a model's name leads."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from gateway.exchange import Attempt, Usage


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a model.

    Attributes:
        id: The exchange's id, for the provider's own log.
        path: Below the upstream's base URL, such as ``/chat/completions``.
        model: The upstream's own name of the model.
        body: The request in the dialect's wire format, UTF-8 JSON.
        stream: Whether pieces are asked for.
        headers: Further headers of this one call, such as a signature, in lower case. Ours, or of the few
            that the dialect hands on, such as ``anthropic-version``; never one that tells who asks.
        method: Other than POST only for what is handed on unguarded.
        written: Writes the body for an upstream that has another name for the model; None where nobody can.
        attempts: Whoever has several upstreams to ask notes here whom it asked.
    """

    id: str
    path: str
    model: str
    body: bytes
    stream: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    written: Callable[[str], bytes] | None = None
    attempts: list[Attempt] = field(default_factory=list)


class Upstream(Protocol):
    """An answer that has begun: HTTP status 200, bytes to follow in OpenAI's wire format."""

    content_type: str

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come, cut anywhere; raises ``UpstreamError``."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection; safe to call twice, and in mid-answer."""
        ...


class Provider(Protocol):
    """A way to reach models. Speaks OpenAI's wire format towards us, whatever lies behind."""

    name: str

    async def open(self, call: Call) -> Upstream:
        """Begin an answer; raises ``UpstreamError`` when there is none."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Price(NamedTuple):
    """What a model costs: money for a million tokens, in the currency of the settings."""

    input: float
    output: float

    def micros(self, tokens: Usage) -> int:
        """Return what so many tokens cost, in millionths of the currency, rounded up."""
        exact = tokens.input * self.input + tokens.output * self.output
        return math.ceil(round(exact, 3))


@dataclass(frozen=True, slots=True)
class Route:
    """Where a model name leads.

    Attributes:
        name: The name that clients use.
        provider: Reaches the model.
        model: The upstream's own name of it.
        region: In which region that is; empty: nobody said.
        wire: What the provider speaks towards us.
        prices: What the model costs, for each upstream that may answer, by its name; one that is not there
            has no known price.
        upstreams: Names of all of them; empty for one that has the model's name.
        regions: In which region each of them is, where they differ.
        openai: Reaches the same in OpenAI's format; None if ``provider`` does.
    """

    name: str
    provider: Provider
    model: str
    region: str = ""
    wire: Literal["openai", "anthropic"] = "openai"
    prices: Mapping[str, Price] = field(default_factory=dict)
    upstreams: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)
    openai: Provider | None = None

    def price_of(self, upstream: str) -> Price | None:
        """Return what the model costs at this upstream, or None if nobody said."""
        return self.prices.get(upstream)

    def highest(self) -> Price | None:
        """Return what it may cost at most, whoever answers; None if that of one of them is not known."""
        names = self.upstreams or tuple(self.prices)
        known = [self.prices[name] for name in names if name in self.prices]
        if not known or len(known) < len(names):
            return None
        return Price(max(price.input for price in known), max(price.output for price in known))


Resolve = Callable[[str], Route]
"""Find the route of a model name; raises ``RequestError`` 404 for an unknown one."""
