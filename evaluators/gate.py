"""Whether a run reaches the marks of its suite; what cannot be said is neither pass nor fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from evaluators.stats import interval, two_sided
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
            ``no_score``, ``unscored``, ``uncalibrated_judge``, ``weak_judge``.
        value: The metric; None without a score.
        bound: The one-sided confidence bound that was held against the mark; None for a point gate.
        n: How many independent rows it rests on.
    """

    gate: Gate | None
    ruling: Ruling
    reason: str
    value: float | None = None
    bound: float | None = None
    n: int = 0


def judge(
    suite: Suite, summary: Summary, seed: int, kappas: Mapping[str, float] | None = None
) -> tuple[GateResult, ...]:
    """Rule on every gate, and on the share of unscored cells where the suite is over its limit.

    Args:
        suite: Holds the gates.
        summary: What came of the run.
        seed: For intervals that are resampled.
        kappas: For each metric whose judge has a passport, how far it agrees with people.
    """
    by_name = {metric.metric.name: metric for metric in summary.metrics}
    results = [_trusted(gate, kappas or {}) or rule(gate, by_name.get(gate.metric), seed) for gate in suite.gates]
    if summary.unscored_share > suite.max_unscored:
        results.append(GateResult(None, "unscored", "unscored", summary.unscored_share))
    return tuple(results)


def _trusted(gate: Gate, kappas: Mapping[str, float]) -> GateResult | None:
    """Return a result for a gate whose judge may not decide; None if it may."""
    if gate.min_kappa is None:
        return None
    if gate.metric not in kappas:
        return GateResult(gate, "review", "uncalibrated_judge")
    return None if kappas[gate.metric] >= gate.min_kappa else GateResult(gate, "review", "weak_judge")


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
