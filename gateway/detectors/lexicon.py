"""Finds the terms of word lists, all in one pass, and knows which terms the end of a text cuts off."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

import ahocorasick_rs

from gateway.errors import ConfigError, PolicyError, PolicyErrors, Where
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView, fold
from gateway.verdict import Finding

NAME: Final = "lexicon"
_HEADER: Final = ["term", "risk", "weight", "source", "date"]
_RISK: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_LETTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_LONGEST: Final = 256


# --- Lists -----------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """One line of a word list: a term, the risk that it shows and how sure that is, in (0, 1]."""

    term: str
    risk: str
    weight: float


def read_list(content: bytes, name: str) -> list[Entry]:
    """Read a word list: CSV in UTF-8 with the columns ``term,risk,weight,source,date``.

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
        raise PolicyError("the list is not UTF-8", Where(name, line), "save it as UTF-8") from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[ConfigError] = []
    entries: list[Entry] = []
    try:
        if next(rows, None) != _HEADER:
            hint = f"write {','.join(_HEADER)} there"
            raise PolicyError("the first line of the list does not name its columns", Where(name, 1), hint)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            try:
                entries.append(_read_row(row, Where(name, rows.line_num)))
            except PolicyError as error:
                problems.append(error)
    except csv.Error as error:
        problems.append(PolicyError(f"the line is not CSV: {error}", Where(name, rows.line_num), "mend its quotes"))
    if problems:
        raise PolicyErrors(problems)
    return entries


def _read_row(row: Sequence[str], where: Where) -> Entry:
    if len(row) != len(_HEADER):
        what = f"the line has {len(row)} cells instead of {len(_HEADER)}"
        raise PolicyError(what, where, "write one for each column; quote a term that holds a comma")
    term, risk, weight, _, day = (cell.strip() for cell in row)
    folded = fold(term).strip()
    if not folded:
        raise PolicyError("the term is empty", where, "write a term, or remove the line")
    if len(folded) > _LONGEST:
        raise PolicyError(f"the term has {len(folded)} characters", where, f"write at most {_LONGEST}")
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
    return Entry(folded, risk, number)


# --- Matching --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Term:
    """What is known of one folded term."""

    text: str
    weights: dict[str, float] = field(default_factory=dict)
    allowed: bool = False

    @property
    def edges(self) -> tuple[bool, bool]:
        """Whether a letter or digit directly before, or after, would make it another word."""
        return self.text[0] in _LETTERS, self.text[-1] in _LETTERS


class _Seen(NamedTuple):
    """Where a term stands in a text."""

    start: int
    end: int
    risk: str
    weight: float


