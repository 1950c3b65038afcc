"""Reads plain text in UTF-8, UTF-16 with a mark, or GB18030."""

from __future__ import annotations

import codecs
import re
from typing import Final

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_BLANK: Final = re.compile(r"\n[ \t\u3000]*\n+")


def decoded(data: bytes) -> str:
    """Return the text of bytes, with line feeds as its line ends.

    Raises:
        KnowledgeError: In none of the encodings that are known.
    """
    encodings = [name for mark, name in _MARKS if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise KnowledgeError("the text is neither UTF-8 nor GB18030 — save it as UTF-8")


def read(data: bytes) -> tuple[str, tuple[Section, ...]]:
    """Return no title, and one section for each stretch between empty lines."""
    pieces = (piece.strip() for piece in _BLANK.split(decoded(data)))
    return "", tuple(Section(piece) for piece in pieces if piece)
