"""How many exchanges are under way: whoever begins one says so, and says so when its record was handed over."""

from __future__ import annotations


class Underway:
    """Counts the blocks that are being run; for one event loop.

    Attributes:
        count: How many there are now.
    """

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        """One more."""
        self.count += 1

    def __exit__(self, *_: object) -> None:
        """One less, however it ended."""
        self.count -= 1
