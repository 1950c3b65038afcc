"""The label in TIFF: XMP in tag 700 of the first directory; pages and their strips stay where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from gateway.labels.carrier import Reading
from gateway.labels.carriers import ifd, xmp
from gateway.labels.carriers.stream import copy, size_of
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import Confidence


@dataclass(frozen=True, slots=True)
class Tiff:
    """TIFF and BigTIFF, TC260-PG-20259A."""

    name: str = "tiff"
    suffixes: tuple[str, ...] = (".tif", ".tiff", ".btf")
    guide: str = "TC260-PG-20259A"
    confidence: Confidence = "H"
    place: str = "IFD0 tag 0x02BC, TC260:AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with a byte order and TIFF's number."""
        return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

    def read(self, source: BinaryIO) -> Reading:
        """Look into the first directory and its EXIF directory."""
        return Reading(*ifd.read(source))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Append a first directory with the packet; the old one is left unused."""
        top, exif = ifd.labels_in(source)
        packet = xmp.write(ifd.xmp_of(source), label)
        copy(source, target, 0, size_of(source))
        ifd.write(source, target, {**top, ifd.XMP: (7, packet)}, exif)
