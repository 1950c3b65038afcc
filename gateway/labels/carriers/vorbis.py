"""Vorbis comments, which FLAC and Ogg share: the label is the comment AIGC."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from gateway.labels.carrier import Field, Trace
from gateway.labels.carriers.xmp import generator
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import is_like_a_label

_MOST: Final = 10_000


class Comments(NamedTuple):
    """A block of comments: who encoded, the comments as they stand, and what follows them."""

    vendor: bytes
    items: tuple[bytes, ...]
    rest: bytes


def parse(data: bytes) -> Comments:
    """Take a block apart; raises ``ValueError`` that says what is wrong."""
    vendor, place = _string(data, 0)
    if place + 4 > len(data):
        raise ValueError("its comments are cut off")
    (count,) = struct.unpack("<I", data[place : place + 4])
    if count > _MOST:
        raise ValueError(f"it has {count:,} comments")
    place += 4
    items = []
    for _ in range(count):
        item, place = _string(data, place)
        items.append(item)
    return Comments(vendor, tuple(items), data[place:])


def _string(data: bytes, place: int) -> tuple[bytes, int]:
    length = int.from_bytes(data[place : place + 4], "little")
    end = place + 4 + length
    if place + 4 > len(data) or end > len(data):
        raise ValueError("its comments are cut off")
    return data[place + 4 : end], end


def read(comments: Comments) -> tuple[list[Field], list[Trace]]:
    """Return the labels and traces of a block."""
    fields: list[Field] = []
    traces: list[Trace] = []
    for item in comments.items:
        name, text = _split(item)
        if _is_label(item):
            # Names of comments are the same in either case.
            fields.append(Field("Vorbis comment", name.upper(), text, name.upper() == NAME))
        elif name.upper() in ("ENCODER", "SOFTWARE") and (maker := generator(text)):
            traces.append(Trace("generator", f"comment {name.upper()}: {maker}"))
    return fields, traces


def write(comments: Comments | None, label: AigcLabel) -> bytes:
    """Return the block with ``label`` as its only label."""
    old = comments or Comments(b"", (), b"")
    items = [item for item in old.items if not _is_label(item)] + [f"{NAME}={label.dump()}".encode()]
    packed = [struct.pack("<I", len(item)) + item for item in (old.vendor, *items)]
    return packed[0] + struct.pack("<I", len(items)) + b"".join(packed[1:]) + old.rest


def _split(item: bytes) -> tuple[str, str]:
    name, _, text = item.decode("utf-8", "replace").partition("=")
    return name, text


def _is_label(item: bytes) -> bool:
    name, text = _split(item)
    return NAME in name.upper() or is_like_a_label(text)
