"""Reads a table, or a file of texts, for an assessment: CSV, XLSX, Parquet, JSONL; bad files are named by row."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from gateway.document.sheets import refuse_two_encodings
from gateway.errors import ConfigError, PolicyError, SettingsError, Where

Kind = Literal["table", "texts"]

MAX_CELLS: Final = 50_000_000
"""More cells than this are refused: an assessment holds the whole table in memory."""

_MAX_UNPACKED: Final = 2_000_000_000
_SHOWN: Final = 5
_DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts, column by column.

    Attributes:
        names: The columns' names, each once.
        columns: For each name its cells, stripped; an empty cell is ``""``.
        kind: ``texts`` if the rows are texts in which identifiers stand (one column ``text``).
    """

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    kind: Kind = "table"

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


class TableError(SettingsError):
    """A file that is no table: says which row, and what to do."""


def read_table(path: Path) -> Table:
    """Read a file by its ending: ``.csv .tsv .txt .xlsx .parquet .jsonl``.

    Raises:
        TableError: It cannot be read as a table; names the row where there is one.
    """
    readers: dict[str, Callable[[Path], Table]] = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".xlsx": _read_xlsx,
        ".parquet": _read_parquet,
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(readers)
        raise TableError(f"a file that ends in {path.suffix or 'nothing'!r} is not read", Where(str(path)), known)
    try:
        table = reader(path)
    except OSError as error:
        raise TableError(f"the file cannot be read: {error.strerror}", Where(str(path))) from None
    if not len(table):
        raise TableError("the file holds no rows", Where(str(path)), "an assessment needs at least one record")
    return table


def decode(content: bytes, name: str) -> str:
    """Return a text file's text: UTF-8 with or without a mark, UTF-16 with one, else GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig":
                _refuse_two_encodings(content, name)
            line = content.count(b"\n", 0, error.start) + 1
    raise TableError(f"the text is not {' or '.join(encodings)}", Where(name, line), "save it as UTF-8")


def _refuse_two_encodings(content: bytes, name: str) -> None:
    try:
        refuse_two_encodings(content, name)
    except PolicyError as error:
        raise TableError(error.what, error.where, error.hint) from None


def _read_csv(path: Path) -> Table:
    name = str(path)
    text = decode(path.read_bytes(), name)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TableError("the line holds a NUL character", Where(name, line), "is this a text file?")
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda sign: _outside_quotes(first, sign))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    csv.field_size_limit(10_000_000)
    kept: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                kept.append(row)
                lines.append(rows.line_num)
    except csv.Error as error:
        raise TableError(f"the line is not CSV: {error}", Where(name, rows.line_num), "mend its quotes") from None
    if not kept:
        raise TableError("the file is empty", Where(name))
    return _table(kept[0], kept[1:], lambda index: Where(name, lines[index + 1]), name)


def _outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def _read_xlsx(path: Path) -> Table:
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    name = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise TableError("the workbook unpacks to more than 2 GB", Where(name), "split it")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError):
        hint = "save it as .xlsx without a password, or as CSV"
        raise TableError("the file is no workbook, or it is encrypted", Where(name), hint) from None
    try:
        sheet = book.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        numbers = [number for number, row in enumerate(rows, 1) if any(row)]
        kept = [rows[number - 1] for number in numbers]
        if not kept:
            raise TableError("the first sheet is empty", Where(name))
        while kept[0] and not kept[0][-1]:
            if any(len(row) >= len(kept[0]) and row[len(kept[0]) - 1] for row in kept):
                break
            kept = [row[: len(kept[0]) - 1] for row in kept]
        return _table(kept[0], kept[1:], lambda index: Where(name, numbers[index + 1]), name)
    finally:
        book.close()


def _read_parquet(path: Path) -> Table:
    try:
        import pyarrow  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        hint = "pip install 'sluice-gateway[parquet]', or give CSV"
        raise TableError("reading Parquet needs pyarrow", Where(str(path)), hint) from None
    try:
        read = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError) as error:
        raise TableError(f"the file is no Parquet file: {type(error).__name__}", Where(str(path))) from None
    _check_size(read.num_columns * read.num_rows, str(path))
    columns = tuple(tuple(_text(cell) for cell in column.to_pylist()) for column in read.columns)
    return Table(_named(list(read.column_names), Where(str(path))), columns)


def _read_jsonl(path: Path) -> Table:
    name = str(path)
    rows: list[dict[str, Any]] = []
    problems: list[ConfigError] = []
    for number, line in enumerate(_lines(decode(path.read_bytes(), name)), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            row = None
        if not isinstance(row, dict):
            problems.append(TableError("the line is no JSON object", Where(name, number), "one object a line"))
            if len(problems) >= _SHOWN:
                break
            continue
        rows.append(row)
    if problems:
        raise problems[0] if len(problems) == 1 else _several(problems)
    texts = [_said(row) for row in rows]
    if rows and all(text is not None for text in texts):
        return Table(("text",), (tuple(text or "" for text in texts),), "texts")
    names = list(dict.fromkeys(key for row in rows for key in row))
    _check_size(len(names) * len(rows), name)
    return Table(tuple(names), tuple(tuple(_text(row.get(key)) for row in rows) for key in names))


def _lines(text: str) -> list[str]:
    """Return lines as editors count them: JSON may hold other separators (U+2028) as they are."""
    return text.replace("\r\n", "\n").split("\n")


def _several(problems: Sequence[ConfigError]) -> TableError:
    error = TableError(problems[0].what, problems[0].where, problems[0].hint)
    error.args = ("\n".join(map(str, problems)),)
    return error


def _said(row: dict[str, Any]) -> str | None:
    """Return what a row says, if it is a row of text: ``text``, ``question``/``answer``, or ``messages``."""
    if isinstance(row.get("text"), str):
        return str(row["text"])
    messages = row.get("messages")
    if isinstance(messages, list) and all(isinstance(message, dict) for message in messages):
        return "\n".join(str(message.get("content") or "") for message in messages)
    said = [row[key] for key in ("question", "answer") if isinstance(row.get(key), str)]
    return "\n".join(said) if said else None


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], where: Callable[[int], Where], name: str) -> Table:
    names = _named(header, where(-1))
    size = len(names)
    _check_size(size * len(rows), name)
    wrong = [index for index, row in enumerate(rows) if len(row) != size and any(row[size:] or [""])]
    if wrong:
        found = [
            TableError(f"the row has {len(rows[index])} cells instead of {size}", where(index), "quote commas in cells")
            for index in wrong[:_SHOWN]
        ]
        raise found[0] if len(found) == 1 else _several(found)
    filled = [[*row[:size], *[""] * (size - len(row))] for row in rows]
    return Table(names, tuple(tuple(row[at].strip() for row in filled) for at in range(size)))


def _named(header: Iterable[str], where: Where) -> tuple[str, ...]:
    names = tuple(name.strip() for name in header)
    for at, name in enumerate(names):
        if not name:
            raise TableError(f"column {at + 1} has no name", where, "the first row names the columns")
        if name in names[:at]:
            raise TableError(f"two columns are called {name!r}", where, "give each its own name")
    return names


def _check_size(cells: int, name: str) -> None:
    if cells > MAX_CELLS:
        raise TableError(f"the table has {cells:,} cells; at most {MAX_CELLS:,} are assessed", Where(name), "split it")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell).strip()
