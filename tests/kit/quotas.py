"""Quotas for tests: a clock that goes when it is told to, and names of keys that nobody else uses."""

from __future__ import annotations

import itertools

from gateway.exchange import Quota
from gateway.ports import Quotas, Reservation, Spend

NOON = 1_790_000_000.0
DAY = 86_400.0
names = (f"key-{number}" for number in itertools.count())


class Hand:
    """A clock that goes when it is told to."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def take(quotas: Quotas, key: str, quota: Quota, tokens: int = 0, micros: int = 0) -> Reservation:
    """Ask for what is certain to be used."""
    need = Spend(tokens, micros)
    return await quotas.reserve(key, quota, need, need)
