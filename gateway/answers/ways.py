"""All ways of asking that a bank knows, and which entries a question is near to, by meaning and by shared words.

A bank that has several ways for an entry shows what differs between ways without mattering: ``sense`` turns vectors
so that such differences count less. An entry is as near as the mean of its nearest ways and their middle: the best
of many ways alone is near by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.answers.compare import key, read
from gateway.answers.entry import Entry
from gateway.answers.stock import Asked, Floats, Source, Stock, shown
from gateway.meaning.nearest import EXACT, Index, spread
from gateway.meaning.pieces import plain
from gateway.meaning.rows import Rows, highest, length_one, products, weighed

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
_SHRINK: Final = 0.3
_UNSURE: Final = 300.0
"""Ways beyond the first of each entry that it takes to half believe what they show."""
_SHOWN: Final = 50_000
_TOGETHER: Final = 16_384
"""Ways whose vectors are made at once."""
_FULL: Final = 2.2
"""What a word counts at most that a way of asking holds (k1 + 1)."""


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
        owners: Whose way each is; those of one lie side by side.
        entries: How many entries there are.
    """
    counts = np.bincount(owners, minlength=entries)
    known = float((counts[counts > 0] - 1).sum())
    if not known:
        return None
    middles = np.zeros((entries, rows.shape[1]), np.float32)
    _added(middles, rows, owners)
    apart = rows - (middles / np.maximum(counts, 1)[:, None].astype(np.float32))[owners]
    believed = np.float32(known / (known + _UNSURE))
    within = apart.T @ apart / np.float32(known)
    usual = float(np.trace(within)) / rows.shape[1] or 1.0
    level = np.eye(rows.shape[1], dtype=np.float32) * np.float32(usual)
    sizes, axes = np.linalg.eigh(believed * within + (1 - believed) * level)
    turn = (axes / np.sqrt(np.maximum(sizes, 0) + np.float32(_SHRINK * usual))) @ axes.T
    return Sense(rows.mean(0) * believed, np.asarray(turn * np.float32(math.sqrt(usual)), np.float32))


def _added(sums: Floats, rows: Floats, owners: NDArray[np.int64]) -> None:
    """Add rows to the sums of their owners, whose rows lie side by side."""
    begins = np.flatnonzero(np.diff(owners, prepend=-1))
    sums[owners[begins]] += np.add.reduceat(rows, begins)


class Ways:
    """The ways of asking of all entries. Nothing in it changes.

    Args:
        entries: Each with its questions.
        source: Says what texts mean.
        exact: Up to how many ways all are compared; beyond, an index finds those worth comparing.

    Attributes:
        texts: The ways, plain.
    """

    def __init__(self, entries: Sequence[Entry], source: Source, *, exact: int = EXACT) -> None:
        self._source = source
        asked = [question for entry in entries for question in entry.questions]
        self.texts = [plain(question) for question in shown(asked, "reading")]
        counts = np.array([len(entry.questions) for entry in entries], np.int64)
        self._owners = np.repeat(np.arange(len(entries)), counts)
        self._ends = [0, *np.cumsum(counts).tolist()]
        number = len(self.texts)
        large = number > exact
        self.stock = Stock(self.texts, source, large=large)
        self._counted = self.stock.counted
        some = range(0, number, max(1, number // _SHOWN))
        self._sense = sense(self.stock.rows(some), self._owners[some], len(entries)) if number else None
        self._index = Index(self._turned(spread(number)), number) if large else None
        self._rows = np.zeros((0 if large else number, source.width), np.float32)
        middles = None if self._sense is None else np.zeros((len(entries), source.width), np.float32)
        for at in shown(range(0, number, _TOGETHER), "index", " parts"):
            part = range(at, min(number, at + _TOGETHER))
            rows = self._turned(part)
            if middles is not None:
                _added(middles, rows, self._owners[part])
            if self._index is None:
                self._rows[part] = rows
            else:
                self._index.add(rows)
        self._middles = None if middles is None else length_one(middles)
        self._wide = _wide(self._rows) if len(self._rows) > _ALL else None
        self._first = Rows(self._rows if self._wide is None else self._rows @ self._wide)

    def _turned(self, ats: Sequence[int]) -> Floats:
        """Return what some ways mean, as the bank sees nearness."""
        rows = self.stock.rows(ats)
        return rows if self._sense is None else self._sense(rows)

    def read(self, folded: str, source: Source) -> Asked:
        """Read a plain text, with what a source says of its meaning."""
        known, table = source.of(folded), self.stock.table
        return self.stock.asked(read(folded, known.vector, known if source is table else table.of(folded)))

    def entries_of(self, folded: str) -> tuple[int, ...]:
        """Return the numbers of the entries that have this very question, but for signs."""
        return tuple(dict.fromkeys(map(self.owner, self.stock.same(key(folded)))))

    def owner(self, at: int) -> int:
        """Return the number of the entry that a way belongs to."""
        return int(self._owners[at])

    def cosines(self, vector: Floats, numbers: NDArray[np.int64]) -> Floats:
        """Return how near some ways are to what a text means, as the bank sees nearness."""
        turned = vector if self._sense is None else self._sense(vector)
        rows = self._rows[numbers] if self._index is None else self._index.rows(numbers.tolist())
        return np.asarray(rows @ turned, np.float32)

    def near(self, asked: Asked, allowed: NDArray[np.bool_] | None = None, line: Line = SAME) -> list[Near]:
        """Return entries that are near a question, some six, the nearest first.

        Args:
            asked: The question.
            allowed: Which entries may speak; None for all.
            line: How cosines are read.
        """
        said = asked.said
        if not self.texts or (not asked.same and said.grams <= said.marks.numbers):
            return []  # a number alone means any number
        vector = said.vector if self._sense is None else self._sense(said.vector)
        if line.times != 1.0:
            vector = vector * np.float32(line.times)
        if self._index is None:
            found = self._compared(asked, vector, allowed)
        else:
            found = self._searched(self._index, asked, vector, allowed)
        if line.plus:
            found = [one._replace(ways=one.ways + line.plus, middle=one.middle + line.plus) for one in found]
        return sorted(found, key=lambda one: (-one.ways - one.middle, one.number))

    def _compared(self, asked: Asked, vector: Floats, allowed: NDArray[np.bool_] | None) -> list[Near]:
        """Compare with all ways."""
        rough = self._counted.scores_of(asked.known.values(), SHARED / (asked.total * _FULL))
        first = self._first @ (vector if self._wide is None else vector @ self._wide)
        rough += first
        if asked.same:
            rough[asked.same] += _SAME
        if allowed is not None:
            rough[~allowed[self._owners]] = _NEVER

        def closely(ways: NDArray[np.int64]) -> Floats:
            if self._wide is None:
                return rough[ways]
            close = products(self._rows.take(ways, 0), vector)
            close += rough.take(ways)
            close -= first.take(ways)
            return close

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
        self,
        searched: Index,
        asked: Asked,
        vector: Floats,
        allowed: NDArray[np.bool_] | None,
    ) -> list[Near]:
        """Compare with ways that an index finds, that share rare words, or that are the same."""
        numbers = [*asked.same[:_RARE], *self._counted.rarest_of(asked.known, _RARE)]
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
        sims = products(searched.rows(ways), vector).tolist()
        worth: dict[int, list[tuple[float, int]]] = {}
        for at, sim, both in zip(ways, sims, self.stock.shared(asked, ways), strict=True):
            bonus = _SAME if at in asked.same else 0.0
            worth.setdefault(int(self._owners[at]), []).append((sim + SHARED * both / asked.total + bonus, at))
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
