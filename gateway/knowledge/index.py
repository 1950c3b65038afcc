"""Finds passages by their words and by their meaning, and joins the two rankings.

Words: BM25 (Robertson and Zaragoza 2009) over pairs of Chinese characters and English words with their parts.
Meaning: cosines of vectors. Joined by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, k = 60).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.knowledge.kept import KeptPassage, Vector
from gateway.meaning.counted import Counted
from gateway.meaning.pieces import grams, plain
from gateway.meaning.rows import Rows, highest

FUSION: Final = 60
"""Reciprocal rank fusion: a rank counts 1 / (60 + rank)."""

DEPTH: Final = 100
"""How many of each ranking are joined."""

Nearest = Callable[[Vector, int], Sequence[tuple[str, float]]]
"""Searches vectors elsewhere: ids with their cosines, the nearest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was found.

    Attributes:
        passage: Which.
        score: Of the joined ranking; comparable within one search only.
        covered: The share of the question's words (weighted by how rare they are) that stand in it, in [0, 1].
        near: Its cosine to the question, in [-1, 1].
    """

    passage: KeptPassage
    score: float
    covered: float
    near: float

    @property
    def confidence(self) -> float:
        """How likely it is about the question, in [0, 1]: the better of what its words and its meaning say."""
        return max(self.covered, min(1.0, max(0.0, self.near)))


class Index:
    """The passages of one tenant, ready to be searched. Made once, never changed.

    Args:
        passages: What may be used; flagged ones are left out.
        nearest: Searches the vectors where they are too many for memory; None searches here.
    """

    def __init__(self, passages: Iterable[KeptPassage], nearest: Nearest | None = None) -> None:
        self.passages = tuple(passage for passage in passages if not passage.flagged)
        self._nearest = nearest
        self._places = {passage.id: at for at, passage in enumerate(self.passages)} if nearest else {}
        self._vectors = None if nearest or not self.passages else Rows(np.stack([one.vector for one in self.passages]))
        codes: dict[frozenset[str], int] = {}
        self._access = np.array([codes.setdefault(one.access, len(codes)) for one in self.passages], np.int64)
        self._labels = tuple(codes)
        self._documents: dict[str, int] = {}
        numbers = (self._documents.setdefault(one.document, len(self._documents)) for one in self.passages)
        self._document = np.fromiter(numbers, np.int32, len(self.passages))
        self._counted = Counted((plain(passage.searched) for passage in self.passages), searched, length=0.75)

    def search(
        self,
        question: str,
        vector: Vector,
        count: int,
        labels: frozenset[str] = frozenset(),
        gone: Iterable[str] = (),
    ) -> tuple[Found, ...]:
        """Return the passages that say most about a question, the best first.

        Args:
            question: In its own words.
            vector: What it means.
            count: How many at most.
            labels: What the caller may see; passages for others are as if they were not there.
            gone: Documents of which no passage is found any more.
        """
        if not self.passages:
            return ()
        seen = self._seen(labels)
        for document in gone:
            seen &= self._document != self._documents.get(document, -1)
        folded = plain(question)
        scores = np.where(seen, self._counted.scores(folded), np.float32(0))
        near, ranked = self._by_meaning(vector, seen)
        fused: defaultdict[int, float] = defaultdict(float)
        for ranking in (_top(scores, DEPTH), ranked):
            for rank, at in enumerate(ranking, 1):
                fused[at] += 1 / (FUSION + rank)
        best = sorted(fused, key=lambda at: (-fused[at], -scores[at], at))[:count]
        asked = {word: self._counted.weight(word) for word in searched(folded)}
        return tuple(
            Found(self.passages[at], round(fused[at], 6), share, float(near[at]))
            for at, share in zip(best, self._covered(asked, best), strict=True)
        )

    def _covered(self, asked: Mapping[str, float], numbers: Sequence[int]) -> list[float]:
        """Return which share of what is asked for stands in some passages."""
        there, some = np.zeros(len(numbers)), np.array(numbers, np.int64)
        for word, weight in asked.items():
            there += weight * self._counted.holds(word, some)
        return [float(one) for one in there / (sum(asked.values()) or 1.0)]

    def _seen(self, labels: frozenset[str]) -> NDArray[np.bool_]:
        may = np.array([not access or bool(access & labels) for access in self._labels])
        return np.ones(len(self.passages), bool) if may.all() else may[self._access]

    def _by_meaning(self, vector: Vector, seen: NDArray[np.bool_]) -> tuple[NDArray[np.float32], list[int]]:
        near = np.zeros(len(self.passages), np.float32)
        if not vector.any():
            return near, []
        if self._vectors is not None:
            near = self._vectors @ vector
            return near, _top(np.where(seen, near, np.float32(0)), DEPTH)
        elsewhere = self._nearest(vector, DEPTH) if self._nearest else ()
        found = [(self._places[id], cosine) for id, cosine in elsewhere if id in self._places]
        for at, cosine in found:
            near[at] = cosine
        return near, [at for at, _ in found if seen[at]]


def searched(folded: str) -> list[str]:
    """Return what of a plain text is looked for: pairs of Chinese characters, words with their parts, numbers.

    A Chinese character alone is looked for only where it is Latin, a digit or the like: pairs say more.
    """
    return grams(folded, alone=False)


def _top(scores: NDArray[np.float32], count: int) -> list[int]:
    """Return the places of the highest positive scores, the highest first; of equals the earlier."""
    return [at for at in highest(scores, count).tolist() if scores[at] > 0]
