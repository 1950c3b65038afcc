"""What becomes of a row's repetitions: one cell, by a rule with a name; what is not certain stays unscored."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, Final, Literal

from evaluators.score import Cell, Metric, Refused, Score, Skipped, Unscored

How = Literal["mean", "median", "majority", "max", "min", "at_least", "pass", "all"]

_NOT_ASKED: Final = Skipped("budget")

PATTERN: Final = r"^(mean|median|majority|max|min|(at_least|pass|all)_([1-9][0-9]?|100))$"
"""What a suite may write; the number is at most the repetitions."""


@dataclass(frozen=True, slots=True)
class Reducer:
    """A rule.

    Attributes:
        how: ``mean``, ``median``, ``max`` and ``min`` are of the values; ``majority`` is whether more than half of
            the repetitions pass, ``at_least`` whether ``k`` do; ``pass`` is the chance that one of ``k`` drawn
            repetitions passes, ``all`` the chance that all ``k`` do.
        k: For ``at_least``, ``pass`` and ``all``; else 0.
    """

    how: How
    k: int = 0

    @property
    def name(self) -> str:
        """As a suite writes it."""
        return f"{self.how}_{self.k}" if self.k else self.how


def read_reducer(name: str) -> Reducer:
    """Read a rule by its name; raises ``ValueError`` if there is none of that name."""
    match = re.match(PATTERN, name)
    if match is None:
        raise ValueError(name)
    return Reducer(match[2] or match[1], int(match[3] or 0))  # type: ignore[arg-type]


def reduce_cells(cells: Sequence[Cell], metric: Metric, reducer: Reducer) -> Cell:
    """Return what a row's repetitions come to.

    Refused and skipped repetitions are left out; a row with nothing else is refused or skipped itself. A repetition
    that could not be judged, or was not asked because the budget was spent, leaves the row unscored wherever it could
    still change the result: ``mean`` and ``median`` want more than half of the repetitions, ``max`` and ``min`` an
    extreme value, ``majority`` and ``at_least`` a count that the others cannot turn, ``pass`` and ``all`` ``k`` judged
    repetitions.

    Args:
        cells: One for each repetition, at least one.
        metric: What they measure.
        reducer: The rule.
    """
    scored = [cell for cell in cells if isinstance(cell, Score)]
    unscored = [cell for cell in cells if isinstance(cell, Unscored) or cell == _NOT_ASKED]
    if not scored:
        return unscored[0] if unscored else next((cell for cell in cells if isinstance(cell, Refused)), cells[0])
    rule = _counted if reducer.how in ("at_least", "majority") else _drawn if reducer.k else _valued
    return rule(scored, len(unscored), metric, reducer)


def _counted(scored: Sequence[Score], unscored: int, metric: Metric, reducer: Reducer) -> Cell:
    """Whether enough repetitions pass."""
    passed, all_ = sum(cell.passed for cell in scored), len(scored) + unscored
    need = reducer.k or all_ // 2 + 1
    if all_ < reducer.k:
        return Unscored("too_few_repetitions", _detail(scored, reducer))
    if passed < need <= passed + unscored:
        return _undecided(scored, unscored, reducer)
    return _chance(float(passed >= need), metric, _detail(scored, reducer))


def _drawn(scored: Sequence[Score], unscored: int, metric: Metric, reducer: Reducer) -> Cell:
    """The chance that one of ``k`` drawn repetitions passes, or all do."""
    n, k, passed = len(scored), reducer.k, sum(cell.passed for cell in scored)
    if n + unscored < k:
        return Unscored("too_few_repetitions", _detail(scored, reducer))
    if n < k:
        return _undecided(scored, unscored, reducer)
    chance = 1 - comb(n - passed, k) / comb(n, k) if reducer.how == "pass" else comb(passed, k) / comb(n, k)
    return _chance(chance, metric, _detail(scored, reducer))


def _valued(scored: Sequence[Score], unscored: int, metric: Metric, reducer: Reducer) -> Cell:
    """A mean or an extreme of the values."""
    del metric
    values, detail = [cell.value for cell in scored], _detail(scored, reducer)
    if reducer.how in ("max", "min"):
        value = max(values) if reducer.how == "max" else min(values)
        if unscored and value != float(reducer.how == "max"):
            return _undecided(scored, unscored, reducer)
        return Score(value, any(cell.passed for cell in scored if cell.value == value), detail)
    if len(scored) <= unscored:
        return _undecided(scored, unscored, reducer)
    value = statistics.fmean(values) if reducer.how == "mean" else statistics.median(values)
    return Score(min(1.0, max(0.0, value)), 2 * sum(cell.passed for cell in scored) > len(scored), detail)


def _detail(scored: Sequence[Score], reducer: Reducer) -> dict[str, Any]:
    passed = sum(cell.passed for cell in scored)
    return {"reduced": reducer.name, "passed": passed, "of": len(scored), "values": [cell.value for cell in scored]}


def _undecided(scored: Sequence[Score], unscored: int, reducer: Reducer) -> Unscored:
    return Unscored("repetition_unscored", {**_detail(scored, reducer), "unscored": unscored})


def _chance(chance: float, metric: Metric, detail: dict[str, Any]) -> Score:
    """Return the chance of passing as a value of the metric: where low is wanted, passing is 0."""
    return Score(chance if metric.better == "high" else 1 - chance, chance > 0.5, detail)
