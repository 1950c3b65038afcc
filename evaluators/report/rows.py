"""The rows of a run's page, as values for its script: ten thousand stay quick, for only what is looked at is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from evaluators.compare import Comparison
from evaluators.report.people import Section
from evaluators.report.words import Labels
from evaluators.run import Key, Run
from evaluators.sample import Failure, Response
from evaluators.score import OUTCOMES, Cell, Score, Unscored, outcome
from evaluators.summary import RowSummary, Summary

Answers = Mapping[Key, Response | Failure]
"""What the baseline's target said, where that is still on disk."""

MOST_WITHOUT_SCRIPT: Final = 100
_WORDS: Final = (
    *OUTCOMES,
    *("plain", "turns", "question", "tool", "system", "passages", "answer", "should", "judged", "no_answer", "empty"),
    *("should_answer", "should_refuse", "should_abstain", "baseline", "now", "row", "metric", "value", "why"),
    *("reference", "way", "page", "newer", "older", "no_hits", "no_rows", "fell", "rose"),
)
_DIMENSIONS: Final = ("lang", "risk", "kind", "attack", "way")


class _Once:
    """Numbers texts, so that one that stands in many rows is written once."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}

    def __call__(self, value: Any) -> int:
        return self._known.setdefault(value, len(self._known))

    def values(self) -> list[Any]:
        return list(self._known)


class _Shared(NamedTuple):
    """What rows have in common: passages, system prompts, and reasons that need words."""

    passages: _Once
    systems: _Once
    reasons: set[str]


def data(
    run: Run,
    summary: Summary,
    words: Labels,
    *,
    comparison: Comparison | None = None,
    before: Answers | None = None,
    people: Section | None = None,
) -> dict[str, Any]:
    """Return the rows, the words and the passages as JSON values."""
    said = people or Section(None)
    shared = _Shared(_Once(), _Once(), set())
    rows = [_row(row, shared, before or {}, said) for row in summary.rows]
    fell = {flip.key: "fell" if flip.now.outcome == "fail" else "rose" for flip in _flips(comparison)}
    for row, entry in zip(summary.rows, rows, strict=True):
        if side := fell.get(Key(row.sample.id, row.repetition, row.way)):
            entry["moved"] = side
    known = words.words["reasons"]
    return {
        "words": {name: words.words[name] for name in _WORDS},
        "reasons": {code: known[code] for code in sorted(shared.reasons) if code in known},
        "people": said.title,
        "repeated": run.manifest.repetitions > 1,
        "passages": [list(passage) for passage in shared.passages.values()],
        "systems": shared.systems.values(),
        "rows": rows,
    }


def _flips(comparison: Comparison | None) -> Iterator[Any]:
    if comparison is not None:  # what fell wins over what rose
        yield from sorted(comparison.flips, key=lambda flip: flip.now.outcome == "fail")


def _row(row: RowSummary, shared: _Shared, before: Answers, said: Section) -> dict[str, Any]:
    sample = row.sample
    key = Key(sample.id, row.repetition, row.way)
    entry: dict[str, Any] = {
        "id": sample.id,
        "n": row.repetition,
        "outcome": row.outcome,
        "lang": sample.lang,
        "risk": sample.risk,
        "kind": sample.kind,
        "attack": sample.attack,
        "way": row.way,
        "question": sample.question,
        "plain": sample.plain,
        "turns": list(sample.turns),
        "tool": sample.tool,
        "system": shared.systems(sample.system) if sample.system else None,
        "passages": [shared.passages((passage.id, passage.text)) for passage in sample.contexts],
        "relevant": list(sample.relevant or ()),
        "reference": sample.reference,
        "should": sample.should,
        "said": _said(row.answer, shared.reasons),
        "before": _said(before[key], shared.reasons) if key in before else None,
        "people": said.row(row),
        "cells": [_cell(name, cell, shared.reasons) for name, cell in row.cells.items()],
    }
    return {name: value for name, value in entry.items() if value not in (None, "", [])}


def _said(answer: Response | Failure | None, reasons: set[str]) -> dict[str, Any]:
    if isinstance(answer, Response):
        said: dict[str, Any] = {"text": answer.text, "seconds": round(answer.seconds, 3)}
        return {**said, "finish": answer.finish} if answer.finish else said
    code = answer.code if answer else "not_asked"
    reasons.add(code)
    return {"code": code}


def _cell(name: str, cell: Cell, reasons: set[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"metric": name, "outcome": outcome(cell)}
    if isinstance(cell, Score):
        entry["value"] = round(cell.value, 4)
    else:
        entry["reason"] = cell.reason
        reasons.add(cell.reason)
    if isinstance(cell, (Score, Unscored)) and cell.detail:
        entry["detail"] = dict(cell.detail)
        statements = cell.detail.get("statements")
        if isinstance(statements, (list, tuple)):
            reasons.update(str(one["reason"]) for one in statements if isinstance(one, dict) and "reason" in one)
    return entry


def filters(summary: Summary, words: Labels, *, moved: bool) -> str:
    """Return the search field and the choices above the rows."""
    choices: dict[str, Sequence[str]] = {
        "outcome": [word for word in OUTCOMES if any(row.outcome == word for row in summary.rows)],
        "metric": [metric.metric.name for metric in summary.metrics],
        **{name: list(dict.fromkeys(_of(row, name) for row in summary.rows if _of(row, name))) for name in _DIMENSIONS},
        "moved": ["fell", "rose"] if moved else [],
    }
    search = words.plain("search")
    out = [f'<input type="search" id="search" placeholder="{search}" aria-label="{search}">']
    for name, values in choices.items():
        if len(values) < 2 and name != "metric":
            continue
        known = name in ("outcome", "lang", "moved")
        options = "".join(
            f'<option value="{escape(value)}">{words.plain(value) if known else escape(value)}</option>'
            for value in values
        )
        label = words.plain(name)
        out.append(
            f'<select data-key="{name}" aria-label="{label}"><option value="">{label}</option>{options}</select>'
        )
    count = f'<span class="dim"><span id="count">{len(summary.rows)}</span> {words("shown")}</span>'
    return f'<div class="filters">{"".join(out)}{count}</div>'


def _of(row: RowSummary, dimension: str) -> str:
    return row.way if dimension == "way" else str(getattr(row.sample, dimension))


def listing(summary: Summary, words: Labels) -> str:
    """Return where the script draws the rows; a reader without scripts sees the gravest ones as a table."""
    grave = [row for row in summary.rows if row.outcome in ("fail", "unscored")]
    lines = "".join(
        f"<tr><td>{words(row.outcome)}</td><td><code>{escape(row.sample.id)}</code></td>"
        f"<td>{escape(row.sample.question)}</td></tr>"
        for row in grave[:MOST_WITHOUT_SCRIPT]
    )
    return f'<div id="rows"></div><nav class="pages" id="pages"></nav><noscript><table>{lines}</table></noscript>'
