"""What came of a run: every metric with its n, interval and what could not be judged; every row; every slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluators.run import Key, Run, State
from evaluators.sample import Failure, Response, Sample
from evaluators.score import Cell, Metric, Outcome, Score, Unscored, outcome
from evaluators.scorers.spec import Scorer
from evaluators.stats import Interval, interval, mean

_GRAVEST: tuple[Outcome, ...] = ("fail", "unscored", "refused", "pass", "skipped")


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric over a run.

    Attributes:
        metric: Which.
        counts: Cells by outcome.
        reasons: Cells that have no score, by reason.
        clusters: The scored values, grouped by rows that belong together.
        value: The mean; None without a scored cell.
        interval: Two-sided 95 % interval of it; None without a scored cell.
        worst: The mean if every unscored cell had the worst value; None without any cell.
        best: The mean if every unscored cell had the best value; None without any cell.
    """

    metric: Metric
    counts: Mapping[Outcome, int]
    reasons: Mapping[str, int]
    clusters: tuple[tuple[float, ...], ...]
    value: float | None
    interval: Interval | None
    worst: float | None
    best: float | None

    @property
    def n(self) -> int:
        """How many cells were scored."""
        return sum(map(len, self.clusters))

    @property
    def unscored_share(self) -> float:
        """Unscored cells over those that were to be scored (neither refused nor skipped)."""
        unscored = self.counts.get("unscored", 0)
        return unscored / (self.n + unscored) if unscored else 0.0


@dataclass(frozen=True, slots=True)
class RowSummary:
    """One row and repetition: what was said, every cell, and the gravest outcome among them."""

    sample: Sample
    repetition: int
    answer: Response | Failure | None
    cells: Mapping[str, Cell]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that share a property: how many ended how."""

    dimension: str
    name: str
    counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers.

    Attributes:
        metrics: In the order of the suite.
        rows: In the order of the data set.
        slices: By language, risk, kind and attack, in the order of first appearance.
        answered: Answers that there are.
        asked: Answers that there should be.
        policies: Which policies judged, by the header of the answers, and how often.
        models: Which models answered, by their own word, and how often.
        versions: What scorers depend on.
    """

    metrics: tuple[MetricSummary, ...]
    rows: tuple[RowSummary, ...]
    slices: tuple[Slice, ...]
    answered: int
    asked: int
    policies: Mapping[str, int]
    models: Mapping[str, int]
    versions: Mapping[str, str]

    @property
    def whole(self) -> bool:
        """Whether every row was answered."""
        return self.answered == self.asked

    @property
    def unscored_share(self) -> float:
        """Unscored cells of all metrics over those that were to be scored."""
        unscored = sum(m.counts.get("unscored", 0) for m in self.metrics)
        return unscored / (unscored + sum(m.n for m in self.metrics)) if unscored else 0.0


def summarise(run: Run, state: State, scorers: Sequence[Scorer]) -> Summary:
    """Sum a run up, whole or not: what is missing is unscored, with its reason."""
    rows = tuple(_row(sample, key, state, scorers) for sample, key in run.due())
    metrics = (metric for scorer in scorers for metric in scorer.metrics)
    said = [row.answer for row in rows if isinstance(row.answer, Response)]
    return Summary(
        metrics=tuple(m for metric in metrics if (m := _metric(metric, rows, run.manifest.seed)).counts),
        rows=rows,
        slices=tuple(_slices(rows)),
        answered=len(said),
        asked=len(rows),
        policies=Counter(answer.policy for answer in said if answer.policy),
        models=Counter(answer.model for answer in said if answer.model),
        versions={f"{scorer.name}.{name}": word for scorer in scorers for name, word in scorer.versions.items()},
    )


def _row(sample: Sample, key: Key, state: State, scorers: Sequence[Scorer]) -> RowSummary:
    answer = state.answers.get(key)
    cells: dict[str, Cell] = {}
    for scorer in scorers:
        judged = state.cells.get((key, scorer.name))
        if isinstance(answer, Response) and judged is not None:
            cells.update(judged)
            continue
        reason = "not_scored" if isinstance(answer, Response) else f"target_{answer.code}" if answer else "not_asked"
        cells.update(dict.fromkeys(scorer.applies(sample), Unscored(reason)))
    outcomes = {outcome(cell) for cell in cells.values()}
    gravest: Outcome = next((word for word in _GRAVEST if word in outcomes), "skipped")
    return RowSummary(sample, key.repetition, answer, cells, gravest)


def _metric(metric: Metric, rows: Iterable[RowSummary], seed: int) -> MetricSummary:
    grouped: dict[str, list[float]] = {}
    counts: Counter[Outcome] = Counter()
    reasons: Counter[str] = Counter()
    for row in rows:
        cell = row.cells.get(metric.name)
        if cell is None:
            continue
        counts[outcome(cell)] += 1
        if isinstance(cell, Score):
            grouped.setdefault(row.sample.cluster, []).append(cell.value)
        else:
            reasons[cell.reason] += 1
    clusters = tuple(map(tuple, grouped.values()))
    total, n, unscored = sum(map(sum, clusters)), sum(map(len, clusters)), counts["unscored"]
    low, high = (total / (n + unscored), (total + unscored) / (n + unscored)) if n + unscored else (None, None)
    return MetricSummary(
        metric=metric,
        counts=dict(counts),
        reasons=dict(reasons),
        clusters=clusters,
        value=mean(clusters) if clusters else None,
        interval=interval(clusters, metric.kind, seed) if clusters else None,
        worst=low if metric.better == "high" else high,
        best=high if metric.better == "high" else low,
    )


def _slices(rows: Sequence[RowSummary]) -> Iterable[Slice]:
    for dimension in ("lang", "risk", "kind", "attack"):
        found: dict[str, Counter[Outcome]] = {}
        for row in rows:
            name = getattr(row.sample, dimension)
            if name:
                found.setdefault(name, Counter())[row.outcome] += 1
        yield from (Slice(dimension, name, dict(counts)) for name, counts in found.items())
