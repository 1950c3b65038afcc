"""The label in PNG: XMP in an ``iTXt`` chunk, or a ``tEXt`` chunk named AIGC; no other chunk changes."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal, NamedTuple

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers import ifd, xmp
from gateway.labels.carriers.stream import LARGEST_FIELD, copy, size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import LONGEST, Confidence, is_like_a_label

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_XMP: Final = "XML:com.adobe.xmp"
_TEXTS: Final = (b"tEXt", b"zTXt", b"iTXt")


class Chunk(NamedTuple):
    """A chunk: its type, where it begins and ends with its length and check sum."""

    kind: bytes
    start: int
    end: int


class Text(NamedTuple):
    """A text chunk taken apart."""

    keyword: str
    text: bytes


class _Bad(Exception):
    """What cannot be read of a chunk."""


@dataclass(frozen=True, slots=True)
class Png:
    """PNG, TC260-PG-20259A.

    Attributes:
        form: ``xmp`` (the guide's body) or ``text`` (its Annex B).
    """

    form: Literal["xmp", "text"] = "xmp"
    name: str = "png"
    suffixes: tuple[str, ...] = (".png", ".apng")
    guide: str = "TC260-PG-20259A"
    confidence: Confidence = "H"

    @property
    def place(self) -> str:
        """Where the label is written."""
        return "iTXt XML:com.adobe.xmp, TC260:AIGC" if self.form == "xmp" else "tEXt AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with the signature."""
        return head.startswith(_MAGIC)

    def read(self, source: BinaryIO) -> Reading:
        """Look into the text chunks, EXIF and C2PA; the picture itself is skipped."""
        fields: list[Field] = []
        traces: list[Trace] = []
        faults: list[str] = []
        end = None
        for chunk in _chunks(source, faults):
            if chunk.kind == b"IEND":
                end = chunk.end
            try:
                if chunk.kind in _TEXTS:
                    _look(_text(chunk.kind, _data(source, chunk)), chunk.kind.decode(), fields, traces)
                elif chunk.kind == b"eXIf":
                    found = ifd.read(io.BytesIO(_data(source, chunk)))
                    fields += found.fields
                    traces += found.traces
                    faults += [f"EXIF: {fault}" for fault in found.faults]
                elif chunk.kind == b"caBX":
                    traces.append(Trace("c2pa", "chunk caBX"))
            except _Bad as bad:
                faults.append(str(bad))
        return Reading(tuple(fields), tuple(dict.fromkeys(traces)), tuple(faults), end)

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put the label behind the header chunk; chunks that hold another one are left out."""
        faults: list[str] = []
        chunks = list(_chunks(source, faults))
        if faults:
            raise refuse(faults[0])
        packet, dropped, replaced = self._old(source, chunks)
        new = b""
        if self.form == "text":
            new = _chunk(b"tEXt", NAME.encode() + b"\0" + _latin(label.dump(wrapped=True)))
        if self.form == "xmp" or packet is not None:
            body = xmp.write(packet, label if self.form == "xmp" else None)
            new += _chunk(b"iTXt", _XMP.encode() + b"\0\0\0\0\0" + body)
        target.write(_MAGIC)
        for chunk in chunks:
            if chunk in replaced:
                target.write(replaced[chunk])
            elif chunk not in dropped:
                copy(source, target, chunk.start, chunk.end)
            if chunk.kind == b"IHDR":
                target.write(new)
        copy(source, target, chunks[-1].end, size_of(source))

    def _old(self, source: BinaryIO, chunks: list[Chunk]) -> tuple[bytes | None, set[Chunk], dict[Chunk, bytes]]:
        """Return the XMP packet, the chunks to leave out, and those to write otherwise."""
        packet: bytes | None = None
        dropped: set[Chunk] = set()
        replaced: dict[Chunk, bytes] = {}
        try:
            for chunk in chunks:
                if chunk.kind in _TEXTS:
                    found = _text(chunk.kind, _data(source, chunk))
                    fields: list[Field] = []
                    if found.keyword == _XMP and packet is None:
                        packet = found.text
                        dropped.add(chunk)
                    elif _look(found, "", fields, []) or fields:
                        dropped.add(chunk)
                elif chunk.kind == b"eXIf":
                    blob = io.BytesIO(_data(source, chunk))
                    top, exif = ifd.labels_in(blob)
                    if top or exif:
                        changed = io.BytesIO(blob.getvalue())
                        ifd.write(blob, changed, top, exif)
                        replaced[chunk] = _chunk(b"eXIf", changed.getvalue())
        except _Bad as bad:
            raise refuse(str(bad)) from None
        return packet, dropped, replaced


def _chunks(source: BinaryIO, faults: list[str]) -> Iterator[Chunk]:
    """Yield the chunks up to IEND; what is wrong with their sequence joins ``faults``."""
    size = size_of(source)
    place = source.seek(len(_MAGIC))
    first = True
    while place + 12 <= size:
        source.seek(place)
        length, kind = struct.unpack(">I4s", source.read(8))
        end = place + 12 + length
        if length > 0x7FFFFFFF or not kind.isalpha() or (first and kind != b"IHDR"):
            faults.append(f"a chunk at byte {place} makes no sense")
            return
        if end > size:
            break
        yield Chunk(kind, place, end)
        if kind == b"IEND":
            return
        place, first = end, False
    faults.append("the file is cut off: there is no IEND")


def _data(source: BinaryIO, chunk: Chunk) -> bytes:
    """Return a metadata chunk's data, checked."""
    name = chunk.kind.decode()
    if chunk.end - chunk.start > LARGEST_FIELD:
        raise _Bad(f"a {name} chunk has {chunk.end - chunk.start:,} bytes")
    source.seek(chunk.start + 4)
    raw = source.read(chunk.end - chunk.start - 4)
    if zlib.crc32(raw[:-4]) != int.from_bytes(raw[-4:], "big"):
        raise _Bad(f"the check sum of a {name} chunk is wrong")
    return raw[4:-4]


def _text(kind: bytes, data: bytes) -> Text:
    keyword, _, rest = data.partition(b"\0")
    if kind == b"zTXt":
        rest = _inflate(rest[1:])
    elif kind == b"iTXt":
        packed, rest = rest[:1], rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        rest = _inflate(rest) if packed == b"\1" else rest
    return Text(keyword.decode("latin-1"), rest)


def _inflate(data: bytes) -> bytes:
    machine = zlib.decompressobj()
    try:
        text = machine.decompress(data, LONGEST)
    except zlib.error:
        raise _Bad("a compressed text chunk is broken") from None
    if machine.unconsumed_tail:
        raise _Bad(f"a compressed text chunk has more than {LONGEST:,} bytes")
    return text


def _look(found: Text, kind: str, fields: list[Field], traces: list[Trace]) -> bool:
    """Add what a text chunk holds; return whether all of it is a label."""
    if found.keyword == _XMP:
        try:
            packet = xmp.read(found.text)
        except ValueError as error:
            raise _Bad(f"its XMP packet {error}") from None
        fields += packet.fields
        traces += packet.traces
        return False
    text = found.text.decode("utf-8", "replace")
    if NAME in found.keyword.upper() or is_like_a_label(text):
        fields.append(Field(f"{kind} {found.keyword[:79]}", found.keyword, text, found.keyword == NAME))
        return True
    if found.keyword in ("parameters", "prompt", "workflow", "sd-metadata", "invokeai_metadata", "Dream"):
        traces.append(Trace("generator", f"{kind} {found.keyword}: parameters of a picture generator"))
    elif found.keyword in ("Software", "Source") and (maker := xmp.generator(text)):
        traces.append(Trace("generator", f"{kind} {found.keyword}: {maker}"))
    return False


def _latin(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise refuse("its label holds characters that a tEXt chunk cannot", "write it as XMP") from None


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
