"""The label in WAV: a RIFF chunk named AIGC; samples stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers import id3, riff
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label


@dataclass(frozen=True, slots=True)
class Wav:
    """WAV, RF64 and BW64, TC260-PG-202510A."""

    name: str = "wav"
    suffixes: tuple[str, ...] = (".wav", ".wave")
    guide: str = "TC260-PG-202510A"
    confidence: Confidence = "H"
    place: str = "RIFF chunk AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it is RIFF of the kind WAVE."""
        return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"

    def read(self, source: BinaryIO) -> Reading:
        """Look into the chunk, the INFO list and an ID3 chunk; samples are skipped."""
        parts = riff.walk(source)
        fields: list[Field] = []
        traces: list[Trace] = []
        faults = [parts.fault] if parts.fault else []
        for chunk in parts.chunks:
            try:
                if chunk.name.upper() == NAME.encode():
                    text = riff.data(source, chunk).decode("utf-8", "replace").strip("\0 ")
                    name = chunk.name.decode()
                    fields.append(Field(f"chunk {name}", name, text, name == NAME))
                elif chunk.name == b"LIST":
                    fields += _info(riff.data(source, chunk))
                elif chunk.name.lower() == b"id3 ":
                    tag = _tag(riff.data(source, chunk))
                    found, more = id3.read(tag)
                    fields += [one._replace(usual=False) for one in found]
                    traces += more
                    faults += [tag.fault] if tag.fault else []
            except ValueError as error:
                faults.append(str(error))
        return Reading(tuple(fields), tuple(traces), tuple(faults), parts.end)

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Append the chunk; one that is there is left out."""
        parts = riff.walk(source)
        if parts.fault:
            raise refuse(parts.fault)
        kept: list[riff.Chunk | bytes] = []
        for chunk in parts.chunks:
            if chunk.name.upper() == NAME.encode():
                continue
            kept.append(_without(source, chunk))
        riff.write(source, target, parts, [*kept, riff.chunk(NAME.encode(), label.dump().encode())])


def _without(source: BinaryIO, chunk: riff.Chunk) -> riff.Chunk | bytes:
    """Return a chunk as it stays, without labels in it."""
    try:
        if chunk.name == b"LIST" and _info(data := riff.data(source, chunk)):
            kept = [riff.chunk(name, body) for name, body in _items(data) if not _is_label(name, body)]
            return riff.chunk(b"LIST", b"INFO" + b"".join(kept))
        if chunk.name.lower() == b"id3 " and id3.read(tag := _tag(riff.data(source, chunk)))[0]:
            return riff.chunk(chunk.name, id3.write(tag, None))
    except ValueError as error:
        raise refuse(str(error)) from None
    return chunk


def _tag(data: bytes) -> id3.Tag:
    if not id3.size_of_tag(data[:10]):
        return id3.Tag(3, 0, (), 0, "its ID3 chunk holds no tag")
    return id3.parse(data)


def _info(data: bytes) -> list[Field]:
    return [
        Field(f"LIST INFO {name.decode('latin-1')}", name.decode("latin-1"), _text(body), usual=False)
        for name, body in _items(data)
        if _is_label(name, body)
    ]


def _items(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the entries of an INFO list."""
    items, place = [], 4
    while data[:4] == b"INFO" and place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        items.append((data[place : place + 4], data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return items


def _is_label(name: bytes, body: bytes) -> bool:
    return name.upper() == NAME.encode() or is_like_a_label(_text(body))


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace").strip("\0 ")
