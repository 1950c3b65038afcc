"""Records in a list: for tests, demos and benchmarks, where nothing has to outlive the process."""

from __future__ import annotations

import anyio

from gateway.exchange import Record


class MemoryRecords:
    """Implements the port ``Records``.

    Args:
        capacity: How many records it has room for; None for no limit.
        delay: Seconds that ``append`` waits before it keeps the record: a caller that may be
            cancelled meanwhile must shield it (law 5).

    Attributes:
        records: What was appended, in order.
    """

    def __init__(self, capacity: int | None = None, delay: float = 0.0) -> None:
        self._capacity, self._delay = capacity, delay
        self._admitted = 0
        self.records: list[Record] = []

    def admit(self, *, anyway: bool = False) -> bool:
        """Reserve room for one record; False if there is none. Memory does not fail: ``anyway`` changes nothing."""
        del anyway
        if self._capacity is not None and self._admitted >= self._capacity:
            return False
        self._admitted += 1
        return True

    def release(self) -> None:
        """Give back an admission that was not used."""
        self._admitted -= 1

    def offer(self, record: Record) -> bool:
        """Keep one record, if that takes no waiting."""
        if self._delay:
            return False
        self.records.append(record)
        return True

    async def append(self, record: Record) -> None:
        """Keep one record."""
        if self._delay:
            await anyio.sleep(self._delay)
        self.records.append(record)
