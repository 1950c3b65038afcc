"""What came of a run: every metric with its n, interval and what could not be judged; every row; every slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluators.reduce import Reducer, reduce_cells
from evaluators.run import Key, Run, State
from evaluators.sample import Failure, Response, Sample
from evaluators.score import Cell, Metric, Outcome, Score, Skipped, Unscored, outcome
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
        reducer: What a row's repetitions were brought to, by its name; empty where each is a cell.
    """

    metric: Metric
    counts: Mapping[Outcome, int]
    reasons: Mapping[str, int]
    clusters: tuple[tuple[float, ...], ...]
    value: float | None
    interval: Interval | None
    worst: float | None
    best: float | None
    reducer: str = ""

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
    """One row, repetition and way: what was said, every cell, and the gravest outcome among them.

    ``way`` is empty where there is but one; else the names of ``cells`` end in it: ``refusal_rate:gateway``.
    """

    sample: Sample
    repetition: int
    answer: Response | Failure | None
    cells: Mapping[str, Cell]
    outcome: Outcome
    way: str = ""


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
        slices: By language, risk, kind and attack, in the order of first appearance; of a pair the gateway's rows, and
            both ways by ``way``.
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
    metrics = (
        (replace(metric, name=_named(metric.name, way)), run.suite.reducers.get(scorer.name))
        for scorer in scorers
        for metric in scorer.metrics
        for way in run.manifest.asked.ways
    )
    said = [row.answer for row in rows if isinstance(row.answer, Response)]
    return Summary(
        metrics=tuple(m for metric, how in metrics if (m := _metric(metric, rows, run.manifest.seed, how)).counts),
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
    seen = answer.seen(sample) if isinstance(answer, Response) else sample
    for scorer in scorers:
        judged = state.cells.get((key, scorer.name))
        if not isinstance(answer, Response) or judged is None:
            judged = dict.fromkeys(scorer.applies(seen), _missing(answer, state))
        cells.update((_named(name, key.way), cell) for name, cell in judged.items())
    outcomes = {outcome(cell) for cell in cells.values()}
    gravest: Outcome = next((word for word in _GRAVEST if word in outcomes), "skipped")
    return RowSummary(seen, key.repetition, answer, cells, gravest, key.way)


def _missing(answer: Response | Failure | None, state: State) -> Cell:
    """Say why there is no judgement: a budget at its end skips what is left."""
    if isinstance(answer, Failure):
        return Unscored(f"target_{answer.code}")
    if state.stopped:
        return Skipped(state.stopped)
    return Unscored("not_asked" if answer is None else "not_scored")


def _named(metric: str, way: str) -> str:
    return f"{metric}:{way}" if way else metric


def _cells(metric: Metric, rows: Iterable[RowSummary], reducer: Reducer | None) -> Iterator[tuple[str, Cell]]:
    """Yield the cells of a metric, each with its cluster; repetitions of a row are one where they are reduced."""
    found = ((row.sample, cell) for row in rows if (cell := row.cells.get(metric.name)) is not None)
    if reducer is None:
        yield from ((sample.cluster, cell) for sample, cell in found)
        return
    repeated: dict[str, tuple[str, list[Cell]]] = {}
    for sample, cell in found:
        repeated.setdefault(sample.id, (sample.cluster, []))[1].append(cell)
    yield from ((cluster, reduce_cells(cells, metric, reducer)) for cluster, cells in repeated.values())


def _metric(metric: Metric, rows: Iterable[RowSummary], seed: int, reducer: Reducer | None) -> MetricSummary:
    grouped: dict[str, list[float]] = {}
    counts: Counter[Outcome] = Counter()
    reasons: Counter[str] = Counter()
    for cluster, cell in _cells(metric, rows, reducer):
        counts[outcome(cell)] += 1
        if isinstance(cell, Score):
            grouped.setdefault(cluster, []).append(cell.value)
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
        reducer=reducer.name if reducer else "",
    )


def _slices(rows: Sequence[RowSummary]) -> Iterable[Slice]:
    for dimension in ("way", "lang", "risk", "kind", "attack"):
        found: dict[str, Counter[Outcome]] = {}
        for row in rows:
            name = row.way if dimension == "way" else getattr(row.sample, dimension)
            if name and (dimension == "way" or row.way != "direct"):
                found.setdefault(name, Counter())[row.outcome] += 1
        yield from (Slice(dimension, name, dict(counts)) for name, counts in found.items())
