"""Finds the sources of an answer: in the library, put in order by a reranker, and elsewhere where it is unsure."""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.exchange import Source
from gateway.knowledge.index import Found, Index
from gateway.knowledge.kept import KeptPassage
from gateway.knowledge.library import Embed, Library
from gateway.knowledge.remote import reranked, searched
from gateway.meaning.remote import Place

DEPTH: Final = 20
"""How many passages a reranker looks at."""

_LONGEST: Final = 2_000
"""Characters of a search result that are used."""


class Finder:
    """The port ``Knowledge``: finds what an answer may be grounded in.

    Args:
        library: The operator's documents.
        embed: Gives texts their meaning.
        rerank: Puts passages in order; None leaves them in the library's.
        search: Asked where no passage reaches ``unsure`` (corrective RAG, Yan and others 2024); None for never.
        unsure: A confidence in [0, 1].
    """

    def __init__(
        self,
        library: Library,
        embed: Embed,
        rerank: Place | None = None,
        search: Place | None = None,
        unsure: float = 0.3,
    ) -> None:
        self._library, self._embed = library, embed
        self._rerank, self._search, self._unsure = rerank, search, unsure

    async def __call__(self, tenant: str, question: str, count: int, labels: frozenset[str]) -> tuple[Source, ...]:
        """Return the passages that say most about a question, the best first; raises ``KnowledgeError``."""
        depth = DEPTH if self._rerank else count
        found = await asyncio.to_thread(self._library.find, tenant, question, depth, labels)
        sources = [_source(one) for one in found]
        if self._rerank and sources:
            scores = await reranked(self._rerank, question, [source.text for source in sources])
            order = sorted(range(len(sources)), key=lambda at: -scores[at])
            sources = [sources[at] for at in order]
        sources = sources[:count]
        if self._search and max((source.confidence for source in sources), default=0.0) < self._unsure:
            sources = (await self._elsewhere(self._search, question, count)) or sources
        return tuple(sources)

    @property
    def prepared(self) -> bool:
        """Whether nobody reads what the first questions would wait for."""
        return self._library.prepared

    def prepare(self) -> None:
        """Begin to read what the first questions would wait for, beside whatever else there is to do."""
        self._library.prepare()

    async def aclose(self) -> None:
        """Let go of the library."""
        await asyncio.to_thread(self._library.close)

    async def _elsewhere(self, search: Place, question: str, count: int) -> list[Source]:
        results = await searched(search, question, count)
        if not results:
            return []
        texts = [result.text[:_LONGEST] for result in results]
        vectors = await asyncio.to_thread(self._embed, [question, *texts])
        passages = [
            KeptPassage(
                f"search:{result.link or at}", "search", result.title or result.link, result.link, text, (), "",
                frozenset(), (), vectors[at],
            )
            for at, (result, text) in enumerate(zip(results, texts, strict=True), 1)
        ]  # fmt: skip
        return [_source(one) for one in Index(passages).search(question, vectors[0], count)]


def _source(found: Found) -> Source:
    passage = found.passage
    return Source(passage.id, passage.title, passage.link, passage.place, passage.text, round(found.confidence, 4))
