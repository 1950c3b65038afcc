"""Reads the text layer of PDF files, page by page; a page without one is a scan."""

from __future__ import annotations

import io
import re
from typing import Final

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section

MOST_PAGES: Final = 5_000
_WRAPPED: Final = re.compile(r"(?<=[\u3400-\u9fff，、；：（）])[ \t]*\n[ \t]*(?=[\u3400-\u9fff，、；：（）])")
_HYPHEN: Final = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_LINE: Final = re.compile(r"(?<=[a-z,])[ \t]*\n[ \t]*(?=[a-z(])")


def read(data: bytes) -> tuple[str, tuple[Section, ...]]:
    """Return the document's title, and a section for each page that has text.

    Raises:
        KnowledgeError: Damaged, encrypted, too many pages, or pages that are pictures.
    """
    from pypdf import PdfReader  # noqa: PLC0415 - only where PDF is read

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise KnowledgeError("the file is encrypted — save it without a password")
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise KnowledgeError(f"{count} pages are more than {MOST_PAGES} — split the document")
    title = str((reader.metadata and reader.metadata.title) or "")
    texts = [_joined(page.extract_text() or "") for page in reader.pages]
    if not any(texts):
        raise KnowledgeError(f"none of its {count} pages has a text layer: a scan — recognise it (OCR) first")
    return title, tuple(Section(text, (), f"p. {at}") for at, text in enumerate(texts, 1) if text)


def _joined(text: str) -> str:
    """Join lines that a page's width has broken."""
    return _LINE.sub(" ", _WRAPPED.sub("", _HYPHEN.sub("", text.replace("\x00", "")))).strip()
