"""How much of a quota is used, told from counts by second and by day: arithmetic, no I/O, no clock.

A minute is the last 60 seconds, not the one on the clock: counts are kept by second, and a count holds
until no instant of its second lies within the last 60 seconds. So no 60 seconds, wherever they begin,
hold more than the quota. Days begin at midnight of the operator's own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from gateway.exchange import Quota
from gateway.ports import Balance, LimitName, Reservation, Spend

SPAN: Final = 61
"""Seconds for which a count holds: 60, and the second in which it was made."""

DAY: Final = 86_400

_NAMES: Final[tuple[LimitName, ...]] = ("requests", "tokens", "day_tokens", "day_money")


class Counted(NamedTuple):
    """What is counted of one key; only counts that still hold.

    Attributes:
        requests: By the second since the epoch.
        tokens: Likewise.
        day_tokens: Of today.
        day_micros: Of today.
    """

    requests: Mapping[int, int]
    tokens: Mapping[int, int]
    day_tokens: int = 0
    day_micros: int = 0


class Answer(NamedTuple):
    """What a counter says to a request.

    Attributes:
        spent: Number of the limit that does not allow it, in the order of ``limits_of``; -1 if all do.
        wait: Seconds until that limit would allow it.
        used: For each limit what is used, this request included if it is allowed.
        resets: For each limit the seconds until all of it is there again.
    """

    spent: int
    wait: float
    used: tuple[int, int, int, int]
    resets: tuple[float, float, float, float]


def limits_of(quota: Quota) -> tuple[int, int, int, int]:
    """Return the limits in the order in which counters know them; -1 for none."""
    limits = (quota.requests, quota.tokens, quota.day_tokens, quota.day_micros)
    first, second, third, fourth = (-1 if limit is None else limit for limit in limits)
    return first, second, third, fourth


def day_of(now: float, offset: int) -> int:
    """Return the number of the day; ``offset`` is the operator's own time, in seconds ahead of UTC."""
    return int(now + offset) // DAY


def day_ends(now: float, offset: int) -> float:
    """Return the seconds until the day ends."""
    return DAY - (now + offset) % DAY


def amounts_of(quota: Quota, least: Spend, likely: Spend) -> tuple[int, int, int]:
    """Return what to set aside of the tokens of the minute, of the day's, and of the day's money.

    What an exchange only probably uses is set aside as far as a limit allows it at all: who does not say how
    long an answer may be could otherwise never ask under a small quota.
    """

    def amount(limit: int | None, certain: int, probable: int) -> int:
        return probable if limit is None else max(certain, min(probable, limit))

    return (
        amount(quota.tokens, least.tokens, likely.tokens),
        amount(quota.day_tokens, least.tokens, likely.tokens),
        amount(quota.day_micros, least.micros, likely.micros),
    )


def ask(counted: Counted, quota: Quota, amounts: tuple[int, int, int], now: float, offset: int) -> Answer:
    """Say whether a quota allows a request; changes nothing.

    Args:
        counted: What is used.
        quota: What may be.
        amounts: What the request needs: tokens of the minute, of the day, millionths of the day.
        now: Seconds since the epoch.
        offset: As for ``day_of``.
    """
    limits = limits_of(quota)
    needs = (1, *amounts)
    minutes = (counted.requests, counted.tokens)
    used = (sum(minutes[0].values()), sum(minutes[1].values()), counted.day_tokens, counted.day_micros)
    spent, wait = -1, 0.0
    for number, (limit, need, so_far) in enumerate(zip(limits, needs, used, strict=True)):
        if limit >= 0 and so_far + need > limit:
            over = so_far + need - limit
            longer = _until(minutes[number], over, now) if number < 2 else day_ends(now, offset)
            if spent < 0 or longer > wait:  # the one that keeps it waiting longest is the one to tell
                spent, wait = number, longer
    if spent < 0:
        used = (used[0] + 1, used[1] + amounts[0], used[2] + amounts[1], used[3] + amounts[2])
    fresh = int(now) + SPAN - now
    resets = [
        fresh if spent < 0 and needs[number] else max(minutes[number], default=int(now) - SPAN) + SPAN - now
        for number in (0, 1)
    ]
    ends = day_ends(now, offset)
    return Answer(spent, wait, used, (max(resets[0], 0.0), max(resets[1], 0.0), ends, ends))


def _until(counts: Mapping[int, int], over: int, now: float) -> float:
    """Return the seconds until so much holds no more; if it never will, until nothing does."""
    last = int(now)
    for second in sorted(counts):
        last = second
        over -= counts[second]
        if over <= 0:
            break
    return last + SPAN - now


def reservation(
    key: str, quota: Quota, *, now: float, amounts: tuple[int, int, int], least: Spend, answer: Answer
) -> Reservation:
    """Return what a counter's answer means."""
    limits = limits_of(quota)
    standing = tuple(
        Balance(name, limit, max(limit - used, 0), reset)
        for name, limit, used, reset in zip(_NAMES, limits, answer.used, answer.resets, strict=True)
        if limit >= 0
    )
    if answer.spent < 0:
        return Reservation(key, quota, now, amounts, standing)
    need = (1, least.tokens, least.tokens, least.micros)[answer.spent]
    never = need > limits[answer.spent]
    return Reservation(key, quota, now, (0, 0, 0), standing, _NAMES[answer.spent], answer.wait, never)


def changes_of(reserved: Reservation, used: Spend) -> tuple[int, int, int]:
    """Return how much more (or less) was used than set aside: tokens of the minute, of the day, millionths."""
    minute, day, micros = reserved.taken
    return used.tokens - minute, used.tokens - day, used.micros - micros
