"""What a run showed, as a table for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.conformance.run import Outcome


def as_json(outcomes: Sequence[Outcome], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything, in the order of the cases."""
    passed = sum(not outcome.problems for outcome in outcomes)
    return {
        **about,
        "passed": passed,
        "failed": len(outcomes) - passed,
        "dialects": _dialects(outcomes),
        "cases": [
            {
                "id": outcome.case.id,
                "trap": outcome.case.file.trap.model_dump(),
                "passed": not outcome.problems,
                "problems": list(outcome.problems),
            }
            for outcome in outcomes
        ],
    }


def _dialects(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    every = Counter(outcome.case.dialect for outcome in outcomes)
    good = Counter(outcome.case.dialect for outcome in outcomes if not outcome.problems)
    return {name: {"passed": good[name], "of": count} for name, count in every.items()}


def as_table(outcomes: Sequence[Outcome]) -> str:
    """Return the failures, each with its trap in two languages, and the count of each dialect."""
    lines = []
    for outcome in outcomes:
        if outcome.problems:
            trap = outcome.case.file.trap
            lines.append(f"✗ {outcome.case.id}\n    {trap.zh} · {trap.en}")
            lines += [f"    {problem}" for problem in outcome.problems]
    if lines:
        lines.append("")
    lines += [f"{name:12} {n['passed']:3} / {n['of']}" for name, n in _dialects(outcomes).items()]
    passed = sum(not outcome.problems for outcome in outcomes)
    share = passed / len(outcomes) if outcomes else 0.0
    lines.append(f"{'通过 passed':10} {passed:3} / {len(outcomes)}  ({share:.0%})")
    return "\n".join(lines)
