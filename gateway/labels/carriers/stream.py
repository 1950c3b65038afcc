"""Reading and copying parts of files of any size, never more in memory than was allowed."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO, Final

from gateway.labels.carrier import refuse

_BLOCK: Final = 1 << 20

LARGEST_FIELD: Final = 4 << 20
"""Metadata fields of more bytes are not read: they are told as a fault."""


class Short(Exception):
    """The file ends where more was announced."""


def size_of(source: BinaryIO) -> int:
    """Return how many bytes the file has; it stands at its beginning afterwards."""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    return size


def take(source: BinaryIO, count: int) -> bytes:
    """Read exactly ``count`` bytes; raises ``Short``."""
    data = source.read(count)
    if len(data) < count:
        raise Short
    return data


def number(source: BinaryIO, form: str) -> int:
    """Read one number as ``struct`` writes it; raises ``Short``."""
    return int(struct.unpack(form, take(source, struct.calcsize(form)))[0])


def copy(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    """Copy the bytes from ``start`` up to ``end``."""
    source.seek(start)
    left = end - start
    while left > 0:
        block = source.read(min(left, _BLOCK))
        if not block:
            raise refuse("the file became shorter while it was copied")
        target.write(block)
        left -= len(block)
