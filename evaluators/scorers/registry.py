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
    rubric,
    standard,
    stereotype,
    toxicity,
)
from evaluators.scorers.spec import ScorerSpec


def registry() -> Mapping[str, ScorerSpec]:
    """Return all scorers; building one loads what it needs, this loads nothing heavy."""
    specs = (refusal.SPEC, leak.SPEC, rag.SPEC, retrieval.SPEC, ragas.SPEC)
    risks = (compliance.SPEC, prompt_leak.SPEC, toxicity.SPEC, stereotype.SPEC, standard.SPEC, rubric.SPEC)
    return {spec.name: spec for spec in (*specs, *risks)}
