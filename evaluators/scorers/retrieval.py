"""How well the passages of a row were found and ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import Field

from evaluators.sample import Response, Sample
from evaluators.score import Cell, Metric, Score
from evaluators.scorers.spec import Options, Scorer, ScorerSpec, Surroundings


class RetrievalOptions(Options):
    """Options of the scorer ``retrieval``; ``k`` is how many of the first passages count."""

    k: int = Field(default=5, ge=1, le=1000, description="how many of the first passages count")


def metrics(k: int) -> tuple[Metric, ...]:
    """Return the metrics at a cut-off, with the names that retrieval research uses."""
    return (
        Metric(f"hit_rate@{k}", "high", "rate", "rows with a relevant passage among the first k"),
        Metric("mrr", "high", "mean", "1 / rank of the first relevant passage"),
        Metric(f"ndcg@{k}", "high", "mean", "discounted gain against the best ranking, binary relevance"),
        Metric(f"precision@{k}", "high", "mean", "relevant passages among the first k, over k"),
        Metric(f"recall@{k}", "high", "mean", "relevant passages among the first k, over all relevant ones"),
        Metric("map", "high", "mean", "precision at each relevant passage, over all relevant ones"),
    )


def measure(ranking: Sequence[str], relevant: frozenset[str], k: int) -> dict[str, float]:
    """Return every retrieval metric of one ranking.

    Args:
        ranking: Ids of passages, best first, each once.
        relevant: Ids of the relevant passages, at least one; they need not be in the ranking.
        k: The cut-off. ``precision@k`` divides by k also where fewer passages came back.
    """
    hits = [passage in relevant for passage in ranking]
    first = hits.index(True) + 1 if any(hits) else 0
    gain = sum(hit / math.log2(rank + 1) for rank, hit in enumerate(hits[:k], 1))
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    precisions = [sum(hits[:rank]) / rank for rank, hit in enumerate(hits, 1) if hit]
    values = (
        float(any(hits[:k])),
        1 / first if first else 0.0,
        gain / ideal,
        sum(hits[:k]) / k,
        sum(hits[:k]) / len(relevant),
        math.fsum(precisions) / len(relevant),
    )
    return {metric.name: min(1.0, value) for metric, value in zip(metrics(k), values, strict=True)}


def score_retrieval(sample: Sample, k: int) -> Mapping[str, Cell]:
    """Judge a row's ranking; nothing where nobody said which passages are relevant, or none is."""
    if not sample.relevant:
        return {}
    measured = measure([passage.id for passage in sample.contexts], frozenset(sample.relevant), k)
    return {name: Score(value, value > 0) for name, value in measured.items()}


def build(options: RetrievalOptions, surroundings: Surroundings) -> Scorer:
    """Make the scorer."""

    def score(sample: Sample, response: Response) -> Mapping[str, Cell]:
        return score_retrieval(sample, options.k)

    names = tuple(metric.name for metric in metrics(options.k))
    return Scorer("retrieval", metrics(options.k), applies=lambda row: names if row.relevant else (), score=score)


SPEC: Final = ScorerSpec("retrieval", "hit rate, MRR, NDCG, P@k, R@k, MAP", RetrievalOptions, build)
