"""Reads word lists as people have them, CSV, TXT or XLSX in whatever encoding, and says what is wrong where.

What is right in a file comes back whatever is wrong beside it: the caller decides whether to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, NamedTuple

from gateway.detectors.wordlist import COLUMNS, VIEW, Entry, check_term, read_cells
from gateway.document import suggest
from gateway.document.sheets import MOST_COLUMNS, cells, decoded, workbook
from gateway.errors import ConfigError, PolicyError, Where
from gateway.text import CANONICAL, fold

KINDS: Final = (".csv", ".txt", ".xlsx")
_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("term", "word", "keyword", "词", "词语", "词条", "关键词", "敏感词"), "term"),
    **dict.fromkeys(("risk", "category", "风险", "风险类别", "类别", "分类"), "risk"),
    **dict.fromkeys(("weight", "score", "权重", "分值"), "weight"),
    **dict.fromkeys(("source", "来源"), "source"),
    **dict.fromkeys(("date", "日期", "更新日期"), "date"),
    **dict.fromkeys(("view", "views", "视图"), VIEW),
}


class Taken(NamedTuple):
    """What came of a file.

    Attributes:
        entries: The lines that are right, each term once a risk.
        problems: What is wrong, with file, row and column.
        repeated: How many lines said again what another line says.
        encoding: How the text was written; ``xlsx`` for a workbook.
    """

    entries: tuple[Entry, ...]
    problems: tuple[ConfigError, ...]
    repeated: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Filling:
    """What a line says that a file does not: for lists of bare terms."""

    risk: str = ""
    weight: str = ""
    source: str = ""
    date: str = ""


def take_in(content: bytes, name: str, filling: Filling) -> Taken:
    """Read a file of terms.

    Args:
        content: The file: CSV or XLSX with a header (Chinese or English names), or TXT with a term a line.
        name: Its name; the ending says what it is.
        filling: What stands in for cells that are empty or missing.

    Raises:
        PolicyError: It is no such file.
    """
    kind = PurePath(name).suffix.lower()
    if kind not in KINDS:
        what = f"cannot tell from the ending {kind!r} what kind of file this is"
        raise PolicyError(what, Where(name), "use .csv, .txt or .xlsx")
    encoding = "xlsx"
    if kind == ".xlsx":
        rows = workbook(content, name)
    else:
        text, encoding = decoded(content, name)
        rows = _lines(text) if kind == ".txt" else cells(text, name)
    return _take(rows, name, filling, encoding)


def _take(rows: Iterator[tuple[int, Sequence[str]]], name: str, filling: Filling, encoding: str) -> Taken:
    problems: list[ConfigError] = []
    best: dict[tuple[str, str], Entry] = {}
    repeated = 0
    try:
        header = next(rows, (1, ()))[1]
        places = _header(header, name)
        for number, row in rows:
            if not any(map(str.strip, row)):
                continue
            try:
                _refuse_surplus(row, len(header), Where(name, number, len(header) + 1))
                entry = _entry(row, places, filling, name, number)
            except PolicyError as error:
                problems.append(error)
                continue
            key = entry.risk, entry.term
            repeated += key in best
            if key not in best or entry.weight > best[key].weight:
                best[key] = entry
    except PolicyError as error:
        problems.append(error)
    return Taken(tuple(best.values()), tuple(problems), repeated, encoding)


def _entry(row: Sequence[str], places: Mapping[str, int], filling: Filling, name: str, number: int) -> Entry:
    def cell(column: str) -> str:
        at = places.get(column, -1)
        said = row[at].strip() if 0 <= at < len(row) else ""
        return said or getattr(filling, column, "")

    term = fold(cell("term"), CANONICAL).strip()
    check_term(term, Where(name, number, places["term"] + 1))
    said_cells = [cell(column) for column in (*COLUMNS[1:], VIEW)]
    for column, said in zip(COLUMNS[1:], said_cells, strict=False):
        if not said and column != "source":
            where = Where(name, number, places[column] + 1 if column in places else None)
            raise PolicyError(f"there is no {column}", where, f"fill the column {column}, or say --{column}")
    try:
        return read_cells(term, said_cells, Where(name, number))
    except PolicyError as error:
        raise PolicyError(error.what, Where(name, number, _column_of(error, places)), error.hint) from None


def _refuse_surplus(row: Sequence[str], width: int, where: Where) -> None:
    """Raise ``PolicyError`` if something stands beyond the columns: a term that holds a comma is cut there."""
    if any(map(str.strip, row[width:])):
        hint = "write one for each column; quote a term that holds a comma"
        raise PolicyError(f"the line has {len(row)} cells instead of {width}", where, hint)


def _column_of(error: PolicyError, places: Mapping[str, int]) -> int | None:
    """Return the column, from 1, that an error of ``read_cells`` is about."""
    for word, column in (("risk id", "risk"), ("weight", "weight"), ("date", "date"), ("view", VIEW)):
        if word in error.what:
            return places[column] + 1 if column in places else None
    return None


def _header(row: Sequence[str], name: str) -> Mapping[str, int]:
    places: dict[str, int] = {}
    for at, cell in enumerate(row[:MOST_COLUMNS]):
        column = _NAMES.get(cell.strip().lower().lstrip("\ufeff"))
        if column is not None:
            places.setdefault(column, at)
    if "term" not in places:
        near = next((hint for cell in row if (hint := suggest(cell.strip().lower(), _NAMES))), "")
        hint = near or "name the columns in the first row: term, risk, weight, source, date"
        raise PolicyError("the first row names no column of terms", Where(name, 1), hint)
    return places


def _lines(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    yield 1, ("term",)
    # Only what ends a line in an editor does so here; a term may hold other separators.
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not line.lstrip().startswith("#"):
            yield number, (line,)
