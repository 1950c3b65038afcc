"""Writes PNG files fast and with all that stood beside the pixels.

Pillow tries five filters on every row and compresses on one core; here every row has the filter that
suits pictures and the compressor runs on as many cores as there are, for about the same size.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

MODES: Final = {"L": (8, 0), "LA": (8, 4), "RGB": (8, 2), "RGBA": (8, 6), "I;16": (16, 0)}
"""Modes that are written here: bits and colour type of each."""

_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
# They speak of palettes, depths or grounds that may have changed with the mode.
_OF_A_MODE: Final = frozenset({b"bKGD", b"sBIT", b"hIST", b"sPLT"})
_UP: Final = 2
_PART: Final = 1 << 20
"""Bytes that are worth a thread of their own."""


def write(picture: Image.Image, kept: Sequence[bytes] = ()) -> bytes:
    """Return a picture as a PNG file.

    Args:
        picture: In one of ``MODES``.
        kept: Chunks to write before the pixels, as ``kept`` returned them.
    """
    import numpy as np  # noqa: PLC0415 - importing the gateway must stay light

    bits, colour = MODES[picture.mode]
    rows = np.asarray(picture)
    if bits == 16:
        rows = rows.astype(">u2").view(np.uint8)
    rows = rows.reshape(picture.height, -1)
    # The filter "up": each byte less the one above it.
    raw = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    raw[:, 0] = _UP
    raw[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=raw[1:, 1:])
    head = struct.pack(">IIBBBBB", picture.width, picture.height, bits, colour, 0, 0, 0)
    body = _deflate(raw.data.cast("B"))
    return b"".join([SIGNATURE, _chunk(b"IHDR", head), *kept, _chunk(b"IDAT", body), _chunk(b"IEND", b"")])


def kept(data: bytes, exif: bytes | None = None) -> tuple[bytes, ...]:
    """Return the chunks of a PNG file that say something besides its pixels, as they stand.

    Args:
        data: The file.
        exif: What takes the place of its EXIF, because the picture was turned upright; None to keep it.
    """
    left_out = _PIXELS | _OF_A_MODE | (frozenset() if exif is None else {b"eXIf"})
    chunks = [whole for kind, whole in _chunks(data) if kind not in left_out]
    if exif:
        chunks.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
    return tuple(chunks)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        end = at + 12 + size
        kind = data[at + 4 : at + 8]
        if end > len(data) or kind == b"IEND":
            return
        yield kind, data[at:end]
        at = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))


def _deflate(raw: memoryview) -> bytes:
    """Compress in parts that need nothing of each other, one thread each; together they are one stream."""
    threads = min(os.cpu_count() or 1, 8, max(1, len(raw) // _PART))
    size = -(-len(raw) // threads)
    parts = [raw[at : at + size] for at in range(0, len(raw), size)]

    def compress(number: int) -> bytes:
        engine = zlib.compressobj(1, zlib.DEFLATED, -15, 9)
        last = number == len(parts) - 1
        return engine.compress(parts[number]) + engine.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)

    if len(parts) == 1:
        packed = [compress(0)]
    else:
        with ThreadPoolExecutor(len(parts)) as pool:
            packed = list(pool.map(compress, range(len(parts))))
    return b"\x78\x01" + b"".join(packed) + struct.pack(">I", zlib.adler32(raw))
