"""All that ways of asking are compared by: read once, when a bank is made, and kept in arrays.

A million ways take some hundred bytes each so. What a question needs of the few that are near is looked up together.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gateway.answers.compare import Figures, Said, against, key, marks
from gateway.meaning.counted import Counted
from gateway.meaning.lists import TOGETHER
from gateway.meaning.rows import length_one
from gateway.meaning.vectors import Known, Vectors, shipped

Floats = NDArray[np.float32]
_Some = TypeVar("_Some")

_COMMON: Final = 0.05
_LONGEST: Final = 1000
_FEW: Final = 100.0
"""In a bank of so many ways, how rare words are there says as much as how rare they are elsewhere."""


class Source(Protocol):
    """Says what texts mean: the table that ships, or a model."""

    @property
    def width(self) -> int:
        """How many numbers a vector has."""

    @property
    def version(self) -> str:
        """Changes when what it says may change."""

    def of(self, folded: str) -> Known:
        """Return what a plain text means."""


class Asked(NamedTuple):
    """A question as ways of asking are compared with it.

    Attributes:
        said: The question.
        known: Those of its n-grams that a way holds, with their numbers.
        total: How much all its n-grams say; 1 if it has none.
        same: The ways that ask the same, but for signs.
    """

    said: Said
    known: Mapping[str, int]
    total: float
    same: Sequence[int]


class Stock:
    """What is known of each way of asking, by its number.

    Args:
        texts: The ways, plain.
        source: Says what they mean.
        large: There are very many: of n-grams that very many ways hold only their number is kept, and what can speak
            against a way is read when somebody asks.

    Attributes:
        table: The table that ships, or the one that says what texts mean.
        counted: Finds ways that share n-grams.
    """

    def __init__(self, texts: Sequence[str], source: Source, *, large: bool = False) -> None:
        self._texts, self._source = texts, source
        self.table = source if isinstance(source, Vectors) else shipped()
        longest = _LONGEST if large else 0
        self.counted = Counted(shown(texts, "words"), common=_COMMON, longest=longest, holding=True)
        self._places = self.table.places(shown(texts, "meaning"))
        self._sums = None if large else self.table.sums(self._places)
        elsewhere = np.fromiter(map(self.table.rarity, self.counted), np.float64)
        ways = len(texts)
        self._weights = array("d", (ways * self.counted.weights + _FEW * elsewhere) / (ways + _FEW))
        self._marks = None if large else [*map(marks, texts)]
        self._totals = array("d", self._added())
        keys = np.fromiter((hash(key(text)) for text in texts), np.int64, ways)
        self._order = np.argsort(keys, kind="stable")
        self._keys = array("q", keys[self._order])

    def _added(self) -> Iterator[float]:
        """Yield how much all n-grams of each way say."""
        held, weights = self.counted.held, np.frombuffer(self._weights)
        for start in range(0, len(held), TOGETHER):
            some = held.between(start, start + TOGETHER)
            of = np.repeat(np.arange(len(some)), np.diff(some.ends))
            yield from np.bincount(of, weights[some.numbers], len(some))

    def weight(self, gram: str) -> float:
        """Return how much it says that a text holds ``gram``: the rarer in the bank and elsewhere, the more."""
        id = self.counted.number(gram)
        return self._unheard([gram]) if id is None else self._weights[id]

    def _unheard(self, some: Collection[str]) -> float:
        """Return how much n-grams say that no way holds."""
        ways, rarity = len(self._texts), self.table.rarity
        here, elsewhere = len(some) * self.counted.unheard, sum(map(rarity, some))
        return (ways * here + _FEW * elsewhere) / (ways + _FEW)

    def asked(self, said: Said) -> Asked:
        """Return a question as the ways are compared with it."""
        known = self.counted.known(said.grams)
        total = sum(map(self._weights.__getitem__, known.values()))
        if len(known) < len(said.grams):
            total += self._unheard([gram for gram in said.grams if gram not in known])
        return Asked(said, known, total or 1.0, self.same(said.key))

    def same(self, asked: str) -> list[int]:
        """Return the ways that have a key (``compare.key``), in their order."""
        wanted, keys, found = hash(asked), self._keys, []
        at = bisect_left(keys, wanted)
        while at < len(keys) and keys[at] == wanted:
            if key(self._texts[way := int(self._order[at])]) == asked:
                found.append(way)
            at += 1
        return found

    def rows(self, ats: Sequence[int]) -> Floats:
        """Return what some ways mean, a row of length 1 for each."""
        if self._source is self.table:
            return length_one(self._summed(ats))
        return np.stack([self._source.of(self._texts[at]).vector for at in ats])

    def _summed(self, ats: Sequence[int]) -> Floats:
        """Return the sums of the rows that the table has for some ways."""
        return self.table.sums(self._places.some(ats)) if self._sums is None else self._sums[ats]

    def shared(self, asked: Asked, ats: Sequence[int]) -> list[float]:
        """Return how much the n-grams say that some ways share with a question."""
        if not asked.known:
            return [0.0] * len(ats)
        ids = np.sort(np.fromiter(asked.known.values(), np.int32, len(asked.known)))
        weights = np.fromiter(map(self._weights.__getitem__, ids), np.float64, len(ids))
        held = self.counted.held.some(ats)
        at = np.minimum(np.searchsorted(ids, held.numbers), len(ids) - 1)
        found = np.flatnonzero(ids[at] == held.numbers)
        of = np.searchsorted(held.ends, found, "right") - 1
        shared: list[float] = np.bincount(of, weights[at[found]], len(ats)).tolist()
        return shared

    def figures(self, asked: Asked, ats: Sequence[int]) -> list[Figures]:
        """Return how near a question is to a few ways of asking."""
        if not ats:
            return []
        said = asked.said
        sums = self._summed(ats)
        apart = self.table.apart(said.told, [*map(self._places.of, ats)], sums)
        rows = length_one(sums) if self._source is self.table else self.rows(ats)
        weights = {id: self._weights[id] for id in asked.known.values()}
        found = []
        for at, alone, meaning in zip(ats, apart, (rows @ said.vector).tolist(), strict=True):
            both = sum(map(weights.__getitem__, weights.keys() & self.counted.held.of(at).tolist()))
            total = self._totals[at]
            covering = both / total if total else 0.0
            signs = against(said.marks, self._marks[at] if self._marks else marks(self._texts[at]))
            same = at in asked.same
            found.append(Figures(min(1.0, meaning), both / asked.total, covering, alone, same, *signs))
        return found


def shown(some: Sequence[_Some], what: str, unit: str = " ways") -> Iterable[_Some]:
    """Yield what there is to do; who looks on sees how much is left, if it takes its time."""
    from tqdm import tqdm  # noqa: PLC0415 - a small bank needs none

    return tqdm(some, what, unit=unit, delay=2, disable=None, file=sys.stderr, leave=False)
