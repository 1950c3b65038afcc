"""Lists of whole numbers, one for each of very many texts, in two arrays: nothing else holds so many so small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

TOGETHER: Final = 2048
"""Texts that are read at once."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists, one after the other.

    Attributes:
        numbers: All numbers.
        ends: Where each list begins, and where the last one ends.
    """

    numbers: NDArray[np.int32]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        """How many lists there are."""
        return len(self.ends) - 1

    def of(self, at: int) -> NDArray[np.int32]:
        """Return one list."""
        return self.numbers[self.ends[at] : self.ends[at + 1]]

    def some(self, ats: Sequence[int]) -> Lists:
        """Return some of the lists, in this order."""
        return lists([self.of(at) for at in ats])

    def between(self, start: int, end: int) -> Lists:
        """Return the lists from one to another, which is not among them."""
        ends = self.ends[start : end + 1]
        return Lists(self.numbers[ends[0] : ends[-1]], ends - ends[0])


def lists(parts: Sequence[NDArray[np.int32]]) -> Lists:
    """Return lists as one."""
    return joined([(np.concatenate(parts), np.fromiter(map(len, parts), np.int64, len(parts)))] if parts else [])


def joined(parts: Sequence[tuple[NDArray[np.int32], NDArray[np.int64]]]) -> Lists:
    """Return lists of which some came at once: their numbers, and how many of these each list has."""
    if not parts:
        return Lists(np.zeros(0, np.int32), np.zeros(1, np.int64))
    ends = np.concatenate([[0], *(sizes for _, sizes in parts)])
    return Lists(np.concatenate([numbers for numbers, _ in parts]), np.cumsum(ends, dtype=np.int64))


def batched(texts: Iterable[str], together: int = TOGETHER) -> Iterator[tuple[str, ...]]:
    """Yield texts, so many at once."""
    some = iter(texts)
    while part := tuple(islice(some, together)):
        yield part