class Lexicon:
    """A detector of terms.

    A term that begins or ends with a Latin letter or a digit is not found inside of a longer word.
    A term inside of another one with the same risk and no less weight is not reported. One that
    lies inside of an allowed term is reported with a score of 0: so it is in the record, no rule
    fires, and nobody cuts the allowed term in two.

    Args:
        entries: The lines of all lists; of a term that is there twice for a risk, the higher weight counts.
        allow: Terms that excuse whatever lies inside of them.
    """

    __slots__ = ("_automaton", "_edges", "_firsts", "_longest", "_pairs", "_sorted", "_terms")

    def __init__(self, entries: Iterable[Entry], allow: Iterable[str] = ()) -> None:
        terms: dict[str, _Term] = {}
        for term, risk, weight in entries:
            weights = terms.setdefault(term, _Term(term)).weights
            weights[risk] = max(weight, weights.get(risk, 0.0))
        for text in allow:
            terms.setdefault(text, _Term(text)).allowed = True
        self._terms = tuple(terms.values())
        self._edges = tuple(term.edges for term in self._terms)
        self._automaton = ahocorasick_rs.AhoCorasick(list(terms), store_patterns=False)
        self._sorted = sorted(terms)
        self._firsts = frozenset(text[0] for text in terms)
        self._pairs = frozenset(text[at : at + 2] for text in terms for at in range(len(text) - 2))
        self._longest = max(map(len, terms)) - 1

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.folded
        text, first, size = folded.text, folded.start, len(folded.text)
        still_open = size if view.final else self._open(text, first)
        seen: list[_Seen] = []
        allowed: list[tuple[int, int]] = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if start < first:
                continue
            before, after = self._edges[number]
            if before and start and text[start - 1] in _LETTERS:
                continue
            if after and end < size:
                if text[end] in _LETTERS:
                    continue
            elif after and not view.final:
                still_open = min(still_open, start)
                continue
            term = self._terms[number]
            seen += [_Seen(start, end, risk, weight) for risk, weight in term.weights.items()]
            if term.allowed:
                allowed.append((start, end))
        if not seen:
            return Scan((), folded.offset(still_open))
        kept = _outermost(_excuse(seen, allowed) if allowed else seen)
        findings = [Finding(*folded.span(start, end), risk, weight, NAME) for start, end, risk, weight in kept]
        return Scan(tuple(findings), folded.offset(still_open))

    def _open(self, text: str, first: int) -> int:
        """Return where a term may have begun that the end of ``text`` cuts off."""
        size = len(text)
        low = max(first, size - self._longest)
        # Backwards as long as two neighbours stand side by side in some term: in prose, not far.
        at = size - 1
        while at > low and text[at - 1 : at + 1] in self._pairs:
            at -= 1
        for start in range(max(at, low), size):
            if text[start] not in self._firsts:
                continue
            inside_word = start > 0 and text[start] in _LETTERS and text[start - 1] in _LETTERS
            if not inside_word and self._begins(text[start:]):
                return start
        return size

    def _begins(self, text: str) -> bool:
        """Whether a term begins with ``text`` and goes on."""
        place = bisect_right(self._sorted, text)
        return place < len(self._sorted) and self._sorted[place].startswith(text)


def _excuse(seen: Iterable[_Seen], allowed: Sequence[tuple[int, int]]) -> list[_Seen]:
    """Put an allowed term, with no weight, in place of whatever lies inside of it."""
    spans = sorted(allowed, key=_outer_first)
    around: list[tuple[int, int]] = []
    excused: list[_Seen] = []
    at = 0
    for one in sorted(seen, key=_outer_first):
        while at < len(spans) and spans[at][0] <= one.start:
            around.append(spans[at])
            at += 1
        around = [span for span in around if span[1] > one.start]
        cover = next((span for span in around if span[1] >= one.end), None)
        excused.append(one if cover is None else _Seen(*cover, one.risk, 0.0))
    return excused


def _outermost(seen: Iterable[_Seen]) -> list[_Seen]:
    """Return, in order, what does not lie inside of another with the same risk and no less weight."""
    kept: list[_Seen] = []
    around: list[_Seen] = []
    for one in sorted(seen, key=lambda one: (one.start, -one.end, one.risk, -one.weight)):
        around = [other for other in around if other.end > one.start]
        if not any(other.end >= one.end and other.risk == one.risk and other.weight >= one.weight for other in around):
            around.append(one)
            kept.append(one)
    return kept


def _outer_first(span: Sequence[Any]) -> tuple[int, int]:
    return span[0], -span[1]


# --- The kind of detector --------------------------------------------------------------------------


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    entries: list[Entry] = []
    problems: list[ConfigError] = []
    for name in options["lists"]:
        try:
            entries += read_list(load(name), name)
        except ConfigError as error:
            problems.append(error)
    if problems:
        raise PolicyErrors(problems)
    if not entries:
        raise PolicyError("the lists of the lexicon hold no term", None, "add lines to one of them")
    allow = [fold(term).strip() for term in options.get("allow", ())]
    if not all(allow):
        raise PolicyError("a term of 'allow' is empty", None, "write a term, or remove it")
    digest = hashlib.sha256(repr((sorted(entries), sorted(allow))).encode()).hexdigest()
    return BuiltDetector(frozenset(entry.risk for entry in entries), f"1-{digest[:16]}", Lexicon(entries, allow))


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Terms of word lists (CSV: term,risk,weight,source,date), with terms that excuse.",
    risks=frozenset(),
    scope="span",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "lists": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 1,
                "description": "word lists, relative to the policy: CSV with term,risk,weight,source,date",
            },
            "allow": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "description": "terms that excuse whatever lies inside of them, and nothing else",
            },
        },
        "required": ["lists"],
    },
)
