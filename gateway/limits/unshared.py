"""Counts nothing: several processes that each counted alone would give every key its quota once in each."""

from __future__ import annotations

from typing import NoReturn

from gateway.errors import QuotaError
from gateway.exchange import Quota
from gateway.ports import Reservation, Spend
from gateway.verdict import OnError


class UnsharedQuotas:
    """Implements the port ``Quotas`` where there is nothing that all processes could count in.

    Args:
        assumed: As of the port.
        on_lost: What it means for requests under a quota.
    """

    def __init__(self, *, assumed: int, on_lost: OnError) -> None:
        self.assumed, self.on_lost = assumed, on_lost

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> NoReturn:
        """Raise ``QuotaError``: nobody knows what the other processes have counted."""
        raise QuotaError("several workers have no counters that they share; set keys: {counters: redis://…}")

    async def settle(self, reservation: Reservation, used: Spend) -> NoReturn:
        """Raise ``QuotaError``: nothing was ever set aside."""
        raise QuotaError("several workers have no counters that they share; set keys: {counters: redis://…}")
