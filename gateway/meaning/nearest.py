"""Which of very many vectors are nearest to one, without comparing all; what is found is compared exactly.

Up to ``EXACT`` vectors nobody needs this: numpy compares them all in a millisecond. Beyond, faiss (the extra
``answers-large``) keeps them in cells and looks only into those that are near; a byte a number. The cells lie in
regions: which is nearest is asked of the regions first and of the cells of one region then, so that a million vectors
are sorted into thousands of cells in seconds.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.errors import ConfigError
from gateway.meaning.rows import cosines, length_one

Floats = NDArray[np.float32]

EXACT: Final = 50_000
"""Up to so many vectors all are compared."""
_LOOKED_INTO: Final = 64
"""Cells."""
_REGIONS: Final = 4
"""Regions that are looked into for the cell of a vector."""
_ROUNDS: Final = 8
_SHOWN: Final = 32
"""Vectors of each cell that the cells are learned from."""


class Index:
    """Vectors, each of length 1, in cells.

    Args:
        shown: Some of them, from which the cells are learned (``spread``).
        number: How many there will be.

    Raises:
        ConfigError: The extra ``answers-large`` is not installed.
    """

    def __init__(self, shown: Floats, number: int) -> None:
        faiss = _faiss(number)
        faiss.omp_set_num_threads(1)  # a question is looked up by the thread that asks, as in ``rows``
        self._pointer = faiss.swig_ptr
        width = shown.shape[1]
        self._regions = middles(shown, max(1, round(_cells(number) ** 0.5)))
        within = cosines(shown, self._regions).argmax(1)
        counts = np.bincount(within, minlength=len(self._regions))
        shares = np.maximum(1, _cells(number) * counts // len(shown))
        parts = [middles(shown[within == at], int(share)) for at, share in enumerate(shares) if counts[at]]
        self._regions = self._regions[counts > 0]
        self._of = np.cumsum([0, *map(len, parts)])
        self._middles = np.concatenate(parts)
        self._cells = faiss.IndexFlatIP(width)  # faiss does not keep it alive itself
        self._cells.add(self._middles)
        self._index = faiss.IndexIVFScalarQuantizer(
            self._cells, width, len(self._middles), faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        self._index.by_residual = False
        self._index.train(shown)
        self._index.nprobe = min(len(self._middles), _LOOKED_INTO)
        self._index.make_direct_map()

    def add(self, rows: Floats) -> None:
        """Take more vectors, which are numbered on."""
        rows = np.ascontiguousarray(rows, np.float32)
        near = np.argsort(-cosines(rows, self._regions), 1)[:, :_REGIONS]
        cells, nearness = np.zeros(len(rows), np.int64), np.full(len(rows), -np.inf, np.float32)
        for at in np.unique(near).tolist():
            mine = np.flatnonzero((near == at).any(1))
            there = cosines(rows[mine], self._middles[self._of[at] : self._of[at + 1]])
            best = there.argmax(1)
            there = there[np.arange(len(mine)), best]
            nearer = there > nearness[mine]
            cells[mine[nearer]] = self._of[at] + best[nearer]
            nearness[mine[nearer]] = there[nearer]
        self._index.add_core(len(rows), self._pointer(rows), None, self._pointer(cells))

    def __len__(self) -> int:
        """How many vectors it holds."""
        return int(self._index.ntotal)

    def near(self, vector: Floats, most: int) -> list[int]:
        """Return the numbers of the nearest vectors, so many at most, the nearest first."""
        _, found = self._index.search(vector[None], min(most, len(self)))
        return [at for at in found[0].tolist() if at >= 0]

    def rows(self, numbers: list[int]) -> Floats:
        """Return vectors by their numbers."""
        return np.asarray(self._index.reconstruct_batch(np.array(numbers, np.int64)), np.float32)


def middles(rows: Floats, count: int) -> Floats:
    """Return vectors of length 1 that rows lie around, so many at most (k-means on the sphere).

    Args:
        rows: At least one.
        count: How many.
    """
    found = rows[:: max(1, len(rows) // count)][:count]
    for _ in range(_ROUNDS):
        near = cosines(rows, found).argmax(1)
        there = np.unique(near)
        order = np.argsort(near, kind="stable")
        found = found.copy()
        found[there] = length_one(np.add.reduceat(rows[order], np.searchsorted(near[order], there)))
    return found


def spread(number: int) -> range:
    """Return of so many vectors the numbers of those that the cells are learned from, evenly spread."""
    return range(0, number, max(1, number // (_SHOWN * _cells(number))))


def _cells(number: int) -> int:
    return max(1, min(int(4 * number**0.5), number // _SHOWN))


def _faiss(number: int) -> Any:
    try:
        return importlib.import_module("faiss")
    except ImportError:
        raise ConfigError(
            f"{number} ways of asking are more than are compared one by one ({EXACT}) — install the extra: "
            "pip install 'sluice-gateway[answers-large]'"
        ) from None
