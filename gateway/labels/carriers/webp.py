"""The label in WebP: XMP in the ``XMP `` chunk; the picture's own chunks do not change."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers import ifd, riff, xmp
from gateway.labels.carriers.stream import take
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import Confidence

_HAS_XMP: Final = 0x04
_HAS_ALPHA: Final = 0x10


@dataclass(frozen=True, slots=True)
class Webp:
    """WebP, TC260-PG-20259A."""

    name: str = "webp"
    suffixes: tuple[str, ...] = (".webp",)
    guide: str = "TC260-PG-20259A"
    confidence: Confidence = "H"
    place: str = "XMP chunk, TC260:AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it is RIFF of the kind WEBP."""
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"

    def read(self, source: BinaryIO) -> Reading:
        """Look into the XMP, EXIF and C2PA chunks."""
        parts = riff.walk(source)
        fields: list[Field] = []
        traces: list[Trace] = []
        faults = [parts.fault] if parts.fault else []
        for chunk in parts.chunks:
            try:
                if chunk.name == b"XMP ":
                    packet = xmp.read(riff.data(source, chunk))
                    fields += packet.fields
                    traces += packet.traces
                elif chunk.name == b"EXIF":
                    found = ifd.read(io.BytesIO(_bare(riff.data(source, chunk))))
                    fields += found.fields
                    traces += found.traces
                    faults += [f"EXIF: {fault}" for fault in found.faults]
                elif chunk.name == b"C2PA":
                    traces.append(Trace("c2pa", "chunk C2PA"))
            except ValueError as error:
                faults.append(f"its {chunk.name.decode().strip()} {error}")
        return Reading(tuple(fields), tuple(dict.fromkeys(traces)), tuple(faults), parts.end)

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put the packet at the end, where the format wants it, and say in the header that it is there."""
        parts = riff.walk(source)
        if parts.fault or not parts.chunks:
            raise refuse(parts.fault or "it holds no picture")
        first = parts.chunks[0]
        kept: list[riff.Chunk | bytes] = []
        packet = None
        try:
            for chunk in parts.chunks[1:] if first.name == b"VP8X" else parts.chunks:
                if chunk.name == b"XMP " and packet is None:
                    packet = riff.data(source, chunk)
                elif chunk.name == b"EXIF":
                    kept.append(_without(riff.data(source, chunk)) or chunk)
                elif chunk.name != b"XMP ":
                    kept.append(chunk)
            header = bytearray(riff.data(source, first) if first.name == b"VP8X" else _header(source, first))
        except ValueError as error:
            raise refuse(f"its {error}") from None
        header[0] |= _HAS_XMP
        new = riff.chunk(b"XMP ", xmp.write(packet, label))
        riff.write(source, target, parts, [riff.chunk(b"VP8X", bytes(header)), *kept, new])


def _bare(exif: bytes) -> bytes:
    """Return EXIF without the name that belongs to JPEG but is often left before it."""
    return exif.removeprefix(b"Exif\0\0")


def _without(exif: bytes) -> bytes | None:
    """Return the EXIF chunk without the labels in it; None where there are none."""
    head = exif[: len(exif) - len(_bare(exif))]
    blob = io.BytesIO(_bare(exif))
    top, inner = ifd.labels_in(blob)
    if not top and not inner:
        return None
    changed = io.BytesIO(blob.getvalue())
    ifd.write(blob, changed, top, inner)
    return riff.chunk(b"EXIF", head + changed.getvalue())


def _header(source: BinaryIO, chunk: riff.Chunk) -> bytes:
    """Return the extended header of a simple file: its picture's size and whether it is transparent."""
    source.seek(chunk.inside)
    head = take(source, min(10, chunk.end - chunk.inside))
    if chunk.name == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int(side) & 0x3FFF for side in struct.unpack("<HH", head[6:10]))
        flags = 0
    elif chunk.name == b"VP8L" and head[:1] == b"\x2f" and len(head) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _HAS_ALPHA if bits >> 28 & 1 else 0
    else:
        raise ValueError("first chunk is no picture")
    return bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
