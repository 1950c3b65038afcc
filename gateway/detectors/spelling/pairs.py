"""How unlikely each of some thousand characters is after each other one, looked up many at a time.

Hardly one pair in a hundred was ever seen; of all others is known how common the second is by itself. So a row is
cut into blocks, and blocks of pairs that were never seen are the same for every row: they are kept once. That takes
a fifth of the room of a square, most of which would have to come from far away each time, and says the same.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.uint8]
Places = NDArray[np.signedinteger[Any]]

_BITS: Final = 6
_WIDTH: Final = 1 << _BITS
"""So many numbers of second characters are one block: those of wider ones are rarely all unseen, and more of
narrower ones take more room than they save."""
_LOW: Final = _WIDTH - 1


class Column(NamedTuple):
    """Where columns stand: in which block of a row, and where in the block."""

    group: Places
    low: Places


class Pairs:
    """A square of small numbers, most lines of which are mostly the same.

    Args:
        usual: What is in each column where nothing else is said.
        rows: Of what is said otherwise: in which row it stands,
        columns: in which column; the fewer columns hold most of it, the less room it takes if those come first,
        steps: and what it is. Of the same place the last one counts.
    """

    __slots__ = ("_blocks", "_groups", "_where")

    def __init__(self, usual: Steps, rows: Places, columns: Places, steps: Steps) -> None:
        size = len(usual)
        self._groups = groups = -(-size // _WIDTH)
        alike = np.pad(usual, (0, groups * _WIDTH - size)).reshape(groups, _WIDTH)
        places = rows * groups + (columns >> _BITS)
        told = np.zeros(size * groups, np.bool_)
        told[places] = True
        seen = told.nonzero()[0]
        # For each row and block of columns which block it is, in as few bytes as will do: more of it stays near.
        kind = np.min_scalar_type(groups + len(seen))
        self._where = np.tile(np.arange(groups, dtype=kind), size)
        self._where[seen] = np.arange(groups, groups + len(seen), dtype=kind)
        blocks = np.concatenate((alike, alike[seen % groups]))
        blocks[self._where[places], columns & _LOW] = steps
        self._blocks = blocks.reshape(-1)

    @property
    def room(self) -> int:
        """How many bytes it takes."""
        return self._blocks.nbytes + self._where.nbytes

    def begin(self, row: Places) -> Places:
        """Return how ``at`` is given rows."""
        return row * row.dtype.type(self._groups)

    def split(self, column: Places) -> Column:
        """Return how ``at`` is given columns."""
        return Column(column >> _BITS, column & _LOW)

    def at(self, begins: Places, column: Column) -> Steps:
        """Return what stands in rows and columns, which are matched as in a sum."""
        places = self._where.take(begins + column.group).astype(np.intp)
        places <<= _BITS
        places += column.low
        return self._blocks.take(places)
