"""What is kept of a document: its passages, for whom they are, and what speaks against using them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""One dimension, of length 1 (or all zeros for a text without words)."""


class Meaning(NamedTuple):
    """What made vectors; those of two of these say nothing beside each other.

    Attributes:
        name: The table or the endpoint's model.
        size: How many numbers a vector has.
    """

    name: str
    size: int

    def __str__(self) -> str:
        return f"{self.name} ({self.size} numbers)"


class Mark(NamedTuple):
    """What tells a document from what its name stood for before, or stands for later.

    Attributes:
        digest: Of its bytes.
        access: Labels of which a caller needs one.
        added: When, seconds since the epoch.
    """

    digest: str
    access: frozenset[str]
    added: float


def differing(kept: Meaning, asked: Meaning) -> str:
    """Say that what is kept and what is asked with do not go together, and what to do."""
    return f"the passages were embedded by {kept}, and now {asked} is asked — embed them anew: sluice kb rebuild"


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """A passage as it is kept.

    Attributes:
        id: Unique for its tenant: the document's name, ``#`` and the passage's number.
        document: The document's name.
        title: The document's title.
        link: Where people find the document; empty for nowhere.
        text: What it says.
        headings: The headings above it.
        place: Where it stands in the document, for people.
        access: Labels of which a caller needs one; empty for everybody.
        flagged: Risks that were found in it when it came in, such as ``attack.indirect``; such a passage is
            kept and listed, but never used.
        vector: Its meaning.
    """

    id: str
    document: str
    title: str
    link: str
    text: str
    headings: tuple[str, ...]
    place: str
    access: frozenset[str]
    flagged: tuple[str, ...]
    vector: Vector

    @property
    def searched(self) -> str:
        """The text with its title and headings, as it is searched."""
        return "\n".join(dict.fromkeys([self.title, *self.headings, self.text]))


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as it is listed.

    Attributes:
        name: Unique for its tenant.
        title: For people.
        link: Where people find it.
        digest: ``sha256`` of its bytes.
        passages: How many it has.
        flagged: How many of those are never used.
        access: Labels of which a caller needs one; empty for everybody.
        added: When, seconds since the epoch.
    """

    name: str
    title: str
    link: str
    digest: str
    passages: int
    flagged: int
    access: frozenset[str]
    added: float
