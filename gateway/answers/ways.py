"""All ways of asking that a bank knows, and which entries a question is near to, by meaning and by shared words.

A bank that has several ways for an entry shows what differs between ways without mattering: ``sense`` turns vectors
so that such differences count less. An entry is as near as the mean of its nearest ways and their middle: the best
of many ways alone is near by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.answers.compare import Said, key, read
from gateway.answers.entry import Entry
from gateway.meaning.counted import Counted
from gateway.meaning.nearest import EXACT, Index
from gateway.meaning.pieces import grams, plain
from gateway.meaning.rows import Rows, highest, weighed
from gateway.meaning.vectors import Known, Vectors, shipped

Floats = NDArray[np.float32]

SHARED: Final = 0.4
"""What shared words add to nearness, beside meaning."""
_NEAREST: Final = 3
"""Ways of an entry whose mean says how near it is."""
_LOOKED_AT: Final = 48
_ENTRIES: Final = 6
_RARE: Final = 8
_ALL: Final = 2000
"""Of more ways than this, the widest directions are compared first, and all only of those nearest by those."""
_FIRST: Final = 24
_AGAIN: Final = 192
"""Directions, and ways: of 10,000 ways the entries found are those that all directions find, of 50,000 the nearest is,
and 95 in 100 of the six nearest."""
_NEVER: Final = -9.0
_SAME: Final = 2.0
"""What the very question adds: more than all else."""
_COMMON: Final = 0.05
_LONGEST: Final = 1000
_SHRINK: Final = 0.3
_UNSURE: Final = 300.0
"""Ways beyond the first of each entry that it takes to half believe what they show."""
_SHOWN: Final = 50_000
_FEW: Final = 100.0
"""In a bank of so many ways, how rare words are there says as much as how rare they are elsewhere."""
_REMEMBERED: Final = 20_000
_FULL: Final = 2.2
"""What a word counts at most that a way of asking holds (k1 + 1)."""


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


class Line(NamedTuple):
    """Reads cosines of one kind of vectors as if they were of another: ``times`` and ``plus``."""

    times: float = 1.0
    plus: float = 0.0

    def __call__(self, cosine: float) -> float:
        """Return how a cosine is read."""
        return self.times * cosine + self.plus


SAME: Final = Line()
"""Reads cosines as they are."""


class Near(NamedTuple):
    """An entry that is near.

    Attributes:
        number: The entry.
        ways: How near its nearest ways are, shared words included.
        middle: How near the middle of all its ways is.
        best: The nearest way.
    """

    number: int
    ways: float
    middle: float
    best: int


class Sense(NamedTuple):
    """What turns a vector so that differences that do not matter count less."""

    middle: Floats
    turn: Floats

    def __call__(self, vectors: Floats) -> Floats:
        """Return vectors turned so, each of length 1."""
        apart = vectors - self.middle
        turned = weighed(apart, self.turn) if apart.ndim == 1 else apart @ self.turn
        lengths = np.sqrt((turned * turned).sum(-1, keepdims=True))
        return np.asarray(turned / np.maximum(lengths, np.float32(1e-9)), np.float32)


def sense(rows: Floats, owners: NDArray[np.int64], entries: int) -> Sense | None:
    """Return how to turn the vectors of a bank; None if it has one way for each entry.

    Args:
        rows: A vector for each way of asking.
        owners: Whose way each is.
        entries: How many entries there are.
    """
    counts = np.bincount(owners, minlength=entries)
    known = float((counts[counts > 0] - 1).sum())
    if not known:
        return None
    apart = rows - _middles(rows, owners, counts)[owners]
    believed = np.float32(known / (known + _UNSURE))
    within = apart.T @ apart / np.float32(known)
    usual = float(np.trace(within)) / rows.shape[1] or 1.0
    level = np.eye(rows.shape[1], dtype=np.float32) * np.float32(usual)
    sizes, axes = np.linalg.eigh(believed * within + (1 - believed) * level)
    turn = (axes / np.sqrt(np.maximum(sizes, 0) + np.float32(_SHRINK * usual))) @ axes.T
    return Sense(rows.mean(0) * believed, np.asarray(turn * np.float32(math.sqrt(usual)), np.float32))


def _middles(rows: Floats, owners: NDArray[np.int64], counts: NDArray[np.int64]) -> Floats:
    """Return the mean of the rows of each owner."""
    sums = np.zeros((len(counts), rows.shape[1]), np.float32)
    np.add.at(sums, owners, rows)
    return np.asarray(sums / np.maximum(counts, 1)[:, None], np.float32)


class Ways:
    """The ways of asking of all entries. Nothing in it changes but what it remembers of texts it has cut.

    Args:
        entries: Each with its questions.
        source: Says what texts mean.
        exact: Up to how many ways all are compared; beyond, an index finds those worth comparing.

    Attributes:
        texts: The ways, plain.
        table: The table that ships, or the one that says what texts mean.
    """

    def __init__(self, entries: Sequence[Entry], source: Source, *, exact: int = EXACT) -> None:
        self._source = source
        self.texts = [plain(question) for entry in entries for question in entry.questions]
        counts = np.array([len(entry.questions) for entry in entries], np.int64)
        self._owners = np.repeat(np.arange(len(entries)), counts)
        self._ends = [0, *np.cumsum(counts).tolist()]
        self._same: dict[str, list[int]] = {}
        rows = np.zeros((len(self.texts), source.width), np.float32)
        large = len(rows) > exact
        self._counted = Counted(self.texts, common=_COMMON, longest=_LONGEST if large else 0)
        self.table = source if isinstance(source, Vectors) else shipped()
        self._places: list[tuple[NDArray[np.int32], float]] | None = [] if source is self.table and not large else None
        for at, folded in enumerate(self.texts):
            known = source.of(folded)
            rows[at] = known.vector
            if self._places is not None:
                self._places.append((np.fromiter(known.places, np.int32, len(known.places)), known.length))
            self._same.setdefault(key(folded), []).append(at)
        shown = slice(None, None, max(1, len(rows) // _SHOWN))
        self._sense = sense(rows[shown], self._owners[shown], len(entries)) if len(rows) else None
        # As the source gave them: asked once for each way, not with each question.
        self._meant = None if large else rows if self._sense is None else rows.astype(np.float16)
        if self._sense is not None:
            rows = self._sense(rows)
        self._middles = None if self._sense is None else _length_one(_middles(rows, self._owners, counts))
        self._index: Index | None = None
        if large:
            self._index, rows = Index(rows), rows[:0]
        self._rows = rows
        self._wide = _wide(rows) if len(rows) > _ALL else None
        self._first = Rows(rows if self._wide is None else rows @ self._wide)
        self._weights: dict[str, float] = {}
        self._read: dict[int, tuple[Said, float]] = {}

    def read(self, folded: str, source: Source) -> Said:
        """Read a plain text, with what a source says of its meaning."""
        known = source.of(folded)
        return read(folded, known.vector, known if source is self.table else self.table.of(folded))

    def _told(self, at: int) -> Known:
        """Return what the table that ships says of a way."""
        if self._places is None or self._meant is None:
            return self.table.of(self.texts[at])
        places, length = self._places[at]
        return Known(self._meant[at].astype(np.float32), len(places), frozenset(places.tolist()), length)

    def weight(self, gram: str) -> float:
        """Return how much it says that a text holds ``gram``: the rarer in the bank and elsewhere, the more."""
        weight = self._weights.get(gram)
        if weight is None:
            ways = len(self.texts)
            here, elsewhere = self._counted.weight(gram), self.table.rarity(gram)
            weight = (ways * here + _FEW * elsewhere) / (ways + _FEW)
            if len(self._weights) < 10 * _REMEMBERED:
                self._weights[gram] = weight
        return weight

    def weigh(self, some: Iterable[str]) -> float:
        """Return how much all of them say."""
        return sum(map(self.weight, some))

    def said(self, at: int) -> tuple[Said, float]:
        """Return a way of asking with all that it is compared by, and how much all its n-grams say."""
        known = self._read.get(at)
        if known is None:
            told = self._told(at)
            vector = told.vector
            if self._source is not self.table:
                vector = (
                    self._source.of(self.texts[at]).vector
                    if self._meant is None
                    else self._meant[at].astype(np.float32)
                )
            said = read(self.texts[at], vector, told)
            known = said, self.weigh(said.grams)
            if len(self._read) < _REMEMBERED:
                self._read[at] = known
        return known

    def entries_of(self, folded: str) -> tuple[int, ...]:
        """Return the numbers of the entries that have this very question, but for signs."""
        return tuple(dict.fromkeys(int(self._owners[at]) for at in self._same.get(key(folded), ())))

    def owner(self, at: int) -> int:
        """Return the number of the entry that a way belongs to."""
        return int(self._owners[at])

    def cosines(self, vector: Floats, numbers: NDArray[np.int64]) -> Floats:
        """Return how near some ways are to what a text means, as the bank sees nearness."""
        turned = vector if self._sense is None else self._sense(vector)
        rows = self._rows[numbers] if self._index is None else self._index.rows(numbers.tolist())
        return np.asarray(rows @ turned, np.float32)

    def near(
        self, asked: Said, total: float, allowed: NDArray[np.bool_] | None = None, line: Line = SAME
    ) -> list[Near]:
        """Return entries that are near a question, some six, the nearest first.

        Args:
            asked: The question.
            total: How much all its n-grams say.
            allowed: Which entries may speak; None for all.
            line: How cosines are read.
        """
        if not self.texts or (asked.grams <= asked.numbers and asked.key not in self._same):
            return []  # a number alone means any number
        vector = asked.vector if self._sense is None else self._sense(asked.vector)
        if line.times != 1.0:
            vector = vector * np.float32(line.times)
        if self._index is None:
            found = self._compared(asked, total, vector, allowed)
        else:
            found = self._searched(self._index, asked, total, vector, allowed)
        if line.plus:
            found = [one._replace(ways=one.ways + line.plus, middle=one.middle + line.plus) for one in found]
        return sorted(found, key=lambda one: (-one.ways - one.middle, one.number))

    def _compared(self, asked: Said, total: float, vector: Floats, allowed: NDArray[np.bool_] | None) -> list[Near]:
        """Compare with all ways."""
        rough = self._counted.scores(asked.folded)
        rough *= np.float32(SHARED / (total * _FULL))
        short = vector if self._wide is None else vector @ self._wide
        first = self._first @ short
        rough += first
        rough[self._same.get(asked.key, [])] += _SAME
        if allowed is not None:
            rough[~allowed[self._owners]] = _NEVER

        def closely(ways: NDArray[np.int64]) -> Floats:
            if self._wide is None:
                return np.asarray(rough[ways], np.float32)
            return np.asarray(rough[ways] - first[ways] + (Rows(self._rows[ways]) @ vector), np.float32)

        if self._wide is None:
            order = highest(rough, _LOOKED_AT)
        else:
            nearer = highest(rough, _AGAIN)
            order = nearer[highest(closely(nearer), _LOOKED_AT)]
        owners = list(dict.fromkeys(self._owners[order].tolist()))[:_ENTRIES]
        owners = [number for number in owners if rough[self._ends[number]] >= _NEVER / 2]
        found: list[Near] = []
        if not owners:
            return found
        spans = [range(self._ends[number], self._ends[number + 1]) for number in owners]
        worth = closely(np.concatenate(spans)).tolist()
        at = 0
        for number, span in zip(owners, spans, strict=True):
            part = worth[at : at + len(span)]
            at += len(span)
            nearest = sorted(part)[-_NEAREST:]
            best = span.start + part.index(nearest[-1])
            found.append(self._near(number, sum(nearest) / len(nearest), nearest[-1], best, vector))
        return found

    def _searched(
        self, searched: Index, asked: Said, total: float, vector: Floats, allowed: NDArray[np.bool_] | None
    ) -> list[Near]:
        """Compare with ways that an index finds, that share rare words, or that are the same."""
        same = self._same.get(asked.key, [])
        numbers = [*same[:_RARE], *self._counted.rarest(asked.folded, _RARE)]
        most = _LOOKED_AT // 2
        while True:
            near = searched.near(vector, most)
            some = dict.fromkeys([*numbers, *near])
            if allowed is None:
                break
            some = dict.fromkeys(at for at in some if allowed[self._owners[at]])
            if len(some) >= _ENTRIES or most > len(self.texts) or most > 10_000:
                break
            most *= 16
        if not some:
            return []
        ways = list(some)[: 2 * _LOOKED_AT]
        sims = searched.rows(ways) @ vector
        worth: dict[int, list[tuple[float, int]]] = {}
        weights = {gram: self.weight(gram) for gram in asked.grams}
        for at, sim in zip(ways, sims.tolist(), strict=True):
            both = sum(map(weights.__getitem__, asked.grams.intersection(grams(self.texts[at]))))
            bonus = _SAME if at in same else 0.0
            worth.setdefault(int(self._owners[at]), []).append((sim + SHARED * both / total + bonus, at))
        least = min(one for some in worth.values() for one, _ in some)
        found: list[tuple[float, int, tuple[float, int]]] = []
        for number, some_ways in worth.items():
            best = max(some_ways)
            size = min(_NEAREST, self._ends[number + 1] - self._ends[number])
            top = sorted((one for one, _ in some_ways), reverse=True)[:size]
            top += [least] * (size - len(top))
            found.append((best[0] if best[0] >= _SAME else sum(top) / size, number, best))
        found.sort(key=lambda one: -one[0])
        return [self._near(number, ways, best[0], best[1], vector) for ways, number, best in found[:_ENTRIES]]

    def _near(self, number: int, ways: float, top: float, best: int, vector: Floats) -> Near:
        if top >= _SAME:
            return Near(number, top, top, best)
        middle = ways if self._middles is None else float(self._middles[number] @ vector)
        return Near(number, ways, middle, best)


def _wide(rows: Floats) -> Floats:
    """Return the directions in which vectors differ most."""
    _, axes = np.linalg.eigh(rows.T @ rows)
    return np.ascontiguousarray(axes[:, ::-1][:, :_FIRST], np.float32)


def _length_one(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
