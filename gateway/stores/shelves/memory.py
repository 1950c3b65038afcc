"""Keeps sealed bytes in this process; the oldest go first when there are too many."""

from __future__ import annotations

from gateway.ports import Clock


class MemoryShelf:
    """A shelf for one process.

    Args:
        clock: The time.
        most: How many entries it holds.
        most_bytes: How many bytes in all of them; None for any number.
    """

    def __init__(self, clock: Clock, most: int = 100_000, most_bytes: int | None = None) -> None:
        self._clock, self._most, self._most_bytes = clock, most, most_bytes
        self._kept: dict[str, tuple[bytes, float]] = {}
        self._bytes = 0

    async def put(self, name: str, sealed: bytes, until: float) -> None:
        """Keep bytes under a name until a time; what was there before is gone."""
        self._forget(name)
        self._kept[name] = sealed, until
        self._bytes += len(sealed)
        now = self._clock()
        # Entries live equally long, so the first is the next to go.
        while self._kept and (self._full() or next(iter(self._kept.values()))[1] <= now):
            self._forget(next(iter(self._kept)))

    async def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None."""
        sealed, until = self._kept.get(name, (b"", 0.0))
        if until <= self._clock():
            self._forget(name)
            return None
        return sealed

    def _full(self) -> bool:
        return len(self._kept) > self._most or (self._most_bytes is not None and self._bytes > self._most_bytes)

    def _forget(self, name: str) -> None:
        self._bytes -= len(self._kept.pop(name, (b"", 0.0))[0])

    async def aclose(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
