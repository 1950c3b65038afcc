"""Reads Word documents: headings by their styles, paragraphs and tables in their order."""

from __future__ import annotations

import re
from typing import Any, Final

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section
from gateway.knowledge.outline import Outline
from gateway.knowledge.readers.zipped import checked

_HEADING: Final = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)


def read(data: bytes) -> tuple[str, tuple[Section, ...]]:
    """Return the document's title, and a section for each heading."""
    file = checked(data)
    try:
        from docx import Document as Word  # noqa: PLC0415 - only where Word documents are read
        from docx.table import Table  # noqa: PLC0415
    except ImportError:
        raise KnowledgeError("reading .docx needs python-docx — pip install 'sluice-gateway[knowledge]'") from None
    word: Any = Word(file)
    title = str(word.core_properties.title or "")
    outline = Outline()
    for block in word.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = list(dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells))
                outline.text(" | ".join(cell for cell in cells if cell))
        elif found := _HEADING.match(str(block.style.name if block.style else "")):
            outline.heading(int(found[1]), block.text)
        else:
            outline.text(block.text)
    return title or outline.title, outline.sections()
