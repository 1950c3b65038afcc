"""The label in MP3: a TXXX frame of the ID3v2 tag; the sound's frames stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from gateway.labels.carrier import Reading, refuse
from gateway.labels.carriers import id3
from gateway.labels.carriers.stream import copy, size_of
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import Confidence

_LARGEST_TAG: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Mp3:
    """MP3, TC260-PG-202510A."""

    name: str = "mp3"
    suffixes: tuple[str, ...] = (".mp3",)
    guide: str = "TC260-PG-202510A"
    confidence: Confidence = "H"
    place: str = "ID3v2 TXXX:AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with a tag or with a frame of layer II or III."""
        return id3.size_of_tag(head[:10]) > 0 or _is_frame(head[:4])

    def read(self, source: BinaryIO) -> Reading:
        """Look into the tag at the beginning."""
        tag, fault = _tag(source)
        if tag is None:
            return Reading(faults=(fault,) if fault else ())
        fields, traces = id3.read(tag)
        return Reading(tuple(fields), tuple(traces), (fault,) if fault else ())

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Write the tag anew, and the sound behind it as it was."""
        tag, fault = _tag(source)
        if fault:
            raise refuse(fault)
        target.write(id3.write(tag, label))
        copy(source, target, tag.size if tag else 0, size_of(source))


def _tag(source: BinaryIO) -> tuple[id3.Tag | None, str]:
    """Return the tag at the beginning, and what is wrong with it or with what follows it."""
    size = size_of(source)
    head = source.read(10)
    length = id3.size_of_tag(head)
    if length > _LARGEST_TAG:
        return None, f"its ID3 tag has {length:,} bytes"
    tag = None
    if length:
        source.seek(0)
        tag = id3.parse(source.read(length))
        if tag.fault:
            return tag, tag.fault
    source.seek(length)
    following = source.read(4096).lstrip(b"\0")
    if following[:4] == b"fLaC":
        return tag, "it is a FLAC behind an ID3 tag"
    if size <= length or not (_is_frame(following[:4]) or following[:3] == b"ID3"):
        return tag, "there is no sound behind its ID3 tag"
    return (tag, "it has two ID3 tags") if following[:3] == b"ID3" else (tag, "")


def _is_frame(head: bytes) -> bool:
    return (
        len(head) == 4
        and head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x18 != 0x08
        and head[1] & 0x06 in (0x02, 0x04)
        and head[2] & 0xF0 != 0xF0
        and head[2] & 0x0C != 0x0C
    )
