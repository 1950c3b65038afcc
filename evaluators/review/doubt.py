"""How unsure the machine is of a row: unscored, split votes, scorers that contradict each other, near the threshold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluators.review.rubric import Rubric
from evaluators.score import Cell, Score, Unscored
from evaluators.summary import RowSummary

UNSCORED, SPLIT, CONTRADICTED, UNSTABLE, NEAR = 1.0, 0.9, 0.9, 0.7, 0.8
"""How much doubt each reason is worth: what could not be judged is the least sure of all."""
WIDTH: Final = 0.25
"""A value this far from the threshold is not near it."""
_VOTES: Final = ("votes", "marks", "answer_first", "answer_second")


@dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure the machine is, 0 to 1, and each reason, the gravest first."""

    degree: float = 0.0
    why: tuple[str, ...] = ()


def doubts(rows: Sequence[RowSummary], rubric: Rubric) -> dict[str, Doubt]:
    """Return the doubt about each row of one run, by id, over all its repetitions."""
    limits = thresholds(row.cells for row in rows)
    by_row: dict[str, list[RowSummary]] = {}
    for row in rows:
        by_row.setdefault(row.sample.id, []).append(row)
    found = {}
    for id, group in by_row.items():
        reasons: dict[str, float] = {}
        for reason, degree in _reasons(group, limits, rubric):
            reasons[reason] = max(degree, reasons.get(reason, 0.0))
        ordered = sorted(reasons, key=lambda reason: (-reasons[reason], reason))
        found[id] = Doubt(max(reasons.values(), default=0.0), tuple(ordered))
    return found


def thresholds(rows: Iterable[Mapping[str, Cell]]) -> dict[str, float]:
    """Return for each metric with values in between where passing begins, as far as its cells show it.

    Halfway between the last value that fails and the first that passes; none where all end alike.
    """
    passed: dict[str, list[float]] = {}
    failed: dict[str, list[float]] = {}
    for cells in rows:
        for name, cell in cells.items():
            if isinstance(cell, Score):
                (passed if cell.passed else failed).setdefault(name, []).append(cell.value)
    found = {}
    for name in passed.keys() | failed.keys():
        good, bad = passed.get(name, []), failed.get(name, [])
        if {0.0, 1.0} >= set(good) | set(bad):
            continue  # a yes or a no has no distance
        if good and bad:
            high = sum(good) / len(good) > sum(bad) / len(bad)
            found[name] = (max(bad) + min(good)) / 2 if high else (min(bad) + max(good)) / 2
    return found


def _reasons(group: Sequence[RowSummary], limits: Mapping[str, float], rubric: Rubric) -> Iterator[tuple[str, float]]:
    for row in group:
        for name, cell in row.cells.items():
            if isinstance(cell, Unscored):
                yield f"unscored:{name}", UNSCORED
            elif isinstance(cell, Score):
                if any(len(set(map(str, cell.detail.get(votes, ())))) > 1 for votes in _VOTES):
                    yield f"split:{name}", SPLIT
                if name in limits and (near := 1 - abs(cell.value - limits[name]) / WIDTH) > 0:
                    yield f"near:{name}", NEAR * near
        for one, other in _contradictions(row.cells, rubric):
            yield f"contradiction:{one}/{other}", CONTRADICTED
    if len({row.outcome for row in group}) > 1:
        yield "unstable", UNSTABLE


def _contradictions(cells: Mapping[str, Cell], rubric: Rubric) -> Iterator[tuple[str, str]]:
    """Yield metrics that claim the same thing of one answer, and of which one says yes and the other no."""
    said = {
        name: (conditions, cell.value >= 0.5)
        for name, conditions in sorted(rubric.against.items())
        if isinstance(cell := cells.get(name), Score)
    }
    for one, (claim, yes) in said.items():
        for other, (same, also) in said.items():
            if one < other and claim == same and yes != also:
                yield one, other
