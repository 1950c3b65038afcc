"""Which texts share rare n-grams with a question (BM25); made once of all texts, no words are cut.

A question is looked up in one pass over the lists of its n-grams, so its cost grows with how many texts hold
them, not with their length. What many texts hold is kept as a row over all texts, which is added up, not looked up.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.meaning.pieces import grams

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Cut = Callable[[str], Sequence[str]]
_FEW: Final = 1000
_READ: Final = 2000
"""Places that are read at most to find the texts that hold the rarest n-grams."""
_TOGETHER: Final = 2048
"""Texts whose n-grams are counted at once."""
_OFTEN: Final = 8
"""Bits of how often a text holds an n-gram; more often counts as often as that."""
_NUMBER: Final = 32
"""Bits of a text's number while texts are read."""
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
    ) -> None:
        self._cut = cut
        read = _read(texts, cut)
        self._ids, self._size = read.ids, len(read.sizes)
        self._held = np.bincount(read.grams, minlength=len(read.ids))
        self._weights = array("d", np.log1p((self._size - self._held + 0.5) / (self._held + 0.5)))
        most = self._size if self._size < _FEW else int(common * self._size)
        self._most = min(most, longest or most)
        if self._most < self._size:
            read = read._replace(keys=read.keys[(self._held <= self._most)[read.grams]])
        self._full = np.float32(repeats + 1)
        self._lists(read, np.float32(repeats), np.float32(length))

    def __len__(self) -> int:
        """How many texts it holds."""
        return self._size

    def weight(self, gram: str) -> float:
        """Return how much it says that a text holds ``gram``: the more, the fewer do."""
        id = self._ids.get(gram)
        return math.log1p((self._size + 0.5) / 0.5) if id is None else self._weights[id]

    def scores(self, folded: str) -> Floats:
        """Return for each text how much it shares with a plain question."""
        lists, steps, weights, rows = [], [], [], []
        for id in self._known(folded).values():
            if (row := self._rows.get(id)) is not None:
                rows.append((row, self._weights[id]))
            elif (end := self._ends[id + 1]) > (start := self._ends[id]):
                lists.append(self._numbers[start:end])
                steps.append(self._steps[start:end])
                weights.append(self._weights[id])
        scores = np.zeros(self._size, np.float32)
        if lists:
            each = np.repeat(np.array(weights, np.float32), [len(one) for one in lists])
            each *= np.concatenate(steps)
            scores = np.bincount(np.concatenate(lists), each, minlength=self._size).astype(np.float32)
        if rows:
            more = np.empty(self._size, np.float32)
            for row, weight in rows:
                scores += np.multiply(row, np.float32(weight), out=more)
        scores *= self._full / np.float32(_STEPS)
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
        lists, weights, read = [], [], 0
        for held, _, id in sorted((int(self._held[id]), gram, id) for gram, id in self._known(folded).items()):
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

    def _known(self, folded: str) -> dict[str, int]:
        """Return the n-grams of a plain question that some text holds, in its order, each once."""
        ids = self._ids
        return {gram: ids[gram] for gram in self._cut(folded) if gram in ids}

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


def _read(texts: Iterable[str], cut: Cut) -> _Read:
    """Cut all texts and count what they hold."""
    ids: defaultdict[str, int] = defaultdict(count().__next__)
    sizes: list[int] = []
    found: list[NDArray[np.uint64]] = []
    often: list[NDArray[np.uint8]] = []
    for some in _batched(texts):
        all_ids = array("I")
        first = len(sizes)
        for text in some:
            pieces = cut(text)
            all_ids.extend(map(ids.__getitem__, pieces))
            sizes.append(len(pieces))
        owners = np.repeat(np.arange(first, len(sizes), dtype=np.uint64), sizes[first:])
        both, times = np.unique(np.array(all_ids, np.uint64) << np.uint64(_NUMBER) | owners, return_counts=True)
        found.append(both)
        often.append(np.minimum(times, (1 << _OFTEN) - 1).astype(np.uint8))
    number = len(sizes).bit_length()
    keys = np.concatenate(found) if found else np.zeros(0, np.uint64)
    low = keys & np.uint64((1 << _NUMBER) - 1)
    keys >>= np.uint64(_NUMBER)
    keys <<= np.uint64(number)
    keys |= low
    keys <<= np.uint64(_OFTEN)
    if often:
        keys |= np.concatenate(often)
    keys.sort()
    return _Read(dict(ids), keys, number, np.array(sizes, np.float32))


def _batched(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    some = iter(texts)
    while part := tuple(islice(some, _TOGETHER)):
        yield part
