"""One run held against another, row by row: only what both have judged counts, and what is missing is counted too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal, NamedTuple

from evaluators.marks import Mark, Marks, differing
from evaluators.run import Key
from evaluators.score import Metric
from evaluators.stats import Interval, holm, paired_interval, paired_p, sign_test

Test = Literal["mcnemar", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in both runs, over the rows that both have a score for.

    Attributes:
        metric: Which.
        before: Its mean in the baseline, over the pairs; None without a pair.
        now: Its mean now, over the pairs; None without a pair.
        gains: Now minus before for each pair, positive where it got better, grouped by rows that belong together.
        interval: Two-sided 95 % interval of the mean gain; None without a pair.
        fell: Pairs that passed before and fail now.
        rose: Pairs that failed before and pass now.
        test: ``mcnemar`` for rates: exact, on whole clusters by which way each went; ``bootstrap`` for means.
        p: Two-sided; 1 without a pair.
        adjusted: ``p`` after Holm, over all metrics of the comparison.
        only_before: By what became of them now, cells that only the baseline has a score for.
        only_now: By what they were in the baseline, cells that only this run has a score for.
    """

    metric: Metric
    before: float | None
    now: float | None
    gains: tuple[tuple[float, ...], ...]
    interval: Interval | None
    fell: int
    rose: int
    test: Test
    p: float
    adjusted: float
    only_before: Mapping[str, int]
    only_now: Mapping[str, int]

    @property
    def pairs(self) -> int:
        """How many rows and repetitions both runs have a score for."""
        return sum(map(len, self.gains))

    @property
    def gain(self) -> float | None:
        """The mean gain, positive where it got better; None without a pair."""
        return fmean(value for cluster in self.gains for value in cluster) if self.gains else None

    @property
    def lost_share(self) -> float:
        """Cells that the baseline scored and this run did not, over all that the baseline scored."""
        lost = sum(self.only_before.values())
        return lost / (lost + self.pairs) if lost else 0.0


class Flip(NamedTuple):
    """A row whose cell passes in one run and fails in the other."""

    key: Key
    metric: str
    before: Mark
    now: Mark


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, held against each other.

    Attributes:
        now: The run that is judged.
        baseline: The run that it is held against.
        differing: What keeps them from being comparable, in words; empty unless somebody compares them anyway.
        changed: What may differ between comparable runs, such as the model or a version: before and now.
        differences: By metric, in the order of the suite.
        flips: Rows that fell or rose, in the order of the run.
        both: Rows and repetitions that both runs have.
        only_before: Rows and repetitions that only the baseline has.
        only_now: Rows and repetitions that only this run has.
    """

    now: Marks
    baseline: Marks
    differing: tuple[str, ...]
    changed: Mapping[str, tuple[str, str]]
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    both: int
    only_before: int
    only_now: int

    def of(self, metric: str) -> Difference | None:
        """Return a metric's difference; None if not both runs measure it."""
        return next((one for one in self.differences if one.metric.name == metric), None)


def compare(now: Marks, baseline: Marks, seed: int) -> Comparison:
    """Hold a run against another.

    Args:
        now: The run that is judged.
        baseline: The run that it is held against; ask ``differing`` first whether one may.
        seed: For intervals that are resampled; the same seed gives the same ones.
    """
    shared = [metric for metric in now.metrics.values() if metric.name in baseline.metrics]
    raw = [_difference(metric, now, baseline, seed) for metric in shared]
    adjusted = holm([one.p for one in raw])
    versions = dict.fromkeys((*now.versions, *baseline.versions))
    sides = {name: (baseline.versions.get(name, ""), now.versions.get(name, "")) for name in versions}
    if baseline.target != now.target:
        sides = {"target": (baseline.target, now.target), **sides}
    return Comparison(
        now=now,
        baseline=baseline,
        differing=tuple(differing(now.basis, baseline.basis)),
        changed={name: side for name, side in sides.items() if side[0] != side[1]},
        differences=tuple(replace(one, adjusted=p) for one, p in zip(raw, adjusted, strict=True)),
        flips=tuple(_flips(now, baseline)),
        both=len(now.rows.keys() & baseline.rows.keys()),
        only_before=len(baseline.rows.keys() - now.rows.keys()),
        only_now=len(now.rows.keys() - baseline.rows.keys()),
    )


def _difference(metric: Metric, now: Marks, baseline: Marks, seed: int) -> Difference:
    sign = 1 if metric.better == "high" else -1
    values: list[tuple[float, float]] = []
    gains: dict[str, list[float]] = {}
    ways: Counter[str] = Counter()
    fell = rose = 0
    only_before: Counter[str] = Counter()
    only_now: Counter[str] = Counter()
    for key in dict.fromkeys((*baseline.rows, *now.rows)):
        row = now.rows.get(key) or baseline.rows[key]
        old, new = _cell(baseline, key, metric.name), _cell(now, key, metric.name)
        was, has = (None if cell is None else cell.value for cell in (old, new))
        if was is not None and has is not None and old is not None and new is not None:
            values.append((was, has))
            gains.setdefault(row.cluster, []).append(sign * (has - was))
            step = (new.outcome == "pass") - (old.outcome == "pass")
            fell, rose = fell + (step < 0), rose + (step > 0)
            ways[row.cluster] += step
        elif was is not None:
            only_before[new.outcome if new else "absent"] += 1
        elif has is not None:
            only_now[old.outcome if old else "absent"] += 1
    clusters = tuple(map(tuple, gains.values()))
    test: Test = "mcnemar" if metric.kind == "rate" else "bootstrap"
    p = 1.0
    if clusters and test == "mcnemar":
        p = sign_test(sum(way < 0 for way in ways.values()), sum(way > 0 for way in ways.values()))
    elif clusters:
        p = paired_p(clusters, seed)
    return Difference(
        metric=metric,
        before=fmean(was for was, _ in values) if values else None,
        now=fmean(has for _, has in values) if values else None,
        gains=clusters,
        interval=paired_interval(clusters, seed) if clusters else None,
        fell=fell,
        rose=rose,
        test=test,
        p=p,
        adjusted=p,
        only_before=dict(only_before),
        only_now=dict(only_now),
    )


def _cell(run: Marks, key: Key, metric: str) -> Mark | None:
    row = run.rows.get(key)
    return row.cells.get(metric) if row else None


def _flips(now: Marks, baseline: Marks) -> Iterator[Flip]:
    for key, row in now.rows.items():
        for metric, new in row.cells.items():
            old = _cell(baseline, key, metric)
            if old is not None and {old.outcome, new.outcome} == {"pass", "fail"}:
                yield Flip(key, metric, old, new)
