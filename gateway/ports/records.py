"""What keeps records, and remembers texts that were judged before."""

from __future__ import annotations

from typing import Protocol

from gateway.exchange import Record
from gateway.verdict import Finding


class Records(Protocol):
    """Keeps records. ``admit`` makes room first, so that ``append`` never has to refuse."""

    def admit(self, *, anyway: bool = False) -> bool:
        """Reserve room for one record; False if there is none, or the store is failing.

        With ``anyway`` there is room also while the store is failing, as long as the queue has any:
        for exchanges that would pass without a record too.
        """
        ...

    def offer(self, record: Record) -> bool:
        """Hand over one record at once; its room was reserved. False if that takes waiting: then ``append`` it."""
        ...

    async def append(self, record: Record) -> None:
        """Hand over one record; its room was reserved. Returns before it is on disk."""
        ...


class Seen(Protocol):
    """Remembers scans of texts that were judged before, by digest of plan and text."""

    def get(self, key: bytes) -> tuple[Finding, ...] | None:
        """Return the findings of a text seen before, or None."""
        ...

    def put(self, key: bytes, findings: tuple[Finding, ...]) -> None:
        """Remember them; the oldest may be forgotten."""
        ...
