"""Time, ids, counters, and what is fetched: the little of the world that everything may need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Counters(Protocol):
    """Counts and measures. Names are pinned in ``telemetry.names``; no text in attributes."""

    def add(self, name: str, amount: int = 1, **attributes: str) -> None:
        """Add to a counter."""
        ...

    def observe(self, name: str, value: float, **attributes: str) -> None:
        """Note a value in a histogram."""
        ...


Clock = Callable[[], float]
"""Seconds since the epoch."""

Ticker = Callable[[], float]
"""Seconds of a monotonic clock, for durations."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Fetch what stands behind a URL, for its label; raises ``LabelError`` for what may not or cannot be fetched."""

Ids = Callable[[], str]
"""A new unique id: 26 characters, digits and capital letters (a label's ``ProduceID``)."""
