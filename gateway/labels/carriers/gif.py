"""The label in GIF: XMP in an application extension; frames and their order do not change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers import xmp
from gateway.labels.carriers.stream import LARGEST_FIELD, Short, copy, size_of, take
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label

_XMP: Final = b"XMP DataXMP"
# A reader that follows the packet's bytes as block lengths ends up here, wherever it comes in.
_TAIL: Final = b"\x01" + bytes(range(0xFF, -1, -1)) + b"\0"


class Block(NamedTuple):
    """A block after the global colour table: its kind, its data where that is of interest, and where it stands."""

    kind: str
    data: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gif:
    """GIF, TC260-PG-20259A."""

    name: str = "gif"
    suffixes: tuple[str, ...] = (".gif",)
    guide: str = "TC260-PG-20259A"
    confidence: Confidence = "H"
    place: str = "application extension XMP DataXMP, TC260:AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with one of the two signatures."""
        return head[:6] in (b"GIF87a", b"GIF89a")

    def read(self, source: BinaryIO) -> Reading:
        """Look into XMP and comments; frames are skipped block by block."""
        fields: list[Field] = []
        traces: list[Trace] = []
        faults: list[str] = []
        end = None
        for block in _blocks(source, faults):
            if block.kind == "xmp":
                try:
                    packet = xmp.read(block.data)
                except ValueError as error:
                    faults.append(f"its XMP packet {error}")
                    continue
                fields += packet.fields
                traces += packet.traces
            elif block.kind == "comment":
                fields += _comment(block)
            elif block.kind == "c2pa":
                traces.append(Trace("c2pa", "application extension C2PA_GIF"))
            elif block.kind == "end":
                end = block.end
        return Reading(tuple(fields), tuple(dict.fromkeys(traces)), tuple(faults), end)

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put the packet before the first frame; a GIF87a, which knows no extensions, becomes a GIF89a."""
        faults: list[str] = []
        blocks = list(_blocks(source, faults))
        if faults:
            raise refuse(faults[0])
        packet = next((block.data for block in blocks if block.kind == "xmp"), None)
        new = b"\x21\xff\x0b" + _XMP + xmp.write(packet, label) + _TAIL
        target.write(b"GIF89a")
        done = 6
        first = next(block for block in blocks if block.kind in ("frame", "end"))
        for block in blocks:
            copy(source, target, done, block.start)
            done = block.start
            if block is first:
                target.write(new)
            if block.kind == "xmp" or (block.kind == "comment" and _comment(block)):
                done = block.end
        copy(source, target, done, size_of(source))


def _comment(block: Block) -> list[Field]:
    text = block.data.decode("utf-8", "replace")
    if not is_like_a_label(text):
        return []
    return [Field("comment", NAME if f'"{NAME}"' in text else "comment", text, usual=False)]


def _blocks(source: BinaryIO, faults: list[str]) -> Iterator[Block]:
    """Yield the blocks up to the trailer; what is wrong with their sequence joins ``faults``."""
    size_of(source)
    try:
        screen = take(source, 13)
        source.seek(_table(screen[10]), 1)
        while True:
            start = source.tell()
            kind = take(source, 1)
            if kind == b"\x3b":
                yield Block("end", b"", start, source.tell())
                return
            if kind == b"\x2c":
                source.seek(_table(take(source, 9)[8]), 1)
                take(source, 1)
                _skip(source)
                yield Block("frame", b"", start, source.tell())
            elif kind == b"\x21":
                yield from _extension(source, start)
            else:
                faults.append(f"the block at byte {start} makes no sense")
                return
    except Short:
        faults.append("the file is cut off: there is no trailer")
    except ValueError as error:
        faults.append(str(error))


def _table(flags: int) -> int:
    """Return how many bytes a colour table has."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _extension(source: BinaryIO, start: int) -> Iterator[Block]:
    kind = take(source, 1)
    if kind == b"\xff":
        name = take(source, take(source, 1)[0])
        if name == _XMP:
            yield Block("xmp", _packet(source), start, source.tell())
            return
        _skip(source)
        if name.startswith(b"C2PA"):
            yield Block("c2pa", b"", start, source.tell())
    elif kind == b"\xfe":
        yield Block("comment", _skip(source), start, source.tell())
    else:
        _skip(source)
        # What controls a frame belongs to it.
        yield Block("frame", b"", start, source.tell())


def _skip(source: BinaryIO) -> bytes:
    """Go behind a sequence of sub-blocks; return its first bytes."""
    kept: list[bytes] = []
    total = 0
    while length := take(source, 1)[0]:
        piece = take(source, length)
        if total < LARGEST_FIELD:
            kept.append(piece)
        total += length
    return b"".join(kept)


def _packet(source: BinaryIO) -> bytes:
    """Return an XMP packet, which stands in the open: without lengths, up to the tail."""
    start = source.tell()
    raw = source.read(LARGEST_FIELD)
    found = raw.find(_TAIL)
    if found < 0:
        raise ValueError("its XMP extension has no end")
    source.seek(start + found + len(_TAIL))
    return raw[:found]
