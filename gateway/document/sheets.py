"""Rows of CSV files and workbooks as people have them, UTF-8 or GB18030, each with the number of its row."""

from __future__ import annotations

import csv
import importlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from gateway.errors import PolicyError, Where

_LARGEST: Final = 256 * 1024 * 1024
_LONGEST_CELL: Final = 1 << 20
MOST_COLUMNS: Final = 64

Rows = Iterator[tuple[int, Sequence[str]]]
"""Number of a row, from 1, and its cells."""


def decoded(content: bytes, name: str) -> tuple[str, str]:
    """Return text and what it was written in.

    GB18030 gives a meaning to nearly any bytes: so a file is read as such only if no line of it is UTF-8, and if it
    does not read just as well as Big5.

    Raises:
        PolicyError: It is neither UTF-8 nor GB18030, or lines of both, or Big5.
    """
    neither = PolicyError("the file is neither UTF-8 nor GB18030 text", Where(name), "save it as UTF-8")
    if b"\0" in content:
        raise neither
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        refuse_two_encodings(content, name)
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        raise neither from None
    if _may_be_big5(content, text):
        raise PolicyError("the file may be Big5 as well as GB18030 text", Where(name), "save it as UTF-8")
    return text, "gb18030"


def refuse_two_encodings(content: bytes, name: str) -> None:
    """Raise ``PolicyError`` for a file of which some lines are UTF-8 and others are not; names those that are fewer."""
    right: list[int] = []
    wrong: list[int] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            # Two bytes of UTF-8 may be a character of GB18030; of three or more that is as good as never so.
            if max(line.decode("utf-8")) >= "\u0800":
                right.append(number)
        except UnicodeDecodeError:
            wrong.append(number)
    if not right or not wrong:
        return
    fewer, others = (wrong, right) if len(wrong) <= len(right) else (right, wrong)
    which = "the line is" if len(fewer) == 1 else f"this line and {len(fewer) - 1} more are"
    what = (
        f"{which} not UTF-8, but {len(others)} are" if fewer is wrong else f"{which} UTF-8, but {len(others)} are not"
    )
    raise PolicyError(what, Where(name, fewer[0]), "write it anew, and save the file as UTF-8")


def _may_be_big5(content: bytes, text: str) -> bool:
    """Whether text read as GB18030 holds many characters that are rare there, and Big5 can read it, too."""
    try:
        content.decode("big5")
    except UnicodeDecodeError:
        return False
    wide = [character for character in text if not character.isascii()]
    # In Big5 two characters of five end with such a byte; in GB18030 none does that simplified texts hold.
    odd = sum(character.encode("gb18030")[1] < 0x7F for character in wide)
    return odd * 5 > len(wide)


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
