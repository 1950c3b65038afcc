"""Compares very many vectors with one, all of them, and adds vectors up, on the thread that asks.

A library of linear algebra spreads one such product over threads, each of which waits for the others: on a busy
machine that costs ten times what it saves, and every question pays it. So it is asked in blocks too small for that.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SMALL: Final = 9_000
"""Numbers of a block: OpenBLAS shares out products of 9,216 and more (``interface/gemv.c``)."""

_ALONE: Final = 250_000
"""Products of numbers in a block where matrices are multiplied: OpenBLAS shares out 262,144 and more
(``interface/gemm.c``)."""

_BLOCKS: Final = 4
"""Blocks for each score that is wanted: the more, the fewer scores are sorted."""


class Rows:
    """Vectors, compared with one at a time.

    Args:
        rows: The vectors; kept, not copied, if they lie one after the other.
    """

    def __init__(self, rows: Floats) -> None:
        self.rows = np.ascontiguousarray(rows)
        count, width = self.rows.shape
        self._each = max(1, _SMALL // max(1, width))
        self._whole = count // self._each * self._each
        self._blocks = self.rows[: self._whole].reshape(-1, self._each, width)

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self.rows)

    def __matmul__(self, vector: Floats) -> Floats:
        """Return the product of each with ``vector``."""
        found = np.empty(len(self.rows), np.float32)
        if self._whole:
            np.matmul(self._blocks, vector, out=found[: self._whole].reshape(-1, self._each))
        np.matmul(self.rows[self._whole :], vector, out=found[self._whole :])
        return found


def products(rows: Floats, vector: Floats) -> Floats:
    """Return the product of each of some rows with ``vector``."""
    return np.asarray(rows @ vector if rows.size <= _SMALL else Rows(rows) @ vector, np.float32)


def cosines(rows: Floats, some: Floats) -> Floats:
    """Return the product of each of very many rows with each of some vectors."""
    count, width = rows.shape
    each = max(1, _ALONE // max(1, some.size))
    found = np.empty((count, len(some)), np.float32)
    whole = count // each * each
    np.matmul(rows[:whole].reshape(-1, each, width), some.T, out=found[:whole].reshape(-1, each, len(some)))
    np.matmul(rows[whole:], some.T, out=found[whole:])
    return found


def weighed(weights: Floats, rows: Floats) -> Floats:
    """Return the sum of some rows, each times its weight; of several lists of weights, or of rows, the sum of each."""
    each = max(1, _SMALL // max(1, rows.shape[-1]))
    total = weights[..., :each] @ rows[..., :each, :]
    for at in range(each, rows.shape[-2], each):
        total += weights[..., at : at + each] @ rows[..., at : at + each, :]
    return np.asarray(total, np.float32)


def length_one(rows: Floats) -> Floats:
    """Return rows, each made as long as 1; zeros stay so."""
    lengths = np.sqrt(np.maximum(np.vecdot(rows, rows), np.float32(1e-18)))
    return np.asarray(rows / lengths[:, None], np.float32)


def highest(scores: Floats, count: int) -> NDArray[np.int64]:
    """Return the places of the highest scores, so many at most, the highest first; of equals the earlier."""
    each = len(scores) // (_BLOCKS * count) if count else 0
    if each > 1:  # as many blocks as are wanted have a score as high as the count-th highest top
        tops = scores[: len(scores) // each * each].reshape(each, -1).max(0)
        found = np.flatnonzero(scores >= np.partition(tops, -count)[-count])
    else:
        found = np.arange(len(scores))
    return found[np.argsort(-scores[found], kind="stable")[:count]]
