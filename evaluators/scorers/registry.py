"""Every scorer by the name that suites use."""

from __future__ import annotations

from collections.abc import Mapping

from evaluators.scorers import leak, rag, ragas, refusal, retrieval
from evaluators.scorers.spec import ScorerSpec


def registry() -> Mapping[str, ScorerSpec]:
    """Return all scorers; building one loads what it needs, this loads nothing heavy."""
    specs = (refusal.SPEC, leak.SPEC, rag.SPEC, retrieval.SPEC, ragas.SPEC)
    return {spec.name: spec for spec in specs}
