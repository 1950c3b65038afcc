"""The quota of one exchange: set aside before it, settled by what it really used, and told to the client."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard

from gateway.errors import QuotaError, RequestError
from gateway.exchange import UNLIMITED, Grant, Question, Usage
from gateway.pipeline.answer import guessed_tokens
from gateway.pipeline.trace import Trace
from gateway.ports import Balance, LimitName, Ports, Price, Reservation, Route, Spend
from gateway.telemetry import names

_MOST: Final = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_SILENT: Final = frozenset({"embeddings"})
"""Dialects whose answers are no text."""

_FREE: Final = frozenset({"count_tokens"})
"""Dialects that ask no model to answer."""

_SAID: Final[Mapping[LimitName, str]] = {
    "requests": "requests per minute",
    "tokens": "tokens per minute",
    "day_tokens": "tokens per day",
    "day_money": "money per day",
}
_OPENAI: Final[Mapping[LimitName, str]] = {
    "requests": "requests",
    "tokens": "tokens",
    "day_tokens": "tokens-day",
    "day_money": "money-day",
}


def check_model(model: str, grant: Grant) -> None:
    """Raise ``RequestError`` 403 for a model that a key may not ask."""
    if grant.models and model not in grant.models:
        text = f"This key may not ask this model; it may ask {', '.join(grant.models)}."
        raise RequestError(text, status=403, code="model_not_allowed", param="model")


class Metering:
    """Keeps the quota of one exchange.

    Args:
        trace: The exchange.
        ports: Has the counters.
    """

    def __init__(self, trace: Trace, ports: Ports) -> None:
        self._trace, self._ports = trace, ports
        self._held: Reservation | None = None

    @property
    def holds(self) -> bool:
        """Whether something is set aside that was not settled yet."""
        return self._held is not None

    async def reserve(self, question: Question, route: Route | None) -> None:
        """Set aside what the exchange will use; raises ``RequestError`` 429 where the quota does not allow it.

        Args:
            question: What is asked.
            route: Where it goes; None where no model is asked: then it is a request and nothing else.
        """
        trace, quotas, quota = self._trace, self._ports.quotas, self._trace.caller.grant.quota
        if quota == UNLIMITED or quotas is None:
            return
        price = route.highest() if route else Price(0, 0)
        if quota.day_micros is not None and price is None:
            text = "This key has a budget, and nobody said what this model costs: ask the operator for its price."
            raise RequestError(text, status=403, code="model_without_price", param="model")
        least, likely = estimate(question, quotas.assumed) if route else (Usage(), Usage())
        try:
            held = await quotas.reserve(
                trace.caller.key,
                quota,
                Spend(least.input + least.output, price.micros(least) if price else 0),
                Spend(likely.input + likely.output, price.micros(likely) if price else 0),
            )
        except QuotaError:
            self._lost(quotas.on_lost == "pass")
            return
        trace.standing = headers(held.standing, question.dialect, self._ports.clock())
        if held.spent is None:
            self._held = held
            return
        trace.limits.append(f"quota.spent.{held.spent}")
        self._ports.counters.add(names.QUOTA_REFUSED, tenant=trace.caller.tenant, limit=held.spent)
        wait = max(math.ceil(held.wait), 1)
        raise RequestError(_refusal(held, wait), status=429, code="rate_limit_exceeded", retry_after=wait)

    async def reserve_uncounted(self, question: Question) -> None:
        """Set aside a request whose tokens nobody counts; raises ``RequestError`` where these have a quota."""
        quota = self._trace.caller.grant.quota
        if (quota.tokens, quota.day_tokens, quota.day_micros) != (None, None, None):
            text = "This key has a quota of tokens or money, and what this path uses is not counted: it is not served."
            raise RequestError(text, status=403, code="use_not_counted")
        await self.reserve(question, None)

    async def settle(self) -> None:
        """Count what the exchange really used; once, and whatever became of it."""
        held, self._held = self._held, None
        if held is None or self._ports.quotas is None:
            return
        used = self._trace.used()
        micros = self._trace.price.micros(used) if self._trace.price else 0
        try:
            await self._ports.quotas.settle(held, Spend(used.input + used.output, micros))
        except QuotaError:
            self._trace.limits.append("quota.unsettled")
            self._ports.counters.add(names.QUOTA_UNSETTLED)

    def _lost(self, passes: bool) -> None:
        """The counters cannot be reached: go on without, or refuse, as the settings say."""
        if passes:
            self._trace.limits.append("quota.unchecked")
            self._ports.counters.add(names.QUOTA_UNCHECKED)
            return
        self._trace.limits.append("quota.lost")
        self._ports.counters.add(names.QUOTA_LOST)
        text = "The quota of this key cannot be looked up at present, so no request is taken; ask again."
        raise RequestError(text, status=503, code="quota_unavailable", retry_after=5)


def estimate(question: Question, assumed: int) -> tuple[Usage, Usage]:
    """Return the tokens that a question uses in any case, and those that it probably uses."""
    if question.dialect in _FREE:
        return Usage(), Usage()
    asked = sum(guessed_tokens(slot.text) for slot in question.slots)
    if question.wordless or question.dialect in _SILENT:
        return Usage(asked), Usage(asked)
    stated: list[int] = [limit for name in _MOST if _is_count(limit := question.body.get(name))]
    if stated:
        most = Usage(asked, min(stated) * question.choices)
        return most, most
    return Usage(asked), Usage(asked, assumed * question.choices)


def headers(standing: Sequence[Balance], dialect: str, now: float) -> dict[str, str]:
    """Return the headers that tell a client how it stands: OpenAI's names, and Anthropic's in their dialect."""
    out: dict[str, str] = {}
    for one in standing:
        name = _OPENAI[one.name]
        out[f"x-ratelimit-limit-{name}"] = str(one.limit)
        out[f"x-ratelimit-remaining-{name}"] = str(one.left)
        out[f"x-ratelimit-reset-{name}"] = f"{one.reset:.3f}s"
        if dialect in ("messages", "count_tokens") and one.name in ("requests", "tokens"):
            at = datetime.fromtimestamp(math.ceil(now + one.reset), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            out[f"anthropic-ratelimit-{name}-limit"] = str(one.limit)
            out[f"anthropic-ratelimit-{name}-remaining"] = str(one.left)
            out[f"anthropic-ratelimit-{name}-reset"] = at
    return out


def _refusal(held: Reservation, wait: int) -> str:
    name = _SAID[held.spent] if held.spent else ""
    if held.never:
        return f"This request needs more than the quota of this key allows at all ({name}): ask for less."
    return f"The quota of this key is spent ({name}): ask again in {wait} s."


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
