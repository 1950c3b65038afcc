"""The label in JPEG: XMP in an APP1 segment, or EXIF UserComment; the picture's own segments do not change."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal, NamedTuple

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers import ifd, xmp
from gateway.labels.carriers.stream import copy, size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label

_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_MORE: Final = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF: Final = b"Exif\0\0"
_LARGEST: Final = 0xFFFF - 2
_LARGEST_FILE: Final = 512 << 20
_NEXT: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_EMPTY_EXIF: Final = b"II*\0\x08\0\0\0\0\0\0\0\0\0"


class Segment(NamedTuple):
    """A segment before or between the scans: its marker, its data, where it begins and ends."""

    marker: int
    data: bytes
    start: int
    end: int


class Shape(NamedTuple):
    """A JPEG taken apart.

    Attributes:
        segments: All that have data, in order.
        end: Where EOI ends; None where there is none.
        fault: What is wrong, or nothing.
    """

    segments: tuple[Segment, ...]
    end: int | None
    fault: str


@dataclass(frozen=True, slots=True)
class Jpeg:
    """JPEG, TC260-PG-20259A.

    Attributes:
        form: ``xmp`` (the guide's body) or ``exif`` (its Annex B).
    """

    form: Literal["xmp", "exif"] = "xmp"
    name: str = "jpeg"
    suffixes: tuple[str, ...] = (".jpg", ".jpeg", ".jpe", ".jfif")
    guide: str = "TC260-PG-20259A"
    confidence: Confidence = "H"

    @property
    def place(self) -> str:
        """Where the label is written."""
        return "APP1 XMP, TC260:AIGC" if self.form == "xmp" else "APP1 EXIF, UserComment"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with SOI and another marker."""
        return head.startswith(b"\xff\xd8\xff")

    def read(self, source: BinaryIO) -> Reading:
        """Look into XMP, EXIF, comments and C2PA; the scans are only searched for their end."""
        shape = _shape(source)
        fields: list[Field] = []
        traces: list[Trace] = []
        faults = [shape.fault] if shape.fault else []
        for segment in shape.segments:
            found = _look(segment)
            fields += found.fields
            traces += found.traces
            faults += found.faults
        if more := _extended(shape):
            found = _packet(more)
            fields += found.fields
            traces += found.traces
            faults += found.faults
        return Reading(tuple(fields), tuple(dict.fromkeys(traces)), tuple(faults), shape.end)

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put the label's segment behind JFIF and EXIF, or in the place of the one that is there."""
        shape = _shape(source)
        if shape.fault:
            raise refuse(shape.fault)
        if (more := _extended(shape)) and _packet(more).fields:
            raise refuse("it has a label in extended XMP, which is written as one piece with its digest")
        place = self._place(shape)
        done = 0
        for segment in shape.segments:
            copy(source, target, done, segment.start)
            if segment.start == place:
                target.write(self._new(shape, label))
            target.write(self._kept(segment, shape))
            done = segment.end
        copy(source, target, done, size_of(source))

    def _place(self, shape: Shape) -> int:
        """Return where the new segment goes: before the first that is neither JFIF nor EXIF."""
        return next(one.start for one in shape.segments if one.marker != 0xE0 and not one.data.startswith(_EXIF))

    def _new(self, shape: Shape, label: AigcLabel) -> bytes:
        """Return the EXIF and XMP segments, with the label in the one that was asked for and in no other."""
        exif, packet = _first(shape, _EXIF), _first(shape, _XMP)
        new = b""
        if exif is not None or self.form == "exif":
            blob = io.BytesIO(exif.data[len(_EXIF) :] if exif else _EMPTY_EXIF)
            top, inner = ifd.labels_in(blob)
            if self.form == "exif":
                if _speaks(blob):
                    raise refuse("its EXIF UserComment says something else already", "write the label as XMP")
                inner = {**inner, ifd.COMMENT: ifd.comment(label)}
            changed = io.BytesIO(blob.getvalue())
            if top or inner:
                ifd.write(blob, changed, top, inner)
            new += _segment(0xE1, _EXIF + changed.getvalue())
        if packet is not None or self.form == "xmp":
            body = xmp.write(packet.data[len(_XMP) :] if packet else None, label if self.form == "xmp" else None)
            short = body if len(_XMP + body) <= _LARGEST else xmp.trimmed(body)
            new += _segment(0xE1, _XMP + short)
        return new

    def _kept(self, segment: Segment, shape: Shape) -> bytes:
        """Return a segment as it stays; those that are written anew, or are a label, are nothing."""
        if segment in (_first(shape, _EXIF), _first(shape, _XMP)):
            return b""
        if not _look(segment).fields:
            return _segment(segment.marker, segment.data)
        if segment.data.startswith(_XMP):
            return _segment(0xE1, _XMP + xmp.write(segment.data[len(_XMP) :], None))
        if segment.marker == 0xFE:
            return b""
        raise refuse("it has a label in a second EXIF segment")


def _first(shape: Shape, head: bytes) -> Segment | None:
    """Return the first APP1 segment that begins with ``head``."""
    return next((one for one in shape.segments if one.marker == 0xE1 and one.data.startswith(head)), None)


def _shape(source: BinaryIO) -> Shape:
    """Walk the markers; scans are skipped by looking for the next marker."""
    if size_of(source) > _LARGEST_FILE:
        return Shape((), None, f"a JPEG of more than {_LARGEST_FILE >> 20} MiB is not read")
    data = source.read()
    segments: list[Segment] = []
    place = 2
    while True:
        while data[place : place + 2] == b"\xff\xff":
            place += 1
        head = data[place : place + 2]
        if head == b"\xff\xd9":
            return Shape(tuple(segments), place + 2, "" if segments else "it holds no picture")
        if len(head) < 2:
            return Shape(tuple(segments), None, "the file is cut off: there is no EOI")
        if head[0] != 0xFF or head[1] == 0:
            return Shape(tuple(segments), None, f"a marker at byte {place} makes no sense")
        if 0xD0 <= head[1] <= 0xD8 or head[1] == 1:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        end = place + 2 + length
        if length < 2 or end > len(data):
            return Shape(tuple(segments), None, f"the file is cut off in the segment at byte {place}")
        segments.append(Segment(head[1], data[place + 4 : end], place, end))
        place = end
        if head[1] == 0xDA:
            found = _NEXT.search(data, end)
            if not found:
                return Shape(tuple(segments), None, "the file is cut off: there is no EOI")
            place = found.start()


def _look(segment: Segment) -> ifd.Found:
    if segment.marker == 0xE1 and segment.data.startswith(_XMP):
        return _packet(segment.data[len(_XMP) :])
    if segment.marker == 0xE1 and segment.data.startswith(_EXIF):
        found = ifd.read(io.BytesIO(segment.data[len(_EXIF) :]))
        return found._replace(faults=tuple(f"EXIF: {fault}" for fault in found.faults))
    if segment.marker == 0xFE:
        text = segment.data.decode("utf-8", "replace")
        if is_like_a_label(text):
            known = NAME if f'"{NAME}"' in text else "COM"
            return ifd.Found((Field("COM", known, text, usual=False),), (), ())
    if segment.marker == 0xEB and b"c2pa" in segment.data[:200]:
        return ifd.Found((), (Trace("c2pa", "segment APP11"),), ())
    return ifd.Found((), (), ())


def _packet(data: bytes) -> ifd.Found:
    try:
        packet = xmp.read(data)
    except ValueError as error:
        return ifd.Found((), (), (f"its XMP packet {error}",))
    return ifd.Found(packet.fields, packet.traces, ())


def _extended(shape: Shape) -> bytes | None:
    """Return the extended XMP packet: its parts in the order of their offsets."""
    parts = {}
    for segment in shape.segments:
        if segment.marker == 0xE1 and segment.data.startswith(_MORE):
            offset = segment.data[len(_MORE) + 36 : len(_MORE) + 40]
            parts[int.from_bytes(offset, "big")] = segment.data[len(_MORE) + 40 :]
    return b"".join(parts[offset] for offset in sorted(parts)) if parts else None


def _speaks(exif: BinaryIO) -> bool:
    """Whether UserComment holds a comment that is no label."""
    for where, entry in ifd.places(exif):
        if (where, entry.tag) == ("EXIF", ifd.COMMENT):
            return bool(ifd.value(exif, entry)[8:].strip(b"\0 ")) and ifd.COMMENT not in ifd.labels_in(exif)[1]
    return False


def _segment(marker: int, data: bytes) -> bytes:
    if len(data) > _LARGEST:
        raise refuse("its metadata and the label do not fit into one segment")
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
