"""Whether a run reaches the marks of its suite; what cannot be said is neither pass nor fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from evaluators.compare import Comparison, Difference
from evaluators.score import plain
from evaluators.stats import holm, interval, paired_interval, two_sided
from evaluators.suite import Gate, Suite
from evaluators.summary import MetricSummary, Summary

Ruling = Literal["pass", "fail", "unscored", "review"]
"""Reached; missed; too many cells could not be judged; too few rows to say."""

EXIT: Final[dict[Ruling, int]] = {"pass": 0, "fail": 1, "review": 3, "unscored": 4}
"""The exit code that a ruling asks for."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What came of one gate.

    Attributes:
        gate: The gate; None for the suite's own limit on unscored cells.
        ruling: What came of it.
        reason: A stable word that says why: ``reached``, ``missed``, ``unproven``, ``few_rows``,
            ``no_score``, ``unscored``, ``uncalibrated_judge``, ``weak_judge``; with a baseline also ``regressed``,
            ``no_baseline``, ``no_pairs``, ``lost_rows``.
        value: The metric; None without a score. With ``no_worse_than`` the gain over the baseline.
        bound: The one-sided confidence bound that was held against the mark; None for a point gate.
        n: How many independent rows it rests on.
        p: Of the paired test, after Holm over all gates with a baseline; None for other gates.
    """

    gate: Gate | None
    ruling: Ruling
    reason: str
    value: float | None = None
    bound: float | None = None
    n: int = 0
    p: float | None = None


def judge(
    suite: Suite,
    summary: Summary,
    seed: int,
    kappas: Mapping[str, float] | None = None,
    comparison: Comparison | None = None,
) -> tuple[GateResult, ...]:
    """Rule on every gate, and on the share of unscored cells where the suite is over its limit.

    Args:
        suite: Holds the gates.
        summary: What came of the run.
        seed: For intervals that are resampled.
        kappas: For each metric whose judge has a passport, how far it agrees with people.
        comparison: The run held against a baseline; without one, gates with ``no_worse_than`` are up for review.
    """
    by_name = {metric.metric.name: metric for metric in summary.metrics}
    ps = _adjusted(suite.gates, comparison)

    def result(at: int, gate: Gate) -> GateResult:
        found = _of(gate, by_name)
        if gate.side == "no_worse_than":
            return rule_against(gate, found, comparison, ps.get(at, 1.0), seed)
        return rule(gate, found, seed)

    results = [_trusted(gate, kappas or {}) or result(at, gate) for at, gate in enumerate(suite.gates)]
    if summary.unscored_share > suite.max_unscored:
        results.append(GateResult(None, "unscored", "unscored", summary.unscored_share))
    return tuple(results)


def _of(gate: Gate, by_name: Mapping[str, MetricSummary]) -> MetricSummary | None:
    """Return the metric of a gate; where rows were asked both ways and it does not say which, the gateway's."""
    return by_name.get(gate.metric) or by_name.get(f"{gate.metric}:gateway")


def _trusted(gate: Gate, kappas: Mapping[str, float]) -> GateResult | None:
    """Return a result for a gate whose judge may not decide; None if it may."""
    if gate.min_kappa is None:
        return None
    metric = plain(gate.metric)
    if metric not in kappas:
        return GateResult(gate, "review", "uncalibrated_judge")
    return None if kappas[metric] >= gate.min_kappa else GateResult(gate, "review", "weak_judge")


def rule(gate: Gate, metric: MetricSummary | None, seed: int) -> GateResult:
    """Rule on one gate.

    A mark that the point misses is missed. One that the point reaches but the bound does not is
    up for review: a larger sample may prove it.
    """
    if metric is None:
        return GateResult(gate, "review", "no_score")
    n, value = len(metric.clusters), metric.value
    if metric.unscored_share > gate.max_unscored:
        return GateResult(gate, "unscored", "unscored", value, None, n)
    if value is None:
        return GateResult(gate, "review", "no_score", n=n)
    limits = interval(metric.clusters, metric.metric.kind, seed, two_sided(gate.confidence))
    bound = None if gate.bound == "point" else limits.low if gate.side == "at_least" else limits.high
    ruling, reason = _ruling(gate, value, value if bound is None else bound, n)
    return GateResult(gate, ruling, reason, value, bound, n)


def rule_against(
    gate: Gate, metric: MetricSummary | None, comparison: Comparison | None, p: float, seed: int
) -> GateResult:
    """Rule on one gate that holds a run against a baseline.

    It passes if the bound of the gain lies no further behind than the margin, and fails if the gain itself does and
    the paired test says that this is no chance. What lies between is up for review: more rows may settle it.

    Args:
        gate: A gate with ``no_worse_than``.
        metric: What came of it in this run; None if nothing did.
        comparison: With the baseline; None without one.
        p: Of the paired test, after Holm.
        seed: For the interval.
    """
    if metric is not None and metric.unscored_share > gate.max_unscored:
        return GateResult(gate, "unscored", "unscored")
    if comparison is None:
        return GateResult(gate, "review", "no_baseline")
    found = comparison.of(gate.metric)
    if found is None or found.gain is None:
        return GateResult(gate, "review", "no_pairs")
    n, limits = len(found.gains), paired_interval(found.gains, seed, two_sided(gate.confidence))
    ruling, reason = _ruling_against(gate, found, limits.low, n, p)
    return GateResult(gate, ruling, reason, found.gain, limits.low, n, p)


def _ruling_against(gate: Gate, found: Difference, bound: float, n: int, p: float) -> tuple[Ruling, str]:
    if found.gain is not None and found.gain < -gate.mark and p <= 1 - gate.confidence:
        return "fail", "regressed"
    if n < gate.min_n:
        return "review", "few_rows"
    if found.lost_share > gate.max_unscored:
        return "review", "lost_rows"
    return ("pass", "reached") if bound >= -gate.mark else ("review", "unproven")


def _adjusted(gates: Sequence[Gate], comparison: Comparison | None) -> dict[int, float]:
    """Return for each gate with a baseline the p of its test, after Holm over all of them."""
    found = {
        at: difference.p
        for at, gate in enumerate(gates)
        if gate.side == "no_worse_than" and comparison and (difference := comparison.of(gate.metric))
    }
    return dict(zip(found, holm(list(found.values())), strict=True))


def _ruling(gate: Gate, value: float, bound: float, n: int) -> tuple[Ruling, str]:
    if not _reaches(gate, value):
        return "fail", "missed"
    if n < gate.min_n:
        return "review", "few_rows"
    return ("pass", "reached") if _reaches(gate, bound) else ("review", "unproven")


def _reaches(gate: Gate, value: float) -> bool:
    return value >= gate.mark if gate.side == "at_least" else value <= gate.mark


def exit_code(results: Iterable[GateResult]) -> int:
    """Return the gravest: a failed gate (1), too many unscored (4), under-powered (3), all well (0)."""
    codes = {EXIT[result.ruling] for result in results}
    return next((code for code in (1, 4, 3) if code in codes), 0)
