"""RIFF, the boxes of WAV, WebP and AVI: walked without reading what is large, copied without changing it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import refuse
from gateway.labels.carriers.stream import LARGEST_FIELD, Short, copy, size_of, take

_MOST: Final = 100_000


class Chunk(NamedTuple):
    """A chunk: its name, and where its header begins, its data begins and its data ends."""

    name: bytes
    start: int
    inside: int
    end: int


@dataclass(frozen=True, slots=True)
class Riff:
    """A RIFF file taken apart.

    Attributes:
        kind: ``WAVE``, ``WEBP``, ``AVI ``.
        chunks: Its chunks, in order.
        end: Where it ends by its own size.
        fault: What is wrong with it, or nothing.
        wide: Where the 64-bit size stands that is in force (RF64), or None.
    """

    kind: bytes
    chunks: tuple[Chunk, ...]
    end: int
    fault: str
    wide: int | None = None


def walk(source: BinaryIO) -> Riff:
    """Take a file apart; what is wrong with it is told."""
    size = size_of(source)
    try:
        magic, length, kind = struct.unpack("<4sI4s", take(source, 12))
    except Short:
        return Riff(b"", (), 0, "the file is cut off in its header")
    end, wide, data_size = length + 8, None, None
    if magic in (b"RF64", b"BW64"):
        try:
            name, _, wide_size, data_size = struct.unpack("<4sIQQ", take(source, 24))
        except Short:
            return Riff(kind, (), 0, "the file is cut off in its header")
        if name != b"ds64":
            return Riff(kind, (), 0, "an RF64 file has no ds64 chunk")
        end, wide = wide_size + 8, 20
    if end > size:
        fault = f"the file is cut off: it has {size:,} of {end:,} bytes"
        if length in (0xFFFFFFFF, 0xFFFFFFFF - 8):
            fault = "its header gives no size: it was written as a stream"
        return Riff(kind, _chunks(source, size, data_size)[0], size, fault, wide)
    chunks, fault = _chunks(source, end, data_size)
    return Riff(kind, chunks, end, fault, wide)


def _chunks(source: BinaryIO, end: int, data_size: int | None) -> tuple[tuple[Chunk, ...], str]:
    chunks: list[Chunk] = []
    place = 12
    while place + 8 <= end:
        source.seek(place)
        name, length = struct.unpack("<4sI", source.read(8))
        if name == b"data" and length == 0xFFFFFFFF and data_size is not None:
            length = data_size
        last = place + 8 + length
        if last > end:
            return tuple(chunks), f"the chunk at byte {place} is longer than the file"
        chunks.append(Chunk(name, place, place + 8, last))
        if len(chunks) > _MOST:
            return tuple(chunks), f"it has more than {_MOST:,} chunks"
        place = last + length % 2
    return tuple(chunks), ""


def data(source: BinaryIO, chunk: Chunk) -> bytes:
    """Return the data of a metadata chunk; raises ``ValueError`` where it is too long for one."""
    if chunk.end - chunk.inside > LARGEST_FIELD:
        name = chunk.name.decode("latin-1").strip()
        raise ValueError(f"a {name} chunk has {chunk.end - chunk.inside:,} bytes")
    source.seek(chunk.inside)
    return source.read(chunk.end - chunk.inside)


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk as it stands in a file."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def write(source: BinaryIO, target: BinaryIO, riff: Riff, parts: list[Chunk | bytes]) -> None:
    """Write the file anew from old chunks and new bytes; what follows its end follows it again.

    Raises:
        LabelError: It would become too large for a 32-bit size.
    """
    begin = target.tell()
    copy(source, target, 0, 12)
    for part in parts:
        if isinstance(part, bytes):
            target.write(part)
            continue
        copy(source, target, part.start, part.end)
        if (part.end - part.inside) % 2:
            target.write(b"\0")
    end = target.tell()
    copy(source, target, riff.end, size_of(source))
    size = end - begin - 8
    if riff.wide is None and size > 0xFFFFFFFE:
        raise refuse("it would become too large for RIFF")
    target.seek(begin + (4 if riff.wide is None else riff.wide))
    target.write(struct.pack("<I" if riff.wide is None else "<Q", size))
    target.seek(0, 2)
