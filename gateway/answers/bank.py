"""What an answer bank is: entries that belong together, and from which score on they answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from gateway.answers.entry import Entry


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on an entry answers, and from which on it asks back."""

    answer: float
    ask: float


@dataclass(frozen=True, slots=True)
class Bank:
    """Entries that belong together.

    Attributes:
        name: For people.
        entries: In the order of the file.
        file: Where they were read from.
        thresholds: Of this set of entries; None for the matcher's own.
        version: A digest of all that can change an answer.
    """

    name: str
    entries: tuple[Entry, ...]
    file: str = ""
    thresholds: Thresholds | None = None

    @property
    def version(self) -> str:
        """A digest of all that can change an answer."""
        parts = [f"{entry.name} {entry.state} {entry.digest}" for entry in self.entries]
        return hashlib.sha256("\n".join([*parts, str(self.thresholds)]).encode()).hexdigest()[:16]
