"""Asks what stands outside: the operator's own search where the knowledge base is unsure, and a reranker.

Both are HTTP endpoints that the settings name. A search is ``POST {"query", "count"}``, and answers
``{"results": [{"title", "link", "text"}, …]}``; a reranker is what Cohere's, Jina's and vLLM's ``/rerank`` is:
``POST {"model", "query", "documents", "top_n"}``, and ``{"results": [{"index", "relevance_score"}, …]}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import aiohttp
import orjson

from gateway.errors import KnowledgeError

_MOST: Final = 4 * 1024 * 1024


class Place(NamedTuple):
    """An endpoint.

    Attributes:
        url: Where.
        key: Sent as a bearer token; empty for none. Never shown.
        seconds: How long an answer may take.
        model: For a reranker, its name; may be empty.
    """

    url: str
    key: str = ""
    seconds: float = 3.0
    model: str = ""


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


async def post(place: Place, body: Mapping[str, Any], most: int = _MOST) -> Any:
    """Ask an endpoint; return its parsed answer. Raises ``KnowledgeError``.

    Args:
        place: Which.
        body: What it is asked.
        most: Bytes that its answer may have.
    """
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {place.key}"} if place.key else {})
    timeout = aiohttp.ClientTimeout(total=place.seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(place.url, data=orjson.dumps(body), headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise KnowledgeError(f"{named(place)} answers HTTP {response.status}")
            said = bytearray()
            async for piece in response.content.iter_any():
                said += piece
                if len(said) > most:
                    raise KnowledgeError(f"{named(place)} answers more than {most:,} bytes")
            return orjson.loads(said)
    except TimeoutError:
        raise KnowledgeError(f"{named(place)} did not answer within {place.seconds:g} s") from None
    except aiohttp.ClientError as error:
        raise KnowledgeError(f"{named(place)} cannot be asked ({type(error).__name__})") from None
    except orjson.JSONDecodeError:
        raise KnowledgeError(f"{named(place)} answers no JSON") from None


def named(place: Place) -> str:
    """Return the address without what may be secret in it."""
    return place.url.partition("?")[0].rpartition("@")[2]
