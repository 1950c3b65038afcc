"""Which texts share rare n-grams with a question (BM25); made once of all texts, no words are cut.

A question is looked up in one pass over the lists of its n-grams, so its cost grows with how many texts hold
them, not with their length. What many texts hold is kept as a row over all texts, which is added up, not looked up.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.meaning.lists import Lists, batched, joined
from gateway.meaning.pieces import grams

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Cut = Callable[[str], Sequence[str]]
_FEW: Final = 1000
_READ: Final = 2000
"""Places that are read at most to find the texts that hold the rarest n-grams."""
_OFTEN: Final = 8
"""Bits of how often a text holds an n-gram; more often counts as often as that."""
_NUMBER: Final = 32
"""Bits of an n-gram's number while texts are read."""
_DENSE: Final = 6
"""An n-gram that more than one text in so many holds is kept as a row over all texts: up to twice as large as its
list, and several times as fast."""
_STEPS: Final = 65_535
"""How much it counts that a text holds an n-gram is kept as one of so many steps."""
_AT_ONCE: Final = 1 << 20


class _Read(NamedTuple):
    """What texts hold.

    Attributes:
        ids: The number of each n-gram.
        keys: Which n-gram, which text and how often, packed in this order, sorted.
        number: Bits of the text in them.
        sizes: How many n-grams each text has.
    """

    ids: dict[str, int]
    keys: NDArray[np.uint64]
    number: int
    sizes: Floats

    @property
    def grams(self) -> Numbers:
        """The n-gram of each key."""
        return (self.keys >> np.uint64(self.number + _OFTEN)).astype(np.int64)

    def texts(self, part: slice) -> NDArray[np.uint32]:
        """The text of some keys."""
        return ((self.keys[part] >> np.uint64(_OFTEN)) & np.uint64((1 << self.number) - 1)).astype(np.uint32)

    def often(self, part: slice) -> Floats:
        """How often the text of some keys holds the n-gram."""
        return (self.keys[part] & np.uint64((1 << _OFTEN) - 1)).astype(np.float32)


