"""Every scorer by the name that suites use."""

from __future__ import annotations

from collections.abc import Mapping

from evaluators.scorers import (
    compliance,
    leak,
    prompt_leak,
    rag,
    ragas,
    refusal,
    retrieval,
    round_trip,
    rubric,
    standard,
    stereotype,
    toxicity,
)
from evaluators.scorers.judged import scorer as judged
from evaluators.scorers.judged import tools
from evaluators.scorers.spec import ScorerSpec


def registry() -> Mapping[str, ScorerSpec]:
    """Return all scorers; building one loads what it needs, this loads nothing heavy."""
    specs = (refusal.SPEC, leak.SPEC, rag.SPEC, retrieval.SPEC, ragas.SPEC)
    risks = (
        compliance.SPEC,
        prompt_leak.SPEC,
        round_trip.SPEC,
        toxicity.SPEC,
        stereotype.SPEC,
        standard.SPEC,
        rubric.SPEC,
    )
    ours = (*(judged.spec(metric) for metric in judged.METRICS), tools.SPEC)
    return {spec.name: spec for spec in (*specs, *ours, *risks)}
