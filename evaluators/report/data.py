"""The report as JSON values: the same run gives the same values, whenever it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evaluators.gate import GateResult
from evaluators.run import Run
from evaluators.sample import Failure
from evaluators.score import OUTCOMES, encode
from evaluators.summary import MetricSummary, RowSummary, Summary

FORMAT = 1


def report(run: Run, summary: Summary, gates: Sequence[GateResult], code: int) -> dict[str, Any]:
    """Return the whole report; numbers are in [0, 1] unless their name says otherwise."""
    return {
        "format": FORMAT,
        "run": asdict(run.manifest),
        "exit_code": code,
        "answered": summary.answered,
        "asked": summary.asked,
        "unscored_share": summary.unscored_share,
        "policies": dict(summary.policies),
        "models": dict(summary.models),
        "versions": {**run.manifest.versions, **summary.versions},
        "gates": [_gate(result) for result in gates],
        "metrics": [_metric(metric) for metric in summary.metrics],
        "slices": [asdict(part) for part in summary.slices],
        "rows": [_row(row) for row in summary.rows],
    }


def _gate(result: GateResult) -> dict[str, Any]:
    return asdict(result)


def _metric(metric: MetricSummary) -> dict[str, Any]:
    return {
        **asdict(metric.metric),
        "reducer": metric.reducer,
        "n": metric.n,
        "clusters": len(metric.clusters),
        "value": metric.value,
        "low": metric.interval.low if metric.interval else None,
        "high": metric.interval.high if metric.interval else None,
        "worst": metric.worst,
        "best": metric.best,
        "unscored_share": metric.unscored_share,
        "counts": {word: metric.counts.get(word, 0) for word in OUTCOMES},
        "reasons": dict(metric.reasons),
    }


def _row(row: RowSummary) -> dict[str, Any]:
    said: dict[str, Any] | None = None
    if row.answer is not None:
        said = {"failure" if isinstance(row.answer, Failure) else "answer": asdict(row.answer)}
    return {
        "id": row.sample.id,
        "repetition": row.repetition,
        "way": row.way,
        "outcome": row.outcome,
        "said": said,
        "cells": {name: encode(cell) for name, cell in row.cells.items()},
    }
