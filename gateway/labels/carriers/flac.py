"""The label in FLAC: a Vorbis comment; the sound's frames stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from gateway.labels.carrier import Reading, refuse
from gateway.labels.carriers import vorbis
from gateway.labels.carriers.stream import LARGEST_FIELD, copy, size_of
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import Confidence

_COMMENTS = 4


class Block(NamedTuple):
    """A metadata block: its kind, and where its data begins and ends."""

    kind: int
    inside: int
    end: int


@dataclass(frozen=True, slots=True)
class Flac:
    """FLAC, TC260-PG-202510A."""

    name: str = "flac"
    suffixes: tuple[str, ...] = (".flac",)
    guide: str = "TC260-PG-202510A"
    confidence: Confidence = "H"
    place: str = "Vorbis comment AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with the signature."""
        return head.startswith(b"fLaC")

    def read(self, source: BinaryIO) -> Reading:
        """Look into the comments."""
        try:
            blocks = _blocks(source)
            found = [vorbis.read(_comments(source, one)) for one in blocks if one.kind == _COMMENTS]
        except ValueError as error:
            return Reading(faults=(str(error),))
        fields = tuple(field for fields, _ in found for field in fields)
        return Reading(fields, tuple(trace for _, traces in found for trace in traces))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Write the comments anew, behind the first block where there were none."""
        try:
            blocks = _blocks(source)
            old = [one for one in blocks if one.kind == _COMMENTS]
            if len(old) > 1:
                raise refuse("it has two blocks of comments")
            data = vorbis.write(_comments(source, old[0]) if old else None, label)
        except ValueError as error:
            raise refuse(str(error)) from None
        parts: list[tuple[int, Block | bytes]] = [
            (block.kind, data if block.kind == _COMMENTS else block) for block in blocks
        ]
        if not old:
            parts.insert(1, (_COMMENTS, data))
        target.write(b"fLaC")
        for number, (kind, part) in enumerate(parts, 1):
            length = len(part) if isinstance(part, bytes) else part.end - part.inside
            if length > 0xFFFFFF:
                raise refuse("its comments do not fit into one block")
            target.write(bytes([kind | (0x80 if number == len(parts) else 0)]) + length.to_bytes(3, "big"))
            if isinstance(part, bytes):
                target.write(part)
            else:
                copy(source, target, part.inside, part.end)
        copy(source, target, blocks[-1].end, size_of(source))


def _blocks(source: BinaryIO) -> list[Block]:
    """Return the metadata blocks; raises ``ValueError`` that says what is wrong."""
    size = size_of(source)
    place = 4
    blocks: list[Block] = []
    while True:
        source.seek(place)
        head = source.read(4)
        length = int.from_bytes(head[1:4], "big")
        if len(head) < 4 or place + 4 + length > size:
            raise ValueError("the file is cut off in its metadata")
        blocks.append(Block(head[0] & 0x7F, place + 4, place + 4 + length))
        if blocks[0].kind != 0 or head[0] & 0x7F == 0x7F or len(blocks) > 1000:
            raise ValueError("its metadata makes no sense")
        place += 4 + length
        if head[0] & 0x80:
            break
    source.seek(place)
    if source.read(2)[:1] != b"\xff":
        raise ValueError("there is no sound behind its metadata")
    return blocks


def _comments(source: BinaryIO, block: Block) -> vorbis.Comments:
    if block.end - block.inside > LARGEST_FIELD * 4:
        raise ValueError(f"its comments have {block.end - block.inside:,} bytes")
    source.seek(block.inside)
    return vorbis.parse(source.read(block.end - block.inside))
