"""Asks what stands outside: the operator's own search where the knowledge base is unsure, and a reranker.

Both are HTTP endpoints that the settings name. A search is ``POST {"query", "count"}``, and answers
``{"results": [{"title", "link", "text"}, …]}``; a reranker is what Cohere's, Jina's and vLLM's ``/rerank`` is:
``POST {"model", "query", "documents", "top_n"}``, and ``{"results": [{"index", "relevance_score"}, …]}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gateway.errors import KnowledgeError
from gateway.meaning.remote import Place, named, post


class Result(NamedTuple):
    """What a search found."""

    title: str
    link: str
    text: str


async def searched(place: Place, query: str, count: int) -> tuple[Result, ...]:
    """Ask the operator's search; raises ``KnowledgeError``."""
    answer = await post(place, {"query": query, "count": count})
    results = _results(answer, place)
    found = []
    for one in results:
        if not isinstance(one, dict) or not isinstance(one.get("text"), str):
            raise KnowledgeError(f"the search at {named(place)} gives results without text")
        title, link = one.get("title") or "", one.get("link") or ""
        found.append(
            Result(str(title), str(link) if str(link).startswith(("https://", "http://")) else "", one["text"])
        )
    return tuple(found[:count])


async def reranked(place: Place, query: str, texts: Sequence[str]) -> tuple[float, ...]:
    """Return for each text how relevant a reranker finds it; raises ``KnowledgeError``."""
    if not texts:
        return ()
    body = {"query": query, "documents": list(texts), "top_n": len(texts)}
    answer = await post(place, body | ({"model": place.model} if place.model else {}))
    scores: dict[int, float] = {}
    for one in _results(answer, place):
        index, score = (one.get("index"), one.get("relevance_score")) if isinstance(one, dict) else (None, None)
        if not isinstance(index, int) or not isinstance(score, int | float) or not 0 <= index < len(texts):
            raise KnowledgeError(f"the reranker at {named(place)} gives no index and relevance_score")
        scores[index] = float(score)
    if len(scores) != len(texts):
        raise KnowledgeError(f"the reranker at {named(place)} judged {len(scores)} of {len(texts)} texts")
    return tuple(scores[at] for at in range(len(texts)))


def _results(answer: Any, place: Place) -> list[Any]:
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise KnowledgeError(f"{named(place)} answers without a list of results")
    return results
