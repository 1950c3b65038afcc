"""The label in MP4 and MOV: ``moov.udta.meta``, key AIGC; samples stay as they are, their addresses stay right.

Where the index (``moov``) stands before the samples, it grows and every absolute address behind it is moved on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers.stream import copy, size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label

_LARGEST_INDEX: Final = 128 << 20
_MOST: Final = 1_000_000
_PICTURES: Final = (b"mif1", b"msf1", b"heic", b"heix", b"hevc", b"avif", b"avis", b"crx ")
_FIRST: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_FREE: Final = b"----"
# Boxes behind the index that are addressed from the file's beginning, or hold such addresses.
_ADDRESSED: Final = (b"mdat", b"moof", b"mfra", b"meta")


class Box(NamedTuple):
    """A box: its kind, and where its header begins, its content begins and it ends."""

    kind: bytes
    start: int
    inside: int
    end: int


class _Bad(Exception):
    """What is wrong with the boxes."""


@dataclass(frozen=True, slots=True)
class Mp4:
    """MP4, MOV and M4A, TC260-PG-20257A §6.1.1."""

    name: str = "mp4"
    suffixes: tuple[str, ...] = (".mp4", ".mov", ".m4v", ".m4a", ".qt")
    guide: str = "TC260-PG-20257A 6.1.1"
    confidence: Confidence = "H"
    place: str = "moov.udta.meta, key AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with a box of a film; pictures in the same boxes (HEIF, AVIF) are none."""
        return head[4:8] in _FIRST and not (head[4:8] == b"ftyp" and head[8:12] in _PICTURES)

    def read(self, source: BinaryIO) -> Reading:
        """Look into the metadata boxes of the index; samples are skipped."""
        fields: list[Field] = []
        traces: list[Trace] = []
        try:
            boxes = _top(source)
            moov = _moov(source, boxes)
            for path, meta in _metas(moov):
                fields += _fields(moov, path, meta)
            if any(box.kind == b"uuid" and _is_c2pa(source, box) for box in boxes):
                traces.append(Trace("c2pa", "box uuid"))
        except _Bad as bad:
            return Reading(tuple(fields), tuple(traces), (str(bad),))
        return Reading(tuple(fields), tuple(traces))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Write the index anew with the key in it, and move the addresses of samples that stand behind it."""
        try:
            boxes = _top(source)
            old = next(box for box in boxes if box.kind == b"moov")
            moov = _moov(source, boxes)
            new = _labelled(moov, label)
            shift = len(new) - (old.end - old.start)
            behind = [box for box in boxes if box.start >= old.end and box.kind in _ADDRESSED]
            patches: list[tuple[Box, bytes]] = []
            if behind and shift:
                new = _moved(new, old.end, shift)
                patches = [(box, _fragment(source, box, old.end, shift)) for box in behind if box.kind != b"mdat"]
        except _Bad as bad:
            raise refuse(str(bad)) from None
        except struct.error:
            raise refuse("it is too large for its own addresses") from None
        copy(source, target, 0, old.start)
        target.write(new)
        place = old.end
        for box, data in patches:
            copy(source, target, place, box.start)
            target.write(data)
            place = box.end
        copy(source, target, place, size_of(source))


def _top(source: BinaryIO) -> list[Box]:
    """Return the boxes of the file; raises ``_Bad``."""
    size = size_of(source)
    boxes: list[Box] = []
    place = 0
    while place < size:
        source.seek(place)
        head = source.read(16)
        box = _box(head, place, size)
        if box is None or box.end > size:
            raise _Bad(f"the file is cut off in the box at byte {place}")
        boxes.append(box)
        if len(boxes) > _MOST:
            raise _Bad("it has too many boxes")
        place = box.end
    return boxes


def _box(head: bytes, place: int, size: int) -> Box | None:
    """Return the box whose header is ``head``; None where it makes no sense."""
    if len(head) < 8:
        return None
    length, kind = struct.unpack(">I4s", head[:8])
    inside = place + 8
    if length == 1:
        if len(head) < 16:
            return None
        length, inside = struct.unpack(">Q", head[8:16])[0], place + 16
    elif length == 0:
        length = size - place
    return Box(kind, place, inside, place + length) if place + length >= inside else None


def _moov(source: BinaryIO, boxes: list[Box]) -> bytes:
    found = [box for box in boxes if box.kind == b"moov"]
    if len(found) != 1:
        raise _Bad("it has no index (moov)" if not found else "it has two indexes (moov)")
    if found[0].end - found[0].start > _LARGEST_INDEX:
        raise _Bad(f"its index has {found[0].end - found[0].start:,} bytes")
    source.seek(found[0].start)
    data = source.read(found[0].end - found[0].start)
    if any(box.kind == b"cmov" for box in _inside(data, found[0].inside - found[0].start)):
        raise _Bad("its index is compressed")
    return data


def _inside(data: bytes, place: int, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes of a container's content."""
    stop = len(data) if end is None else end
    while place + 8 <= stop:
        box = _box(data[place : place + 16], place, stop)
        if box is None or box.end > stop:
            # QuickTime ends a user data list with four zero bytes, some writers with more.
            if not data[place:stop].strip(b"\0"):
                return
            raise _Bad("a box of its index is longer than what holds it")
        yield box
        place = box.end


