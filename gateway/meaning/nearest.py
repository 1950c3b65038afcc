"""Which of very many vectors are nearest to one, without comparing all; what is found is compared exactly.

Up to ``EXACT`` vectors nobody needs this: numpy compares them all in a millisecond. Beyond, faiss (the extra
``answers-large``) sorts them into cells and looks only into those that are near; a byte a number.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.errors import ConfigError

Floats = NDArray[np.float32]

EXACT: Final = 50_000
"""Up to so many vectors all are compared."""
_LOOKED_INTO: Final = 16
"""Cells."""
_ROUNDS: Final = 8
_SHOWN: Final = 32
"""Vectors of each cell that the cells are learned from."""


class Index:
    """Vectors, each of length 1, in cells.

    Args:
        rows: The vectors.

    Raises:
        ConfigError: The extra ``answers-large`` is not installed.
    """

    def __init__(self, rows: Floats) -> None:
        faiss = _faiss(len(rows))
        width = rows.shape[1]
        cells = max(1, min(int(4 * len(rows) ** 0.5), len(rows) // _SHOWN))
        self._cells = faiss.IndexFlatIP(width)  # faiss does not keep it alive itself
        self._index = faiss.IndexIVFScalarQuantizer(
            self._cells, width, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        self._index.by_residual = False
        self._index.cp.niter = _ROUNDS
        self._index.cp.max_points_per_centroid = _SHOWN
        self._index.cp.seed = 1
        self._index.train(rows)
        self._index.add(rows)
        self._index.nprobe = min(cells, _LOOKED_INTO)
        self._index.make_direct_map()

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


def _faiss(number: int) -> Any:
    try:
        return importlib.import_module("faiss")
    except ImportError:
        raise ConfigError(
            f"{number} ways of asking are more than are compared one by one ({EXACT}) — install the extra: "
            "pip install 'sluice-gateway[answers-large]'"
        ) from None
