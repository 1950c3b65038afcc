"""Products with matrices of small whole numbers, which become floats a block at a time, right before they are used.

So they are read from memory in a quarter of the bytes: with a few lines to multiply, most of the time would go into
waiting for those. A block stays in the processor's own cache while it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from threading import local
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.lib.introspect import opt_func_info
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SIDE: Final = 256
"""How many lines and columns a tile has."""
_STRIP: Final = 64
_FEW: Final = 1_000_000 // (SIDE * _STRIP)
"""For processors with AVX-512 OpenBLAS has a kernel that reads matrices where they lie. It is taken for up to a million
pairs of numbers (``kernel/x86_64/sgemm_small_kernel_permit_skylakex.c``): for so many lines and a strip. Else, both are
copied first."""
_WIDE: Final = ("AVX512", "X86_V4")
"""How numpy calls such a processor."""
_BOUNDARY: Final = 64
"""From other addresses that kernel reads strips half as slow again."""


class Room(local):
    """Where whole numbers become floats: each thread has a place of its own.

    Attributes:
        tile: Room for a tile,
        flat: and the same as a line.
    """

    def __init__(self) -> None:
        size = SIDE * SIDE * 4
        room = np.empty(size + _BOUNDARY, np.uint8)
        begin = -room.ctypes.data % _BOUNDARY
        self.flat: Floats = room[begin : begin + size].view(np.float32)
        self.tile = self.flat.reshape(SIDE // _STRIP, SIDE, _STRIP)


@cache
def at_once() -> int:
    """Return how many lines are multiplied best at a time."""
    found = opt_func_info(func_name="^maximum$", signature="float32").values()
    wide = any(one["current"].startswith(_WIDE) for kinds in found for one in kinds.values())
    return _FEW if wide else 1 << 30


class Matrix(NamedTuple):
    """A matrix.

    Attributes:
        numbers: Its numbers, in steps of ``step``.
        step: How far apart they are, for each column.
    """

    numbers: NDArray[Any]
    step: Floats


def tiles(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return a matrix as columns of tiles: each is its strips of 64 columns, one behind the other.

    Args:
        numbers: Lines and columns are multiples of ``SIDE``.
    """
    high, wide = (size // SIDE for size in numbers.shape)
    strips = numbers.reshape(high, SIDE, wide, SIDE // _STRIP, _STRIP)
    return np.ascontiguousarray(strips.transpose(2, 0, 3, 1, 4))


def products(lots: Iterable[Floats], column: NDArray[Any], part: Floats, room: Room, out: Floats) -> None:
    """Add up lots of lines, each times a tile; but for the steps of their numbers.

    Args:
        lots: As many lots of lines as there are tiles.
        column: The tiles.
        part: Room for the product of a lot.
        room: Where tiles become floats.
        out: Where the sum goes.
    """
    size = len(out)
    each = -(-size // -(-size // at_once()))
    for number, (lines, tile) in enumerate(zip(lots, column, strict=True)):
        np.copyto(room.tile, tile)
        into = part if number else out
        strips = into.reshape(size, -1, _STRIP).swapaxes(0, 1)
        for at in range(0, size, each):
            np.matmul(lines[at : at + each], room.tile, out=strips[:, at : at + each])
        if number:
            out += part


def through(vector: Floats, matrix: Matrix, room: Room) -> Floats:
    """Return a vector times a matrix.

    Args:
        vector: The vector.
        matrix: What it is multiplied with.
        room: Where its numbers become floats.
    """
    numbers = matrix.numbers
    each = room.flat.size // numbers.shape[1]
    total = np.zeros(numbers.shape[1], np.float32)
    for at in range(0, len(numbers), each):
        some = numbers[at : at + each]
        block = room.flat[: some.size].reshape(some.shape)
        np.copyto(block, some)
        total += vector[at : at + each] @ block
    total *= matrix.step
    return total


def through_few(vector: Floats, matrix: Matrix, room: Room) -> Floats:
    """Return the same for a vector that is mostly 0: only lines that count are read."""
    few = vector.nonzero()[0]
    return through(vector.take(few), Matrix(matrix.numbers.take(few, 0), matrix.step), room)