def _head(data: bytes) -> int:
    return 16 if data[:4] == b"\0\0\0\1" else 8


def _metas(moov: bytes) -> Iterator[tuple[str, Box]]:
    """Yield the metadata boxes: of the user data, and of the index itself."""
    for box in _inside(moov, _head(moov)):
        if box.kind == b"meta":
            yield "moov.meta", box
        elif box.kind == b"udta":
            for inner in _inside(moov, box.inside, box.end):
                if inner.kind == b"meta":
                    yield "moov.udta.meta", inner
                elif NAME in inner.kind.decode("latin-1").upper():
                    yield "moov.udta", inner


def _content(moov: bytes, meta: Box) -> int:
    """Return where a metadata box's boxes begin: behind a version, which QuickTime leaves out."""
    return meta.inside if moov[meta.inside + 4 : meta.inside + 8] == b"hdlr" else meta.inside + 4


def _fields(moov: bytes, path: str, meta: Box) -> list[Field]:
    if path == "moov.udta":
        text = moov[meta.inside : meta.end].decode("utf-8", "replace").strip("\0")
        return [Field(path, meta.kind.decode("latin-1"), text[text.find("{") :] if "{" in text else text, usual=False)]
    return [
        Field(path, name, text, usual=name == NAME and not name.startswith("----"))
        for name, text, _ in _items(moov, meta)
        if _is_label(name, text)
    ]


def _is_label(name: str, text: str) -> bool:
    return NAME in name.upper() or is_like_a_label(text)


def _items(moov: bytes, meta: Box) -> list[tuple[str, str, Box]]:
    """Return the entries of a metadata box: their key, their text, where they stand."""
    parts = {box.kind: box for box in _inside(moov, _content(moov, meta), meta.end)}
    ilst = parts.get(b"ilst")
    if ilst is None:
        return []
    keys = _keys(moov, parts.get(b"keys"))
    found = []
    for item in _inside(moov, ilst.inside, ilst.end):
        number = int.from_bytes(item.kind, "big")
        name = keys[number - 1] if 0 < number <= len(keys) else item.kind.decode("latin-1")
        text = ""
        for part in _inside(moov, item.inside, item.end):
            if part.kind == b"data":
                text += moov[part.inside + 8 : part.end].decode("utf-8", "replace")
            elif part.kind == b"name" and item.kind == _FREE:
                name = moov[part.inside + 4 : part.end].decode("utf-8", "replace")
        found.append((name, text, item))
    return found


def _keys(moov: bytes, box: Box | None) -> list[str]:
    if box is None:
        return []
    (count,) = struct.unpack(">I", moov[box.inside + 4 : box.inside + 8].rjust(4, b"\0"))
    keys, place = [], box.inside + 8
    for _ in range(min(count, _MOST)):
        length = int.from_bytes(moov[place : place + 4], "big")
        if length < 8 or place + length > box.end:
            raise _Bad("its list of keys is cut off")
        keys.append(moov[place + 8 : place + length].decode("utf-8", "replace"))
        place += length
    return keys


