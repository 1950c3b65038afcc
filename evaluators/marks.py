"""What a run's judgements came to, cell by cell and without a word of text: what two runs are compared by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from evaluators.run import Key, Run
from evaluators.score import Metric, Outcome, Score, outcome
from evaluators.summary import Summary

BASIS: Final = ("suite", "data", "questions", "prompts", "scorers", "judge", "embedding")
"""What two runs must share to be comparable; whom they ask, and when, is what one compares."""

_ASKS: Final = ("prompt", "attacks")
_JUDGES: Final = ("scorers",)


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell.

    Attributes:
        outcome: What became of it.
        value: The score, in [0, 1]; None without one.
        reason: Why there is none; empty with one.
    """

    outcome: Outcome
    value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row and repetition: what it is about, and its cells by metric.

    Attributes:
        cluster: Rows of one cluster are not independent of each other.
        lang: Language of the question.
        risk: Risk id; empty for none.
        kind: Trade or type of question; empty for none.
        attack: Name of the attack; empty for none.
        outcome: The gravest among the cells.
        cells: By the metric's name.
    """

    cluster: str
    lang: str
    risk: str
    kind: str
    attack: str
    outcome: Outcome
    cells: Mapping[str, Mark]


@dataclass(frozen=True, slots=True)
class Marks:
    """A run's judgements.

    Attributes:
        id: The run's id.
        started: ISO 8601 with offset.
        target: Whom it asked, for people.
        basis: What another run must share to be comparable; see ``BASIS``.
        versions: What may have changed between two runs that are comparable: programs, scorers, policies.
        metrics: What was measured, by name, in the order of the suite.
        rows: By row and repetition, in the order of the run.
    """

    id: str
    started: str
    target: str
    basis: Mapping[str, str]
    versions: Mapping[str, str]
    metrics: Mapping[str, Metric]
    rows: Mapping[Key, MarkedRow]


def marks(run: Run, summary: Summary) -> Marks:
    """Return what the judgements of a run came to."""
    asked = run.manifest.asked
    return Marks(
        id=run.manifest.id,
        started=run.manifest.started,
        target="recorded" if asked.recorded else f"{asked.model} @ {asked.base_url}",
        basis=basis(run),
        versions={
            **run.manifest.versions,
            **summary.versions,
            "policy": ", ".join(sorted(summary.policies)),
            "model": ", ".join(sorted(summary.models)),
        },
        metrics={metric.metric.name: metric.metric for metric in summary.metrics},
        rows={
            Key(row.sample.id, row.repetition, row.way): MarkedRow(
                row.sample.cluster,
                row.sample.lang,
                row.sample.risk,
                row.sample.kind,
                row.sample.attack,
                row.outcome,
                {
                    name: Mark(outcome(cell), cell.value)
                    if isinstance(cell, Score)
                    else Mark(outcome(cell), None, cell.reason)
                    for name, cell in row.cells.items()
                },
            )
            for row in summary.rows
        },
    )


def basis(run: Run) -> dict[str, str]:
    """Return what another run must share to be comparable with this one, as names and digests.

    A suite's gates, limits and target are no part of it: one may move a mark and still compare.
    """
    manifest, written = run.manifest, run.suite.document.value

    def model(address: Any) -> str:
        return "" if address is None else str(address.model)

    return {
        "suite": manifest.suite,
        "data": manifest.data_digest,
        "questions": manifest.versions.get("attacks", ""),
        "prompts": _digest(written, _ASKS),
        "scorers": _digest(written, _JUDGES),
        "judge": model(manifest.judge),
        "embedding": model(manifest.embedding),
    }


def _digest(written: Mapping[str, Any], keys: Iterable[str]) -> str:
    said = json.dumps({key: written.get(key) for key in keys}, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def differing(now: Mapping[str, str], baseline: Mapping[str, str]) -> list[str]:
    """Return in words what keeps two runs of these bases from being comparable; empty if nothing does."""
    return [
        f"{name}: {_short(baseline.get(name, ''))} in the baseline, {_short(now.get(name, ''))} now"
        for name in BASIS
        if baseline.get(name, "") != now.get(name, "")
    ]


def _short(word: str) -> str:
    return (word[:12] if len(word) == 64 else word) or "none"
