"""Ask one of several upstreams of a model, and another one if it fails: only while nothing of an answer is there.

Once the first piece of an answer came, nobody else is asked: the client may have seen it. And a refusal is an
answer: what a vendor's content filter stopped is asked nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import anyio
import orjson

from gateway.errors import (
    UpstreamBroke,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from gateway.exchange import Attempt
from gateway.ports import Call, Provider, Ticker, Upstream

ANY: Final = "*"
AFTER: Final = frozenset({"unreachable", "timeout", "broke", "408", "429", "5xx"})
"""After which outcomes somebody else is asked, unless the settings say otherwise."""

_LETTING_GO: Final = 5.0
_FILTERED: Final = frozenset(
    {
        "content_filter", "content_policy_violation", "contentfilter", "content_filtered", "moderation_blocked",
        "responsibleaipolicyviolation", "data_inspection_failed", "datainspectionfailed", "sensitivecontentdetected",
        "1301",
    }
)  # fmt: skip
"""What vendors call a refusal of their content filter, in ``code`` or ``type`` of an error, in lower case."""


@dataclass(slots=True)
class Condition:
    """How an upstream fares; one for all that ask it.

    Attributes:
        under_way: Calls that have not ended.
        failures: Failures in a row.
        rests_until: Until then it is asked last, on the monotonic clock.
    """

    under_way: int = 0
    failures: int = 0
    rests_until: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Arm:
    """One upstream of a model.

    Attributes:
        name: Its configured name.
        provider: Reaches it.
        model: Its own name of the model; ``*`` for the one that the client uses.
        weight: How often it is asked beside the others.
        concurrency: How many calls it takes at once; None for as many as there are.
        condition: How it fares.
    """

    name: str
    provider: Provider
    model: str
    weight: float = 1.0
    concurrency: int | None = None
    condition: Condition = field(default_factory=Condition, compare=False)


@dataclass(frozen=True, slots=True)
class Tries:
    """How often and after what to try again.

    Attributes:
        most: Tries for each model, the first included.
        base: Seconds before an upstream is asked again, at most; twice as much each time after,
        longest: but never more than this. How long it is really is drawn at random.
        within: Seconds after which no further try begins.
        after: Outcomes: ``unreachable``, ``timeout``, ``broke``, an HTTP status, or a class such as ``5xx``.
        failures: So many failures in a row let an upstream rest,
        rest: for so many seconds.
    """

    most: int = 3
    base: float = 0.5
    longest: float = 8.0
    within: float = 60.0
    after: frozenset[str] = AFTER
    failures: int = 3
    rest: float = 30.0


class Pool:
    """A provider that asks one of several.

    Args:
        name: The model's name, for messages.
        tiers: Upstreams of the model itself, then those of each model to fall back to.
        tries: How often and after what to try again.
        random: A number from 0 up to 1, another one each time.
        ticker: A monotonic clock.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        name: str,
        tiers: Sequence[Sequence[Arm]],
        tries: Tries,
        *,
        random: Callable[[], float],
        ticker: Ticker,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self._tiers = tuple(tuple(tier) for tier in tiers)
        self._tries, self._random, self._ticker, self._sleep = tries, random, ticker, sleep

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Every upstream that may be asked."""
        return tuple(arm for tier in self._tiers for arm in tier)

    def resting(self) -> int:
        """Return how many upstreams of the model itself rest now."""
        now = self._ticker()
        return sum(now < arm.condition.rests_until for arm in self._tiers[0])

    async def open(self, call: Call) -> Upstream:
        """Begin an answer.

        Raises:
            UpstreamBusy: Every upstream has as many calls under way as it takes.
            UpstreamError: What the last one that was asked said.
        """
        began, last = self._ticker(), None
        for resting in (False, True):  # who rests is asked only if there is nobody else
            for tier in self._tiers:
                answer, failure = await self._ask_tier(tier, call, began, resting=resting)
                if answer is not None:
                    return answer
                last = failure or last
            if last is not None:
                raise last
        raise UpstreamBusy(f"Model {self.name!r}: as many calls are under way as it takes.", upstream=self.name)

    async def aclose(self) -> None:
        """Close what the upstreams hold."""
        for arm in self.arms:
            await arm.provider.aclose()

    async def _ask_tier(
        self, tier: Sequence[Arm], call: Call, began: float, *, resting: bool
    ) -> tuple[Upstream | None, UpstreamError | None]:
        """Ask the upstreams of one model; return an answer, or the last failure if there was one."""
        tries, asked = self._tries, dict.fromkeys((arm.name for arm in tier), 0)
        failure: UpstreamError | None = None
        for number in range(1 if resting else tries.most):
            if failure is not None and self._ticker() - began >= tries.within:
                break
            arm = self._choose(tier, asked, resting=resting)
            if arm is None:
                break
            if asked[arm.name]:
                await self._sleep(self._pause(number, failure))
            asked[arm.name] += 1
            try:
                return await self._ask(arm, call), None
            except UpstreamError as error:
                failure = error
                if not self._worth_another(error):
                    raise
        return None, failure

    def _choose(self, tier: Sequence[Arm], asked: dict[str, int], *, resting: bool) -> Arm | None:
        """Choose who is asked next: by weight among those that were asked least, have room and do not rest."""
        now = self._ticker()
        free = [arm for arm in tier if arm.concurrency is None or arm.condition.under_way < arm.concurrency]
        if resting:
            return min(free, key=lambda arm: arm.condition.rests_until, default=None)
        awake = [arm for arm in free if now >= arm.condition.rests_until]
        if not awake:
            return None
        least = min(asked[arm.name] for arm in awake)
        fitting = [arm for arm in awake if asked[arm.name] == least]
        point = self._random() * sum(arm.weight for arm in fitting)
        for arm in fitting:
            point -= arm.weight
            if point < 0:
                return arm
        return fitting[-1]

    def _pause(self, number: int, failure: UpstreamError | None) -> float:
        """Return the seconds to wait before an upstream is asked again: at random, so that not all ask at once."""
        tries = self._tries
        wanted = _seconds_of(failure)
        if wanted is not None and wanted <= tries.longest:
            return wanted
        return self._random() * min(tries.longest, tries.base * 2.0 ** (number - 1))

    async def _ask(self, arm: Arm, call: Call) -> Upstream:
        """Ask one upstream, and wait for the first piece of its answer."""
        condition, started = arm.condition, self._ticker()
        condition.under_way += 1
        upstream: Upstream | None = None
        try:
            upstream = await arm.provider.open(_for(arm, call))
            pieces = upstream.chunks()
            first = await anext(pieces, None)
            if first is None:
                raise UpstreamBroke(f"Upstream {arm.name!r}: its answer was empty.", upstream=arm.name)
        except BaseException as error:
            condition.under_way -= 1
            if isinstance(error, UpstreamError):
                self._note(call, arm, outcome_of(error), started)
                self._failed(arm, error)
            if upstream is not None:
                with anyio.move_on_after(_LETTING_GO, shield=True):
                    await upstream.aclose()
            raise
        condition.failures = 0
        self._note(call, arm, "answered", started)
        return _Begun(self, arm, upstream, pieces, first)

    def _note(self, call: Call, arm: Arm, outcome: str, started: float) -> None:
        call.attempts.append(Attempt(arm.name, outcome, round((self._ticker() - started) * 1000, 3)))

    def _worth_another(self, error: UpstreamError) -> bool:
        outcome = outcome_of(error)
        classes = {outcome, f"{outcome[:1]}xx"} if outcome.isdigit() else {outcome}
        return not (classes.isdisjoint(self._tries.after) or is_filtered(error))

    def _failed(self, arm: Arm, error: UpstreamError) -> None:
        """Count a failure that says something of the upstream; let it rest if there were too many."""
        if not self._worth_another(error):
            return
        condition, now = arm.condition, self._ticker()
        condition.failures += 1
        if condition.failures >= self._tries.failures:
            condition.rests_until = now + self._tries.rest
        elif (wanted := _seconds_of(error)) is not None:
            condition.rests_until = max(condition.rests_until, now + min(wanted, self._tries.rest))


class _Begun:
    """An answer that has begun: its first piece is here."""

    def __init__(self, pool: Pool, arm: Arm, upstream: Upstream, pieces: AsyncIterator[bytes], first: bytes) -> None:
        self.content_type = upstream.content_type
        self._pool, self._arm, self._upstream, self._pieces, self._first = pool, arm, upstream, pieces, first
        self._closed = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come; raises what the upstream raises."""
        yield self._first
        try:
            async for piece in self._pieces:
                yield piece
        except UpstreamError as error:
            self._pool._failed(self._arm, error)
            raise

    async def aclose(self) -> None:
        """Let go of the connection; another call may take its place."""
        if not self._closed:
            self._closed = True
            self._arm.condition.under_way -= 1
        await self._upstream.aclose()


