"""The label in Ogg (Vorbis, Opus, FLAC): a Vorbis comment; pages of sound keep their packets and times."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Reading, refuse
from gateway.labels.carriers import vorbis
from gateway.labels.carriers.stream import LARGEST_FIELD, copy, size_of
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import Confidence

_MIRROR: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
# By how the first packet begins: how the second one begins, and how many packets are headers in all.
_KINDS: Final = {
    b"\x01vorbis": (b"\x03vorbis", 3),
    b"OpusHead": (b"OpusTags", 2),
    b"\x7fFLAC": (b"", 0),
    b"Speex   ": (b"", 2),
}


class Page(NamedTuple):
    """A page: its flags, time, stream and number; the lengths of its segments; where it, its data and its end are."""

    flags: int
    granule: int
    serial: int
    number: int
    lengths: bytes
    start: int
    inside: int
    end: int


class Headers(NamedTuple):
    """The header packets behind the first page.

    Attributes:
        packets: The second header packet (the comments) and those that follow it.
        pages: The pages that they stand in.
        mark: How the comment packet begins, before the comments themselves.
    """

    packets: list[bytes]
    pages: list[Page]
    mark: bytes


@dataclass(frozen=True, slots=True)
class Ogg:
    """Ogg with Vorbis, Opus, Speex or FLAC in it, TC260-PG-202510A."""

    name: str = "ogg"
    suffixes: tuple[str, ...] = (".ogg", ".oga", ".opus", ".spx")
    guide: str = "TC260-PG-202510A"
    confidence: Confidence = "H"
    place: str = "Vorbis comment AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with a page."""
        return head.startswith(b"OggS")

    def read(self, source: BinaryIO) -> Reading:
        """Look into the comment packet; pages of sound are only counted."""
        try:
            headers = _headers(source)
            fields, traces = vorbis.read(_comments(headers))
            for _ in _pages(source, headers.pages[-1].end):
                pass
        except ValueError as error:
            return Reading(faults=(str(error),))
        return Reading(tuple(fields), tuple(traces))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Write the header pages anew; pages of sound change only their number, if the headers need more pages."""
        try:
            headers = _headers(source)
            comments = _comments(headers)
            body = vorbis.write(comments, label)
            mark = headers.mark
            if len(mark) == 4:  # FLAC: the block's own header, with its length
                mark = mark[:1] + len(body).to_bytes(3, "big")
            packets = [mark + body, *headers.packets[1:]]
            first = headers.pages[0]
            new = list(_paged(packets, first.serial, first.number))
            shift = len(new) - len(headers.pages)
            rest = list(_pages(source, headers.pages[-1].end)) if shift else []
        except ValueError as error:
            raise refuse(str(error)) from None
        copy(source, target, 0, first.start)
        target.writelines(new)
        if not shift:
            copy(source, target, headers.pages[-1].end, size_of(source))
            return
        for page in rest:
            source.seek(page.start)
            raw = bytearray(source.read(page.end - page.start))
            if page.serial == first.serial:
                raw[18:22] = struct.pack("<I", page.number + shift)
                raw[22:26] = bytes(4)
                raw[22:26] = struct.pack("<I", check(bytes(raw)))
            target.write(raw)


def check(page: bytes) -> int:
    """Return Ogg's check sum: CRC-32 with the bits the other way round, computed with zlib's, which is fast."""
    mirrored = zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def _pages(source: BinaryIO, place: int) -> Iterator[Page]:
    """Yield the pages from ``place`` on; raises ``ValueError`` where one is cut off or makes no sense."""
    size = size_of(source)
    while place < size:
        source.seek(place)
        head = source.read(27)
        if len(head) < 27 or head[:5] != b"OggS\0":
            raise ValueError(f"the page at byte {place} is cut off or makes no sense")
        flags, granule, serial, number, _, count = struct.unpack("<BqIIIB", head[5:])
        lengths = source.read(count)
        inside = place + 27 + count
        end = inside + sum(lengths)
        if len(lengths) < count or end > size:
            raise ValueError("the file is cut off in a page")
        yield Page(flags, granule, serial, number, lengths, place, inside, end)
        place = end


def _headers(source: BinaryIO) -> Headers:
    """Return the header packets behind the first; raises ``ValueError`` that says what is wrong."""
    pages = _pages(source, 0)
    first = next(pages, None)
    if first is None or not first.flags & 2:
        raise ValueError("it does not begin with a first page")
    source.seek(first.inside)
    opening = source.read(first.end - first.inside)
    mark, count = next((found for begin, found in _KINDS.items() if opening.startswith(begin)), (b"", -1))
    if opening.startswith(b"\x7fFLAC"):
        count = int.from_bytes(opening[7:9], "big") + 1
    if count < 2 or count > 200:
        raise ValueError("what is in it is not known: no Vorbis, Opus, Speex or FLAC")
    packets: list[bytes] = []
    used: list[Page] = []
    open_packet = b""
    total = 0
    for page in pages:
        if page.serial != first.serial:
            raise ValueError("it holds more than one stream")
        used.append(page)
        source.seek(page.inside)
        for length in page.lengths:
            open_packet += source.read(length)
            total += length
            if length < 255:
                packets.append(open_packet)
                open_packet = b""
        if total > LARGEST_FIELD * 4:
            raise ValueError("its headers are too long")
        if len(packets) >= count - 1:
            break
    if len(packets) != count - 1 or open_packet:
        raise ValueError("its headers are cut off, or sound begins in their last page")
    if opening.startswith(b"\x7fFLAC"):
        mark = packets[0][:4]
    if not packets[0].startswith(mark):
        raise ValueError("its second header is no comment")
    return Headers(packets, used, mark)


def _comments(headers: Headers) -> vorbis.Comments:
    return vorbis.parse(headers.packets[0][len(headers.mark) :])


def _paged(packets: list[bytes], serial: int, number: int) -> Iterator[bytes]:
    """Yield header pages that hold ``packets``."""
    segments: list[tuple[bytes, bool]] = []
    for packet in packets:
        whole, rest = divmod(len(packet), 255)
        segments += [(packet[at * 255 : at * 255 + 255], False) for at in range(whole)]
        segments.append((packet[len(packet) - rest :], True))
    for count, start in enumerate(range(0, len(segments), 255)):
        part = segments[start : start + 255]
        continued = start > 0 and not segments[start - 1][1]
        granule = 0 if any(last for _, last in part) else -1
        head = struct.pack("<BqIIIB", int(continued), granule, serial, number + count, 0, len(part))
        page = b"OggS\0" + head + bytes(len(one) for one, _ in part) + b"".join(one for one, _ in part)
        yield page[:22] + struct.pack("<I", check(page)) + page[26:]
