"""Knows which reader reads a file, by its name and its first bytes, and reads it within limits."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Document, Section, digest_of

Read = Callable[[bytes], tuple[str, tuple[Section, ...]]]
"""Takes the bytes; returns the document's own title (may be empty) and its sections."""

READERS: Final[Mapping[str, str]] = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".docx": "docx",
    ".pdf": "pdf",
    ".xlsx": "xlsx",
}
"""The module of each suffix, imported when it is needed."""

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_CHARACTERS: Final = 20_000_000
"""Characters that one document may have; a thousand-page book has about two million."""

_MAGIC: Final = ((b"%PDF-", ".pdf"), (b"PK\x03\x04", ".docx"), (b"\xd0\xcf\x11\xe0", ".doc"))
_ZIPPED: Final = frozenset([".docx", ".xlsx"])


def read_document(name: str, data: bytes, *, title: str = "", link: str = "") -> Document:
    """Read a document.

    Args:
        name: Its file name; the suffix says what it is.
        data: Its bytes.
        title: In place of its own title.
        link: Where people find it.

    Raises:
        KnowledgeError: Nobody reads such files, it is broken, encrypted, too large, or holds no text.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in READERS:
        raise KnowledgeError(f"{name}: nobody reads files of this kind — known are {', '.join(READERS)}")
    if len(data) > MOST_BYTES:
        raise KnowledgeError(f"{name}: {len(data)} bytes are more than {MOST_BYTES} — split the document")
    _no_other(name, suffix, data)
    read: Read = importlib.import_module(f"gateway.knowledge.readers.{READERS[suffix]}").read
    try:
        own, sections = read(data)
    except KnowledgeError as error:
        raise KnowledgeError(f"{name}: {error}") from None
    except Exception as error:
        # Parsers of others raise whatever the broken bytes lead them to; each means the same here.
        kind = type(error).__name__
        raise KnowledgeError(f"{name}: damaged ({kind}) — open it in its program and save it again") from None
    if not sections:
        raise KnowledgeError(f"{name}: holds no text — a scanned document has to be recognised (OCR) first")
    if sum(len(section.text) for section in sections) > MOST_CHARACTERS:
        raise KnowledgeError(f"{name}: more than {MOST_CHARACTERS} characters — split the document")
    return Document(name, title or own or PurePath(name).stem, sections, link, digest_of(data))


def _no_other(name: str, suffix: str, data: bytes) -> None:
    """Refuse a file that is something else than its name says."""
    for magic, meant in _MAGIC:
        if not data.startswith(magic):
            continue
        if meant == ".doc":
            raise KnowledgeError(f"{name}: an old Office file — save it as .docx or .xlsx")
        if suffix != meant and not (meant == ".docx" and suffix in _ZIPPED):
            raise KnowledgeError(f"{name}: its bytes are no {suffix} file — rename it to what it is")