def outcome_of(error: UpstreamError) -> str:
    """Say in one word why there was no answer."""
    if isinstance(error, UpstreamUnreachable):
        return "unreachable"
    if isinstance(error, UpstreamTimeout):
        return "timeout"
    if isinstance(error, UpstreamBusy):
        return "busy"
    return str(error.status) if isinstance(error, UpstreamRefused) else "broke"


def is_filtered(error: UpstreamError) -> bool:
    """Whether a vendor's content filter refused: that is an answer, and stands."""
    if not isinstance(error, UpstreamRefused):
        return False
    try:
        body: Any = orjson.loads(error.body)
    except orjson.JSONDecodeError:
        return False
    said = body.get("error", body) if isinstance(body, dict) else None
    inner = said.get("innererror") if isinstance(said, dict) else None
    words = [part.get(key) for part in (said, inner) if isinstance(part, dict) for key in ("code", "type")]
    return any(isinstance(word, str | int) and str(word).lower() in _FILTERED for word in words)


def _for(arm: Arm, call: Call) -> Call:
    """Return the call as this upstream takes it: with its own name of the model."""
    if arm.model in (call.model, ANY):
        return call
    return replace(call, model=arm.model, body=_body(call, arm.model))


def _body(call: Call, model: str) -> bytes:
    if call.written is not None:
        return call.written(model)
    try:
        return orjson.dumps({**orjson.loads(call.body), "model": model})
    except (orjson.JSONDecodeError, TypeError):  # handed on as it is, whatever it is: no model is named in it
        return call.body


def _seconds_of(error: UpstreamError | None) -> float | None:
    """Return how long an upstream asks us to wait, where it says so in seconds."""
    said = error.retry_after if isinstance(error, UpstreamRefused) else None
    return float(said) if said and said.isascii() and said.isdigit() and len(said) <= 6 else None
