"""Word lists in the form that policies use: CSV, checked line by line, every fault with its line.

The columns are ``term,risk,weight,source,date``; a sixth, ``view``, may follow. A term is always found
as it is written, whatever its width and case, in traditional characters or in letters that only look
like its own; and in the disguises of ``DEFAULT``, unless ``view`` says ``exact``. ``view`` may also ask
for some of ``ASKED``, which cost more and mistake more. Other kinds of files come in through ``intake``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from gateway.document import suggest
from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where
from gateway.text import CANONICAL, fold

COLUMNS: Final = ("term", "risk", "weight", "source", "date")
VIEW: Final = "view"
EXACT: Final = "exact"
DEFAULT: Final = frozenset({"joined", "leet", "hidden"})
"""Disguises that are cheap to see: characters apart, digits for letters, invisible tags."""
ASKED: Final = frozenset({"pinyin", "homophone", "split", "digits"})
"""Disguises that a line must ask for: syllables, characters of the same sound, or taken apart, numerals."""
LONGEST: Final = 256
_RISK: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_HEADERS: Final = ([*COLUMNS], [*COLUMNS, VIEW])


class Entry(NamedTuple):
    """One line of a word list.

    Attributes:
        term: What to look for, folded as the canonical view shows it.
        risk: The risk that it shows.
        weight: How sure that is, in (0, 1].
        views: Disguises in which it is found as well.
        source: Where the line comes from.
        day: When it was written or last looked at, ISO 8601.
    """

    term: str
    risk: str
    weight: float
    views: frozenset[str] = DEFAULT
    source: str = ""
    day: str = ""


def read_list(content: bytes, name: str) -> list[Entry]:
    """Read a word list: CSV in UTF-8 with the columns ``term,risk,weight,source,date`` and perhaps ``view``.

    Args:
        content: The file.
        name: Its name, for messages.

    Raises:
        PolicyErrors: Every line that is wrong.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8, or let 'sluice lexicon import' read it"
        raise PolicyError("the list is not UTF-8", Where(name, line), hint) from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[ConfigError] = []
    lines: list[tuple[int, list[str]]] = []
    try:
        header = next(rows, None)
        if header not in _HEADERS:
            hint = f"write {','.join(COLUMNS)} there, or let 'sluice lexicon import' read it"
            raise PolicyError("the first line of the list does not name its columns", Where(name, 1), hint)
        for row in rows:
            if not any(map(str.strip, row)):
                continue
            if len(row) == len(header):
                lines.append((rows.line_num, row))
            else:
                what = f"the line has {len(row)} cells instead of {len(header)}"
                hint = "write one for each column; quote a term that holds a comma"
                problems.append(PolicyError(what, Where(name, rows.line_num), hint))
    except csv.Error as error:
        problems.append(PolicyError(f"the line is not CSV: {error}", Where(name, rows.line_num), "mend its quotes"))
    entries: list[Entry] = []
    said: dict[tuple[str, ...], Entry] = {}
    for (line, row), term in zip(lines, _folded([row[0] for _, row in lines]), strict=True):
        rest = tuple(row[1:])
        same = said.get(rest)
        if same is None or not 0 < len(term) <= LONGEST:
            try:
                check_term(term, Where(name, line))
                same = said[rest] = read_cells(term, rest, Where(name, line))
            except PolicyError as error:
                problems.append(error)
                continue
        entries.append(Entry(term, *same[1:]))  # few lines differ in more than their term
    if problems:
        raise PolicyErrors(problems)
    return entries


def _folded(terms: Sequence[str]) -> list[str]:
    """Return terms as the canonical view shows them: all at once, as each character stands for itself."""
    folded = fold("\n".join(terms), CANONICAL).split("\n")
    if len(folded) != len(terms):
        folded = [fold(term, CANONICAL) for term in terms]
    return [term.strip() for term in folded]


def check_term(term: str, where: Where) -> None:
    """Check a folded term; raises ``PolicyError``."""
    if not term:
        raise PolicyError("the term is empty", where, "write a term, or remove the line")
    if len(term) > LONGEST:
        raise PolicyError(f"the term has {len(term)} characters", where, f"write at most {LONGEST}")


def read_cells(term: str, cells: Sequence[str], where: Where) -> Entry:
    """Return the entry of a folded term and the other cells of its line, four or five; raises ``PolicyError``."""
    risk, weight, source, day, *views = (cell.strip() for cell in cells)
    if not _RISK.fullmatch(risk):
        hint = "write small letters, digits and _ with dots between, such as a1.d"
        raise PolicyError(f"{risk!r} is not a risk id", where, hint)
    try:
        number = float(weight)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1:
        raise PolicyError(f"the weight {weight!r} is not in (0, 1]", where, "write a number such as 0.8")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise PolicyError(f"{day!r} is not a date", where, "write it as 2026-01-31") from None
    return Entry(term, risk, number, _read_views(views[0] if views else "", where), source, day)


def _read_views(cell: str, where: Where) -> frozenset[str]:
    """Return the disguises that a cell names: none for ``exact``, else the default ones and those named."""
    named = frozenset(cell.split())
    if not named:
        return DEFAULT
    for name in sorted(named - DEFAULT - ASKED - {EXACT}):
        known = (EXACT, *sorted(DEFAULT | ASKED))
        hint = suggest(name, known) or f"known: {', '.join(known)}; or leave the cell empty"
        raise PolicyError(f"{name!r} is not a view", where, hint)
    if EXACT in named:
        if named != {EXACT}:
            raise PolicyError("'exact' stands beside other views", where, "write exact alone, or the others")
        return frozenset()
    return DEFAULT | named


def write_list(entries: Sequence[Entry]) -> str:
    """Return a word list as ``read_list`` reads it, ordered by risk and term, each term once a risk.

    Of a term that is there twice for a risk the line with the higher weight stays.
    """
    best: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        key = entry.risk, entry.term
        if key not in best or entry.weight > best[key].weight:
            best[key] = entry
    said = {key: _said(entry.views) for key, entry in best.items()}
    columns = [*COLUMNS, VIEW] if any(said.values()) else [*COLUMNS]
    file = io.StringIO(newline="")
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(columns)
    for key, entry in sorted(best.items()):
        cells = [entry.term, entry.risk, f"{entry.weight:g}", entry.source, entry.day, said[key]]
        lines.writerow(cells[: len(columns)])
    return file.getvalue()


def _said(views: frozenset[str]) -> str:
    return EXACT if not views else " ".join(sorted(views - DEFAULT))
