"""Rows of CSV files and workbooks as people have them, UTF-8 or GB18030, each with the number of its row."""

from __future__ import annotations

import csv
import importlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from gateway.errors import PolicyError, Where

_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_LARGEST: Final = 256 * 1024 * 1024
_LONGEST_CELL: Final = 1 << 20
MOST_COLUMNS: Final = 64

Rows = Iterator[tuple[int, Sequence[str]]]
"""Number of a row, from 1, and its cells."""


def decoded(content: bytes, name: str) -> tuple[str, str]:
    """Return text and what it was written in; raises ``PolicyError`` if it is neither UTF-8 nor GB18030."""
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise PolicyError("the file is neither UTF-8 nor GB18030 text", Where(name), "save it as UTF-8")


def cells(text: str, name: str) -> Rows:
    """Yield the rows of a CSV text; raises ``PolicyError`` with the row that is none."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise PolicyError(f"the line is not CSV: {error}", Where(name, rows.line_num), "mend its quotes") from None
    finally:
        csv.field_size_limit(before)


def workbook(content: bytes, name: str) -> Rows:
    """Yield the rows of the first sheet of a workbook, as text; raises ``PolicyError`` if it cannot be read."""
    return sheet(content, name)


def sheet(content: bytes, name: str, title: str = "") -> Rows:
    """Yield the rows of one sheet of a workbook, as text; raises ``PolicyError`` if it cannot be read.

    Args:
        content: The workbook.
        name: Its name, for messages.
        title: The sheet's title; the first sheet if empty.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > _LARGEST:
            raise PolicyError("the workbook is too large once unpacked", Where(name), "cut it into several files")
        book: Any = importlib.import_module("openpyxl").load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        if title and title not in book.sheetnames:
            what = f"the workbook has no sheet {title!r}"
            raise PolicyError(what, Where(name), f"it has: {', '.join(book.sheetnames)[:200]}")
        chosen = book[title] if title else book.worksheets[0]
        for number, row in enumerate(chosen.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
            yield number, [_text(cell) for cell in row]
    except PolicyError:
        raise
    except Exception as error:
        # Whatever the library makes of a damaged file, its message may hold what stands in it.
        what = f"the workbook cannot be read ({type(error).__name__})"
        raise PolicyError(what, Where(name), "open it and save it again as .xlsx, or as CSV") from None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.date().isoformat() if hasattr(cell, "date") else str(cell)
