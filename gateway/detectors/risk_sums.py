"""Sets of n-grams as sorted numbers, and sums of the lines of a table that they stand for: exact, and in one thread."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_ALONE: Final = 250_000
"""OpenBLAS multiplies on one thread where fewer than 262,144 numbers are multiplied (``interface/gemm.c``)."""
_FEW: Final = 256
"""Of so few lines OpenBLAS multiplies a single one on one thread too (``interface/gemv.c``)."""
_ALL: Final = np.ones((2, 8192), np.float32)
"""A share of 1 of as many lines as are mostly summed; twice, for a single line OpenBLAS would multiply another way."""


def is_first(hashes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which of sorted hashes are not the same as the one before."""
    first = np.empty(hashes.size, np.bool_)
    first[:1] = True
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return first


def is_new(hashes: NDArray[np.uint32], known: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which of sorted hashes are neither the same as the one before nor among known ones, sorted too."""
    if not known.size or not hashes.size:
        return is_first(hashes)
    new: NDArray[np.bool_] = known.take(known.searchsorted(hashes), mode="clip") != hashes
    new[1:] &= hashes[1:] != hashes[:-1]
    return new


def together(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the hashes of both, sorted."""
    grams = np.concatenate((one, other))
    grams.sort()
    return grams


def lines_of(table: NDArray[np.int8], places: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return lines of a table. Sums of them are whole numbers, far below where floats begin to round."""
    return table.take(places, axis=0).astype(np.float32)


def product(share: NDArray[np.float32], lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply in blocks that no library shares out among threads: on a busy machine one would wait for the other."""
    if len(share) * lines.size <= _ALONE:
        return np.asarray(share @ lines, np.float32)
    each = max(1, _ALONE // max(1, share.shape[0] * lines.shape[1]))
    total = share[:, :each] @ lines[:each]
    for at in range(each, len(lines), each):
        total += share[:, at : at + each] @ lines[at : at + each]
    return np.asarray(total, np.float32)


def summed(table: NDArray[np.int8], places: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the sum of lines of a table."""
    lines = lines_of(table, places)
    if len(lines) <= _FEW:
        few: NDArray[np.float32] = _ALL[0, : len(lines)].dot(lines)
        return few
    share = _ALL[:, : len(lines)] if len(lines) <= _ALL.shape[1] else np.ones((2, len(lines)), np.float32)
    sums: NDArray[np.float32] = product(share, lines)[0]
    return sums
