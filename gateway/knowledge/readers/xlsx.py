"""Reads workbooks: each row is a sentence that names its columns."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section
from gateway.knowledge.readers.zipped import checked

MOST_ROWS: Final = 200_000


def read(data: bytes) -> tuple[str, tuple[Section, ...]]:
    """Return the workbook's title, and a section for each row below its head.

    Raises:
        KnowledgeError: Damaged, or too many rows.
    """
    file = checked(data)
    from openpyxl import load_workbook  # noqa: PLC0415 - only where workbooks are read

    sections: list[Section] = []
    book = load_workbook(file, read_only=True, data_only=True)
    title = str(book.properties.title or "")
    for sheet in book.worksheets:
        head: list[str] = []
        sheet.reset_dimensions()  # one stray cell far out would make every row as wide and long as a sheet can be
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [" ".join(str(cell).split()) if cell is not None else "" for cell in row]
            if not any(cells):
                continue
            if not head:
                head = cells
                continue
            if len(sections) >= MOST_ROWS:
                raise KnowledgeError(f"more than {MOST_ROWS} rows — split the workbook")
            named = [
                f"{name}：{cell}" if name else cell for name, cell in zip_longest(head, cells, fillvalue="") if cell
            ]
            sections.append(Section("；".join(named), (str(sheet.title),), f"{sheet.title} {number}"))
    book.close()
    return title, tuple(sections)
