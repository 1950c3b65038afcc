"""Counts what keys use in this process: exact on one node, nothing survives a restart."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from gateway.exchange import Quota
from gateway.limits.window import SPAN, Counted, amounts_of, ask, changes_of, day_of, reservation
from gateway.ports import Clock, Reservation, Spend
from gateway.verdict import OnError


@dataclass(slots=True)
class _Counts:
    """What is counted of one key; the days are those of which something is known."""

    requests: dict[int, int] = field(default_factory=dict)
    tokens: dict[int, int] = field(default_factory=dict)
    day_tokens: dict[int, int] = field(default_factory=dict)
    day_micros: dict[int, int] = field(default_factory=dict)

    def forget(self, now: float, today: int) -> None:
        """Leave out what holds no more; yesterday is kept for what began then."""
        for by_second in (self.requests, self.tokens):
            for second in [second for second in by_second if second <= int(now) - SPAN]:
                del by_second[second]
        for by_day in (self.day_tokens, self.day_micros):
            for day in [day for day in by_day if day < today - 1]:
                del by_day[day]


class MemoryQuotas:
    """Implements the port ``Quotas`` for one process.

    No await stands between looking and counting, so no other request comes between.

    Args:
        clock: The time.
        offset: Seconds that the operator's own time is ahead of UTC: when a day begins.
        assumed: Tokens that an answer is taken to have where the request states no most.
        most: How many keys are kept; those that have not asked for longest go first.
    """

    on_lost: OnError = "refuse"

    def __init__(self, clock: Clock, *, offset: int = 0, assumed: int = 1024, most: int = 100_000) -> None:
        self._clock, self._offset, self._most = clock, offset, most
        self.assumed = assumed
        self._kept: OrderedDict[str, _Counts] = OrderedDict()

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> Reservation:
        """Set aside what an exchange will use."""
        now = self._clock()
        today = day_of(now, self._offset)
        counts = self._counts(key, now, today)
        amounts = amounts_of(quota, least, likely)
        counted = Counted(
            counts.requests, counts.tokens, counts.day_tokens.get(today, 0), counts.day_micros.get(today, 0)
        )
        answer = ask(counted, quota, amounts, now, self._offset)
        if answer.spent < 0:
            second = int(now)
            counts.requests[second] = counts.requests.get(second, 0) + 1
            _add(counts.tokens, second, amounts[0])
            _add(counts.day_tokens, today, amounts[1])
            _add(counts.day_micros, today, amounts[2])
        return reservation(key, quota, now=now, amounts=amounts, least=least, answer=answer)

    async def settle(self, reservation: Reservation, used: Spend) -> None:
        """Count what was really used: less is given back where it was taken, more is counted now."""
        now = self._clock()
        today = day_of(now, self._offset)
        counts = self._counts(reservation.key, now, today)
        minute, day, micros = changes_of(reservation, used)
        then, began = int(reservation.at), day_of(reservation.at, self._offset)
        _change(counts.tokens, then, int(now), minute)
        _change(counts.day_tokens, began, today, day)
        _change(counts.day_micros, began, today, micros)

    def _counts(self, key: str, now: float, today: int) -> _Counts:
        counts = self._kept.setdefault(key, _Counts())
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        counts.forget(now, today)
        return counts

    async def aclose(self) -> None:
        """Nothing is held."""


def _add(counts: dict[int, int], at: int, amount: int) -> None:
    if amount:
        counts[at] = counts.get(at, 0) + amount


def _change(counts: dict[int, int], then: int, now: int, change: int) -> None:
    """Give back where something was taken, unless that holds no more; take what is missing now."""
    if change > 0:
        _add(counts, now, change)
    elif change < 0 and then in counts:
        counts[then] = max(counts[then] + change, 0)
