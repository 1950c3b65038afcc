"""Which texts share rare n-grams with a question (BM25); texts come and go one by one, no words are cut.

A question is looked up in one pass over the lists of its n-grams, so its cost grows with how many texts hold
them, not with their length.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.meaning.pieces import grams

Floats = NDArray[np.float32]
Cut = Callable[[str], Sequence[str]]
_MOST: Final = 255
_FEW: Final = 1000
_READ: Final = 2000
"""Places that are read at most to find the texts that hold the rarest n-grams."""


class Counted:
    """An index of plain texts.

    Args:
        cut: Cuts a plain text (``gateway.meaning.pieces.plain``) into what is counted.
        repeats: How much it adds that an n-gram comes again (k1).
        length: How much longer texts count less (b), 0 to 1.
        common: An n-gram that more than this share of the texts hold is not looked up, once there are a thousand
            texts: it says little, and costs most of the time.
        longest: Of an n-gram that more texts hold, only their number is kept: then ``scores`` does not know it, and
            ``rarest`` says which texts hold the others. 0: all are kept.
    """

    def __init__(
        self, cut: Cut = grams, *, repeats: float = 1.2, length: float = 0.5, common: float = 1.0, longest: int = 0
    ) -> None:
        self._cut, self._repeats, self._length, self._common = cut, repeats, length, common
        self._where: dict[str, array[int]] = {}
        self._often: dict[str, array[int]] = {}
        self._longest = longest
        self._many: dict[str, int] = {}
        self._gone: set[int] = set()
        self._sizes: array[float] = array("f")
        self._total = 0.0
        self._damping: Floats | None = None

    def __len__(self) -> int:
        """How many texts it holds."""
        return len(self._sizes) - len(self._gone)

    def add(self, folded: str) -> int:
        """Take a plain text in; return its number, which counts up from 0."""
        number = len(self._sizes)
        counts = Counter(self._cut(folded))
        where, often = self._where, self._often
        for gram, count in counts.items():
            if gram in self._many:
                self._many[gram] += 1
                continue
            found = where.get(gram)
            if found is None:
                found = where[gram] = array("I")
                often[gram] = array("B")
            found.append(number)
            often[gram].append(min(count, _MOST))
            if self._longest and len(found) > self._longest:
                self._many[gram] = len(where.pop(gram))
                del often[gram]
        size = float(sum(counts.values()))
        self._sizes.append(size)
        self._total += size
        self._damping = None
        return number

    def remove(self, number: int) -> None:
        """Let a text go; its number is not given again. Raises ``KeyError`` for one that is not there."""
        if not 0 <= number < len(self._sizes) or number in self._gone:
            raise KeyError(number)
        self._gone.add(number)
        self._total -= self._sizes[number]
        self._damping = None

    def weight(self, gram: str) -> float:
        """Return how much it says that a text holds ``gram``: the more, the fewer do."""
        held = self._many.get(gram) or len(self._where.get(gram, ()))
        return math.log(1 + (len(self._sizes) - held + 0.5) / (held + 0.5))

    def scores(self, folded: str) -> Floats:
        """Return for each number how much its text shares with a plain question; 0 for one that is gone."""
        size = len(self._sizes)
        lists, repeats, weights = [], [], []
        most = size if size < _FEW else self._common * size
        for gram in dict.fromkeys(self._cut(folded)):
            if (found := self._where.get(gram)) and len(found) <= most:
                lists.append(np.frombuffer(found, np.uint32))
                repeats.append(np.frombuffer(self._often[gram], np.uint8))
                weights.append(self.weight(gram))
        if not lists:
            return np.zeros(size, np.float32)
        numbers = np.concatenate(lists)
        often = np.concatenate(repeats).astype(np.float32)
        each = np.repeat(np.array(weights, np.float32), [len(found) for found in lists])
        each *= often * np.float32(self._repeats + 1) / (often + self._dampings()[numbers])
        scores = np.bincount(numbers, each, minlength=size).astype(np.float32)
        if self._gone:
            scores[list(self._gone)] = 0.0
        return scores

    def rarest(self, folded: str, most: int) -> list[int]:
        """Return numbers of texts that hold the rarest n-grams of a plain question, so many at most, the best first."""
        lists = [(self._where[gram], gram) for gram in dict.fromkeys(self._cut(folded)) if gram in self._where]
        lists.sort(key=lambda one: (len(one[0]), one[1]))
        scores: Counter[int] = Counter()
        read = 0
        for found, gram in lists:
            read += len(found)
            if read > _READ:
                break
            weight = self.weight(gram)
            for number in found:
                scores[number] += weight  # type: ignore[assignment]  # a counter of weights
        best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
        return [number for number, _ in best if number not in self._gone][:most]

    def _dampings(self) -> Floats:
        """Return how much each text's length speaks against it."""
        if self._damping is None:
            sizes = np.array(self._sizes, np.float32)
            usual = self._total / max(1, len(self)) or 1.0
            self._damping = np.float32(self._repeats) * (1 - self._length + self._length * sizes / np.float32(usual))
        return self._damping