def _pack(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _labelled(moov: bytes, label: AigcLabel) -> bytes:
    """Return the index with the label as its only one.

    It goes into the user data's metadata. Where that is a list of another kind (iTunes), of which there may
    be only one, it goes into the index's own metadata, which is QuickTime's place for keys.
    """
    head = _head(moov)
    boxes = list(_inside(moov, head))
    inner = [box for udta in boxes if udta.kind == b"udta" for box in _inside(moov, udta.inside, udta.end)]
    lists = [box for box in inner if box.kind == b"meta"]
    outer = [box for box in boxes if box.kind == b"meta"]
    home = next((box for box in [*lists, *outer] if _has_keys(moov, box)), None)
    if home is None and lists and outer:
        raise _Bad("both places for its metadata are taken by lists of another kind")
    new = b"" if home else _new_meta(label.dump(), version=not lists)
    parts: list[bytes] = []
    for box in boxes:
        if box.kind == b"udta":
            body = b"".join(_changed(moov, one, home, label) for one in _inside(moov, box.inside, box.end))
            if not lists:
                body, new = body + new, b""
            parts.append(_pack(b"udta", body))
        else:
            parts.append(_changed(moov, box, home, label))
    if new and not lists:
        new = _pack(b"udta", new)
    return _pack(b"moov", *parts, new)


def _changed(moov: bytes, box: Box, home: Box | None, label: AigcLabel) -> bytes:
    """Return a box without labels, but for the one that is the label's home."""
    if box == home:
        return _with_key(moov, box, label.dump())
    if box.kind == b"meta" and (kept := _without(moov, box)) is not None:
        return kept
    if box.kind != b"meta" and NAME in box.kind.decode("latin-1").upper():
        return b""
    return moov[box.start : box.end]


def _has_keys(moov: bytes, meta: Box) -> bool:
    return any(
        box.kind == b"hdlr" and moov[box.inside + 8 : box.inside + 12] == b"mdta"
        for box in _inside(moov, _content(moov, meta), meta.end)
    )


def _new_meta(text: str, *, version: bool) -> bytes:
    """Return a metadata box with the label in it; QuickTime's own, unlike ISO's, begins without a version."""
    handler = _pack(b"hdlr", bytes(8), b"mdta", bytes(13))
    keys = _pack(b"keys", bytes(4), struct.pack(">I", 1), _key(NAME))
    return _pack(b"meta", bytes(4 if version else 0), handler, keys, _pack(b"ilst", _item(1, text)))


def _key(name: str) -> bytes:
    return struct.pack(">I", len(name.encode()) + 8) + b"mdta" + name.encode()


def _item(number: int, text: str) -> bytes:
    return _pack(struct.pack(">I", number), _pack(b"data", struct.pack(">II", 1, 0), text.encode()))


def _with_key(moov: bytes, meta: Box, text: str) -> bytes:
    """Return a metadata box with keys, with the label as one of them."""
    start = _content(moov, meta)
    boxes = list(_inside(moov, start, meta.end))
    keys = _keys(moov, next((box for box in boxes if box.kind == b"keys"), None))
    labels = {item.start for name, words, item in _items(moov, meta) if _is_label(name, words)}
    number = keys.index(NAME) + 1 if NAME in keys else len(keys) + 1
    names = keys if NAME in keys else [*keys, NAME]
    ilst = next((box for box in boxes if box.kind == b"ilst"), None)
    items = [
        moov[item.start : item.end]
        for item in (_inside(moov, ilst.inside, ilst.end) if ilst else ())
        if item.start not in labels
    ]
    new_keys = _pack(b"keys", bytes(4), struct.pack(">I", len(names)), *(_key(name) for name in names))
    rest = [moov[box.start : box.end] for box in boxes if box.kind not in (b"keys", b"ilst", b"hdlr")]
    handler = next(moov[box.start : box.end] for box in boxes if box.kind == b"hdlr")
    new = (handler, new_keys, _pack(b"ilst", *items, _item(number, text)), *rest)
    return _pack(b"meta", moov[meta.inside : start], *new)


def _without(moov: bytes, meta: Box) -> bytes | None:
    """Return a metadata box without labels; None where it has none."""
    labels = {item.start for name, words, item in _items(moov, meta) if _is_label(name, words)}
    if not labels:
        return None
    start = _content(moov, meta)
    parts = []
    for box in _inside(moov, start, meta.end):
        if box.kind == b"ilst":
            kept = [moov[one.start : one.end] for one in _inside(moov, box.inside, box.end) if one.start not in labels]
            parts.append(_pack(b"ilst", *kept))
        else:
            parts.append(moov[box.start : box.end])
    return _pack(b"meta", moov[meta.inside : start], *parts)


def _moved(moov: bytes, edge: int, shift: int) -> bytes:
    """Return the index with every address from ``edge`` on moved by ``shift``."""
    data = bytearray(moov)
    for box in _tables(moov, _head(moov), len(moov)):
        if box.kind == b"saio":
            raise _Bad("it is encrypted with addresses of its own, which cannot be moved")
        form, width = (">I", 4) if box.kind == b"stco" else (">Q", 8)
        (count,) = struct.unpack(">I", moov[box.inside + 4 : box.inside + 8])
        if box.inside + 8 + count * width > box.end:
            raise _Bad("a table of addresses is cut off")
        addresses = struct.unpack(f">{count}{form[1]}", moov[box.inside + 8 : box.inside + 8 + count * width])
        moved = [address + shift if address >= edge else address for address in addresses]
        struct.pack_into(f">{count}{form[1]}", data, box.inside + 8, *moved)
    return bytes(data)


def _tables(moov: bytes, start: int, end: int) -> Iterator[Box]:
    for box in _inside(moov, start, end):
        if box.kind in (b"stco", b"co64", b"saio"):
            yield box
        elif box.kind in (b"trak", b"mdia", b"minf", b"stbl"):
            yield from _tables(moov, box.inside, box.end)


def _fragment(source: BinaryIO, box: Box, edge: int, shift: int) -> bytes:
    """Return a fragment's header, or the list of fragments, with its addresses moved."""
    if box.kind == b"meta" or box.end - box.start > _LARGEST_INDEX:
        raise _Bad("its index stands before addresses that cannot be moved")
    source.seek(box.start)
    data = source.read(box.end - box.start)
    changed = bytearray(data)
    for one in _fragments(data, box.inside - box.start, len(data)):
        if one.kind == b"saio":
            raise _Bad("it is encrypted with addresses of its own, which cannot be moved")
        flags = int.from_bytes(data[one.inside + 1 : one.inside + 4], "big")
        if one.kind == b"tfhd" and flags & 1:
            (address,) = struct.unpack(">Q", data[one.inside + 8 : one.inside + 16])
            struct.pack_into(">Q", changed, one.inside + 8, address + (shift if address >= edge else 0))
        elif one.kind == b"tfra":
            _move_entries(data, changed, one, edge, shift)
    return bytes(changed)


def _move_entries(data: bytes, changed: bytearray, box: Box, edge: int, shift: int) -> None:
    """Move the addresses in a list of fragments."""
    wide = data[box.inside] == 1
    sizes, count = struct.unpack(">II", data[box.inside + 8 : box.inside + 16])
    length = (16 if wide else 8) + sum((sizes >> bits & 3) + 1 for bits in (0, 2, 4))
    if box.inside + 16 + count * length > box.end:
        raise _Bad("a list of fragments is cut off")
    form, at = (">Q", 8) if wide else (">I", 4)
    for number in range(count):
        place = box.inside + 16 + number * length + at
        (address,) = struct.unpack_from(form, data, place)
        struct.pack_into(form, changed, place, address + (shift if address >= edge else 0))


def _fragments(data: bytes, start: int, end: int) -> Iterator[Box]:
    for box in _inside(data, start, end):
        if box.kind in (b"tfhd", b"tfra", b"saio"):
            yield box
        elif box.kind == b"traf":
            yield from _fragments(data, box.inside, box.end)


def _is_c2pa(source: BinaryIO, box: Box) -> bool:
    source.seek(box.inside)
    return source.read(16) == bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
