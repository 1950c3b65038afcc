"""Puts questions to a judge within a budget, not too often at once, and not while it keeps failing; counts each."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from gateway.breaker import Breaker, Permit
from gateway.errors import (
    DetectorError,
    JudgeAway,
    JudgeNonsense,
    JudgeResting,
    JudgeTimeout,
    JudgeTooLong,
    JudgeUnasked,
)
from gateway.ports import Outside
from gateway.telemetry import names

_T = TypeVar("_T")
log = logging.getLogger("sluice")
_FAIR: Final = 0.9
"""A judge that had this share of the time, and gave no verdict, was asked fairly."""
_EVERY: Final = 60.0
"""Seconds between two lines of the log about the same kind of failure."""
_SILENT: Final = frozenset({"resting", "unasked"})
"""What follows from failures that were told, or from not asking."""
_OUTCOMES: Final[Mapping[type[DetectorError], str]] = {
    JudgeTimeout: "timeout",
    JudgeAway: "away",
    JudgeNonsense: "nonsense",
    JudgeResting: "resting",
    JudgeTooLong: "too_long",
    JudgeUnasked: "unasked",
}


@dataclass(frozen=True, slots=True)
class Care:
    """How carefully to ask.

    Attributes:
        timeout: Seconds from the question to the verdict, waiting for a free place included.
        at_once: How many questions may be under way.
        remember: How many verdicts to remember.
        failures: So many failures in a row open the breaker,
        seconds: for so long.
        longest: The most characters to ask about at once; a longer text is asked about in pieces.
    """

    timeout: float = 3.0
    at_once: int = 16
    remember: int = 10_000
    failures: int = 5
    seconds: float = 30.0
    longest: int = 8_000


@dataclass(slots=True)
class _UnderWay(Generic[_T]):
    """A question that is being asked, and how many wait for what is said."""

    task: asyncio.Future[_T]
    waiting: int = 0


class Patience(Generic[_T]):
    """Asks within the budget, and remembers verdicts by digest; errors are not remembered.

    Who asks what is being asked already waits for that verdict, or that error, and no longer than who asked first.

    Args:
        name: What metrics call the judge: its kind and model, no text.
        care: How carefully.
        outside: Counts, and tells the time.

    Attributes:
        known: What was said, by digest: no texts.
    """

    def __init__(self, name: str, care: Care, outside: Outside) -> None:
        self._name, self._care = name, care
        self._counters, self._ticker = outside.counters, outside.ticker
        self._free = asyncio.Semaphore(care.at_once)
        self.known: OrderedDict[bytes, _T] = OrderedDict()
        self._under_way: dict[bytes, _UnderWay[_T]] = {}
        self._told: dict[str, float] = {}
        self._breaker = Breaker(care.failures, care.seconds, outside.ticker, self._changed)
        outside.watch(name, lambda: self._breaker.state != "closed")

    async def __call__(self, key: bytes, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Return what is known of a question, or ask it; raises ``DetectorError``.

        Args:
            key: A digest of the whole question.
            ask: Asks once.
        """
        if key in self.known:
            self.known.move_to_end(key)
            self._counters.add(names.JUDGE_CACHED, judge=self._name)
            return self.known[key]
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._under_way[key] = _UnderWay(asyncio.ensure_future(self._asked(ask)))
            under_way.task.add_done_callback(lambda task: self._ended(key, task))
        else:
            self._counters.add(names.JUDGE_CACHED, judge=self._name)
        under_way.waiting += 1
        try:
            return await asyncio.shield(under_way.task)
        finally:
            under_way.waiting -= 1
            if not under_way.waiting and not under_way.task.done():  # nobody wants to know any more
                del self._under_way[key]
                under_way.task.cancel()

    def _ended(self, key: bytes, task: asyncio.Future[_T]) -> None:
        """Remember what was said, if something was."""
        under_way = self._under_way.get(key)
        if under_way is not None and under_way.task is task:
            del self._under_way[key]
        if task.cancelled() or task.exception() is not None or not self._care.remember:
            return
        self.known[key] = task.result()
        if len(self.known) > self._care.remember:
            self.known.popitem(last=False)

    def count(self, outcome: str) -> None:
        """Count a question that came to this."""
        self._counters.add(names.JUDGE_CALLS, judge=self._name, outcome=outcome)

    async def _asked(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask within the budget; count what came of it, and let the breaker know."""
        began = asked = self._ticker()
        outcome, permit, well = "given_up", None, None
        try:
            async with asyncio.timeout(self._care.timeout), self._free:
                permit, asked = self._admit(), self._ticker()
                said = await ask()
            outcome, well = "verdict", True
            return said
        except TimeoutError:
            # Who waited for a place until little was left of the time says nothing about the judge.
            had = self._ticker() - asked
            outcome, well = "timeout", None if had < _FAIR * self._care.timeout else False
            error = JudgeTimeout(f"no verdict within {self._care.timeout:g} s")
            self._tell(outcome, error)
            raise error from None
        except DetectorError as error:
            outcome, well = _OUTCOMES.get(type(error), "error"), _well(error)
            self._tell(outcome, error)
            raise
        except Exception:
            outcome = "error"
            raise
        finally:
            if permit is not None:
                self._breaker.settle(permit, well)
                self._counters.observe(names.JUDGE_DURATION, self._ticker() - began, judge=self._name)
            self.count(outcome)

    def _tell(self, outcome: str, error: DetectorError) -> None:
        """Write to the log why it could not judge, each kind of failure at most so often; no text, no secret."""
        now = self._ticker()
        if outcome in _SILENT or now - self._told.get(outcome, -_EVERY) < _EVERY:
            return
        self._told[outcome] = now
        log.warning("judge %s could not judge: %s (%s)", self._name, error, outcome)

    def _admit(self) -> Permit:
        permit = self._breaker.admit()
        if permit is None:
            raise JudgeResting("it failed too often and is left alone for a while")
        return permit

    def _changed(self, state: str) -> None:
        self._counters.add(names.JUDGE_BREAKER, judge=self._name, state=state)


def _well(error: DetectorError) -> bool | None:
    """What an error says about the judge: nonsense is an answer, and texts may be why it came."""
    if isinstance(error, JudgeNonsense) or (isinstance(error, JudgeAway) and not error.counts):
        return None
    return False