class Counted:
    """An index of plain texts, each known by its place among them. Made once, never changed.

    Args:
        texts: Plain texts (``gateway.meaning.pieces.plain``).
        cut: Cuts a plain text into what is counted.
        repeats: How much it adds that an n-gram comes again (k1).
        length: How much longer texts count less (b), 0 to 1.
        common: Of an n-gram that more than this share of the texts hold only their number is kept, once there are a
            thousand texts: it says little, and costs most of the time.
        longest: Of an n-gram that more texts hold, too, only their number is kept. 0: as many as there are.
        holding: Whether it is kept, too, which n-grams each text holds.

    Attributes:
        held: The n-grams of each text, by their numbers; of no text if that is not kept.
    """

    def __init__(
        self,
        texts: Iterable[str],
        cut: Cut = grams,
        *,
        repeats: float = 1.2,
        length: float = 0.5,
        common: float = 1.0,
        longest: int = 0,
        holding: bool = False,
    ) -> None:
        self._cut = cut
        read, held = _read(texts, cut)
        self.held = held if holding else joined(())
        self._ids, self._size = read.ids, len(read.sizes)
        self._held = np.bincount(read.grams, minlength=len(read.ids))
        self._weights = array("d", np.log1p((self._size - self._held + 0.5) / (self._held + 0.5)))
        most = self._size if self._size < _FEW else int(common * self._size)
        self._most = min(most, longest or most)
        if self._most < self._size:
            read = read._replace(keys=read.keys[(self._held <= self._most)[read.grams]])
        self._full = repeats + 1
        self._lists(read, np.float32(repeats), np.float32(length))

    def __len__(self) -> int:
        """How many texts it holds."""
        return self._size

    def number(self, gram: str) -> int | None:
        """Return the number of an n-gram; None if no text holds it."""
        return self._ids.get(gram)

    def weight(self, gram: str) -> float:
        """Return how much it says that a text holds ``gram``: the more, the fewer do."""
        id = self._ids.get(gram)
        return self.unheard if id is None else self._weights[id]

    @property
    def unheard(self) -> float:
        """How much an n-gram says that no text holds."""
        return math.log1p((self._size + 0.5) / 0.5)

    @property
    def weights(self) -> NDArray[np.float64]:
        """How much it says that a text holds each n-gram, by its number."""
        return np.frombuffer(self._weights, np.float64)

    def __iter__(self) -> Iterator[str]:
        """Yield each n-gram, in the order of their numbers."""
        return iter(self._ids)

    def known(self, some: Iterable[str]) -> dict[str, int]:
        """Return the numbers of those n-grams that some text holds, in this order, each once."""
        ids = self._ids
        return {gram: ids[gram] for gram in some if gram in ids}

    def scores(self, folded: str) -> Floats:
        """Return for each text how much it shares with a plain question."""
        return self.scores_of(self.known(self._cut(folded)).values())

    def scores_of(self, known: Iterable[int], times: float = 1.0) -> Floats:
        """Return for each text how much it shares with a question that has some n-grams, so many times."""
        lists, steps, weights, rows = [], [], [], []
        times *= self._full / _STEPS
        all_rows, all_weights, ends, all_numbers, all_steps = (
            self._rows,
            self._weights,
            self._ends,
            self._numbers,
            self._steps,
        )
        for id in known:
            start, end = ends[id], ends[id + 1]
            if end > start:
                lists.append(all_numbers[start:end])
                steps.append(all_steps[start:end])
                weights.append(times * all_weights[id])
            elif id in all_rows:
                rows.append((all_rows[id], times * all_weights[id]))
        scores = np.zeros(0 if lists else self._size, np.float32)
        if lists:
            each = np.repeat(np.array(weights, np.float32), [len(one) for one in lists])
            each *= np.concatenate(steps)
            scores = np.bincount(np.concatenate(lists), each, minlength=self._size).astype(np.float32)
        if rows:
            more = np.empty(self._size, np.float32)
            for row, weight in rows:
                scores += np.multiply(row, np.float32(weight), out=more)
        return scores

    def holds(self, gram: str, numbers: Numbers) -> NDArray[np.bool_]:
        """Return which of some texts hold ``gram``; none does where only their number is kept."""
        id = self._ids.get(gram)
        if id is not None and (row := self._rows.get(id)) is not None:
            return row[numbers] > 0
        found = self._numbers[self._ends[id] : self._ends[id + 1]] if id is not None else self._numbers[:0]
        if not len(found):
            return np.zeros(len(numbers), np.bool_)
        return np.asarray(found[np.minimum(np.searchsorted(found, numbers), len(found) - 1)] == numbers)

    def rarest(self, folded: str, most: int) -> list[int]:
        """Return texts that hold the rarest n-grams of a plain question, so many at most, the best first."""
        return self.rarest_of(self.known(self._cut(folded)), most)

    def rarest_of(self, known: Mapping[str, int], most: int) -> list[int]:
        """Return the same for a question that has some n-grams."""
        lists, weights, read = [], [], 0
        for held, _, id in sorted((int(self._held[id]), gram, id) for gram, id in known.items()):
            read += held
            if read > _READ or held > self._most:
                break
            row = self._rows.get(id)
            found = self._numbers[self._ends[id] : self._ends[id + 1]] if row is None else np.flatnonzero(row)
            lists.append(found)
            weights.append(self._weights[id])
        if not lists:
            return []
        numbers, which = np.unique(np.concatenate(lists), return_inverse=True)
        scores = np.bincount(which, np.repeat(weights, [len(one) for one in lists]))
        return [int(one) for one in numbers[np.lexsort((numbers, -scores))[:most]]]

    def _lists(self, read: _Read, repeats: np.float32, length: np.float32) -> None:
        """Keep for each n-gram the texts that hold it, and how much that counts before the n-gram's weight."""
        usual = np.float32(float(read.sizes.sum()) / max(1, self._size) or 1.0)
        damping = repeats * (1 - length + length * read.sizes / usual)
        numbers = np.empty(len(read.keys), np.uint32)
        steps = np.empty(len(read.keys), np.uint16)
        for at in range(0, len(numbers), _AT_ONCE):
            part = slice(at, at + _AT_ONCE)
            numbers[part], often = read.texts(part), read.often(part)
            steps[part] = np.maximum(1, np.rint(_STEPS * often / (often + damping[numbers[part]])))
        counts = np.where(self._held <= self._most, self._held, 0)
        ends = np.concatenate([[0], np.cumsum(counts)])
        self._rows: dict[int, NDArray[np.uint16]] = {}
        sparse = np.ones(len(numbers), np.bool_)
        for id in np.flatnonzero(counts * _DENSE > max(self._size, _FEW)).tolist():
            part = slice(int(ends[id]), int(ends[id + 1]))
            row = self._rows[id] = np.zeros(self._size, np.uint16)
            row[numbers[part]] = steps[part]
            sparse[part] = False
            counts[id] = 0
        self._numbers, self._steps = numbers[sparse], steps[sparse]
        self._ends = array("q", [0, *np.cumsum(counts).tolist()])


def _read(texts: Iterable[str], cut: Cut) -> tuple[_Read, Lists]:
    """Cut all texts; return how often they hold what, and which n-grams each holds."""
    ids: defaultdict[str, int] = defaultdict(count().__next__)
    sizes: list[int] = []
    often: list[NDArray[np.uint8]] = []
    parts: list[tuple[NDArray[np.int32], Numbers]] = []
    for some in batched(texts):
        all_ids = array("I")
        first = len(sizes)
        for text in some:
            pieces = cut(text)
            all_ids.extend(map(ids.__getitem__, pieces))
            sizes.append(len(pieces))
        owners = np.repeat(np.arange(len(some), dtype=np.uint64), sizes[first:])
        both, times = np.unique(owners << np.uint64(_NUMBER) | np.array(all_ids, np.uint64), return_counts=True)
        often.append(np.minimum(times, (1 << _OFTEN) - 1).astype(np.uint8))
        held = np.bincount((both >> np.uint64(_NUMBER)).astype(np.int64), minlength=len(some))
        parts.append(((both & np.uint64((1 << _NUMBER) - 1)).astype(np.int32), held))
    held_by = joined(parts)
    number = len(sizes).bit_length()
    keys = held_by.numbers.astype(np.uint64)
    keys <<= np.uint64(number)
    keys |= np.repeat(np.arange(len(sizes), dtype=np.uint64), np.diff(held_by.ends))
    keys <<= np.uint64(_OFTEN)
    if often:
        keys |= np.concatenate(often)
    keys.sort()
    return _Read(dict(ids), keys, number, np.array(sizes, np.float32)), held_by
