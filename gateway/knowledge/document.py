"""A document as its reader gave it: sections of text, each under its headings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under the same headings.

    Attributes:
        text: Paragraphs, one a line.
        headings: From the outermost to the innermost; empty before the first heading.
        place: Where it stands, for people: ``p. 3``, ``Sheet1`` or empty.
    """

    text: str
    headings: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read.

    Attributes:
        name: Unique for its tenant: the name of the file unless the operator gave one.
        title: For people: the document's own title, or its name.
        sections: In its order; none is empty.
        link: Where people find it; empty for nowhere.
        digest: ``sha256`` of the bytes, 64 hex digits.
    """

    name: str
    title: str
    sections: tuple[Section, ...]
    link: str = ""
    digest: str = ""


def digest_of(data: bytes) -> str:
    """Return the digest of a document's bytes."""
    return hashlib.sha256(data).hexdigest()
