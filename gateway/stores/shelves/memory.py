"""Keeps sealed bytes in this process; the oldest go first when there are too many."""

from __future__ import annotations

from gateway.ports import Clock


class MemoryShelf:
    """A shelf for one process.

    Args:
        clock: The time.
        most: How many entries it holds.
    """

    def __init__(self, clock: Clock, most: int = 100_000) -> None:
        self._clock, self._most = clock, most
        self._kept: dict[str, tuple[bytes, float]] = {}

    async def put(self, name: str, sealed: bytes, until: float) -> None:
        """Keep bytes under a name until a time; what was there before is gone."""
        self._kept.pop(name, None)
        self._kept[name] = sealed, until
        now = self._clock()
        # Entries live equally long, so the first is the next to go.
        while self._kept and (len(self._kept) > self._most or next(iter(self._kept.values()))[1] <= now):
            del self._kept[next(iter(self._kept))]

    async def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None."""
        sealed, until = self._kept.get(name, (b"", 0.0))
        if until <= self._clock():
            self._kept.pop(name, None)
            return None
        return sealed

    async def aclose(self) -> None:
        """Forget everything."""
        self._kept.clear()
