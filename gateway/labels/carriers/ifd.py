"""The directories of TIFF, which EXIF shares: labels found in them, and written by appending new directories.

Values are addressed from the file's beginning, so nothing that is there may move: a changed directory is
written anew at the end and the address of the old one changed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Field, Trace, refuse
from gateway.labels.carriers import xmp
from gateway.labels.carriers.stream import LARGEST_FIELD, Short, size_of, take
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import is_like_a_label

DESCRIPTION, SOFTWARE, XMP, EXIF, COMMENT, XP_COMMENT = 0x010E, 0x0131, 0x02BC, 0x8769, 0x9286, 0x9C9C

_NAMES: Final = {
    DESCRIPTION: "ImageDescription",
    SOFTWARE: "Software",
    COMMENT: "UserComment",
    XP_COMMENT: "XPComment",
    0x010D: "DocumentName",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x927C: "MakerNote",
}
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_ASCII: Final = b"ASCII\0\0\0"
_MOST: Final = 4096
_C2PA: Final = 0xCD41


class Entry(NamedTuple):
    """One entry of a directory.

    Attributes:
        tag: Which.
        size: Bytes of its value.
        place: Where its value begins.
        raw: The entry as it stands.
    """

    tag: int
    size: int
    place: int
    raw: bytes


class Directory(NamedTuple):
    """A directory, and where the next one is (0 for none)."""

    entries: tuple[Entry, ...]
    following: int


class Form(NamedTuple):
    """How numbers are written: byte order, and whether addresses have 8 bytes (BigTIFF)."""

    order: str
    big: bool

    @property
    def address(self) -> str:
        """The form of an address or a count."""
        return self.order + ("Q" if self.big else "I")

    @property
    def width(self) -> int:
        """Bytes of an address."""
        return 8 if self.big else 4


class Broken(Exception):
    """The directories make no sense; the message says why."""


def form_of(source: BinaryIO) -> tuple[Form, int]:
    """Return how numbers are written and where the first directory is; raises ``Broken``."""
    source.seek(0)
    try:
        head = take(source, 8)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None:
            raise Broken("is no TIFF")
        magic = struct.unpack(order + "H", head[2:4])[0]
        if magic == 42:
            return Form(order, False), struct.unpack(order + "I", head[4:8])[0]
        if magic == 43 and head[4:8] == struct.pack(order + "HH", 8, 0):
            return Form(order, True), struct.unpack(order + "Q", take(source, 8))[0]
    except Short:
        pass
    raise Broken("has a broken TIFF header")


def directory(source: BinaryIO, form: Form, place: int) -> Directory:
    """Read one directory; raises ``Broken``."""
    entries = []
    length = 20 if form.big else 12
    try:
        source.seek(place)
        count = struct.unpack(form.order + ("Q" if form.big else "H"), take(source, 8 if form.big else 2))[0]
        if count > _MOST:
            raise Broken("has a directory of too many entries")
        start = source.tell()
        table = take(source, count * length)
        following = struct.unpack(form.address, take(source, form.width))[0]
    except (Short, OverflowError):
        raise Broken("is cut off in a directory") from None
    for number in range(count):
        raw = table[number * length : (number + 1) * length]
        tag, kind = struct.unpack(form.order + "HH", raw[:4])
        many = struct.unpack(form.address, raw[4 : 4 + form.width])[0]
        size = _SIZES.get(kind, 1) * many
        at = start + number * length + 4 + form.width
        if size > form.width:
            at = struct.unpack(form.address, raw[-form.width :])[0]
        entries.append(Entry(tag, size, at, raw))
    return Directory(tuple(entries), following)


def value(source: BinaryIO, entry: Entry) -> bytes:
    """Return the bytes of an entry's value; raises ``Broken``."""
    if entry.size > LARGEST_FIELD:
        raise Broken(f"has a metadata field of {entry.size:,} bytes")
    try:
        source.seek(entry.place)
        return take(source, entry.size)
    except (Short, OverflowError):
        raise Broken("is cut off in a value") from None


class Found(NamedTuple):
    """What the directories hold of interest."""

    fields: tuple[Field, ...]
    traces: tuple[Trace, ...]
    faults: tuple[str, ...]


def read(source: BinaryIO) -> Found:
    """Return the labels, traces and faults of the first directory and its EXIF directory."""
    fields: list[Field] = []
    traces: list[Trace] = []
    faults: list[str] = []
    try:
        for where, entry in places(source):
            if entry.tag == XMP and where == "TIFF":
                try:
                    packet = xmp.read(value(source, entry))
                except ValueError as error:
                    faults.append(f"its XMP packet {error}")
                    continue
                fields += packet.fields
                traces += packet.traces
            elif entry.tag == _C2PA:
                traces.append(Trace("c2pa", "tag 0xCD41"))
            elif entry.tag in _NAMES:
                _look(where, entry.tag, value(source, entry), fields, traces)
    except Broken as broken:
        faults.append(f"it {broken}")
    return Found(tuple(fields), tuple(traces), tuple(faults))


def places(source: BinaryIO) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of the first directory and of its EXIF directory; raises ``Broken``."""
    form, first = form_of(source)
    top = directory(source, form, first)
    for entry in top.entries:
        yield "TIFF", entry
        if entry.tag == EXIF:
            below = directory(source, form, struct.unpack(form.address, entry.raw[-form.width :])[0])
            for inner in below.entries:
                yield "EXIF", inner


def _look(where: str, tag: int, data: bytes, fields: list[Field], traces: list[Trace]) -> None:
    text = _text(tag, data)
    name = f"{where} {_NAMES[tag]}"
    if is_like_a_label(text) or (tag == COMMENT and text.startswith(f'{{"{NAME}"')):
        # The wrapper says AIGC where the field itself has a name of its own (TC260-PG-20259A Annex B).
        known = NAME if f'"{NAME}"' in text else _NAMES[tag]
        fields.append(Field(name, known, text, tag == COMMENT))
    elif '"ServiceProvider"' in text and '"ContentId"' in text:
        traces.append(Trace("foreign-schema", f"{name}: ServiceProvider, ContentId"))
    elif tag == SOFTWARE and (maker := xmp.generator(text)):
        traces.append(Trace("generator", f"{name}: {maker}"))
    elif tag == COMMENT and "Negative prompt:" in text:
        traces.append(Trace("generator", f"{name}: parameters of a picture generator"))


def _text(tag: int, data: bytes) -> str:
    if tag == COMMENT:
        code, data = data[:8], data[8:]
        if code == b"UNICODE\0":
            return _utf16(data)
    if tag == XP_COMMENT:
        return data.decode("utf-16-le", "replace").strip("\0 ")
    return data.decode("utf-8", "replace").strip("\0 ")


def _utf16(data: bytes) -> str:
    """Decode what says only that it is Unicode: the byte order is the one that makes JSON of it."""
    order = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    return data.decode(order, "replace").strip("\0 \ufeff")


Change = Mapping[int, tuple[int, bytes] | None]
"""New entries by tag, as type and value; None takes one away."""


def write(source: BinaryIO, target: BinaryIO, top: Change, exif: Change | None = None) -> None:
    """Append changed directories to ``target``, which holds a copy of ``source`` from byte 0 on.

    Raises:
        LabelError: The directories make no sense, or the file would become too large for its addresses.
    """
    try:
        form, first = form_of(source)
        old = directory(source, form, first)
        end = size_of(source)
        pieces = _Tail(end + end % 2, form)
        changes = dict(top)
        inner = next((entry for entry in old.entries if entry.tag == EXIF), None)
        place = struct.unpack(form.address, inner.raw[-form.width :])[0] if inner else 0
        below = directory(source, form, place) if inner else Directory((), 0)
        stays = [(0, 16 if form.big else 8), *_values(old, changes, form), *_values(below, exif or {}, form)]
        if exif is None and inner:
            stays.append((place, place + len(_written(below, form))))
        if exif is not None and (inner or any(exif.values())):
            address = pieces.directory(below, exif)
            changes[EXIF] = (
                (4, struct.pack(form.order + "I", address))
                if not form.big
                else (18, struct.pack(form.address, address))
            )
            _blank(source, target, below, exif, form=form, stays=stays)
        at = pieces.directory(old, changes)
        _blank(source, target, old, changes, form=form, stays=stays)
    except Broken as broken:
        raise refuse(f"it {broken}") from None
    except struct.error:
        raise refuse("it is too large for its own addresses") from None
    target.seek(end)
    target.write(b"\0" * (end % 2) + pieces.data)
    target.seek(8 if form.big else 4)
    target.write(struct.pack(form.address, at))
    target.seek(0, 2)


class _Tail:
    """The bytes that join the file's end."""

    def __init__(self, start: int, form: Form) -> None:
        self.data, self._start, self._form = b"", start, form

    def directory(self, old: Directory, changes: Change) -> int:
        """Add a directory with its new values; return its address."""
        form = self._form
        entries = {entry.tag: entry.raw for entry in old.entries if entry.tag not in changes}
        for tag, change in changes.items():
            if change is None:
                continue
            kind, data = change
            place = data.ljust(form.width, b"\0")
            if len(data) > form.width:
                place = struct.pack(form.address, self._put(data))
            count = struct.pack(form.address, len(data) // _SIZES[kind])
            entries[tag] = struct.pack(form.order + "HH", tag, kind) + count + place
        made = tuple(Entry(tag, 0, 0, entries[tag]) for tag in sorted(entries))
        return self._put(_written(Directory(made, old.following), form))

    def _put(self, data: bytes) -> int:
        place = self._start + len(self.data)
        self.data += data + b"\0" * (len(data) % 2)
        return place


def _written(made: Directory, form: Form) -> bytes:
    many = struct.pack(form.order + ("Q" if form.big else "H"), len(made.entries))
    return many + b"".join(entry.raw for entry in made.entries) + struct.pack(form.address, made.following)


Span = tuple[int, int]


def _values(old: Directory, changes: Change, form: Form) -> list[Span]:
    """Return where values stand that are not changed, and not in their entries."""
    kept = (entry for entry in old.entries if entry.tag not in changes and entry.size > form.width)
    return [(entry.place, entry.place + entry.size) for entry in kept]


def _blank(
    source: BinaryIO, target: BinaryIO, old: Directory, changes: Change, *, form: Form, stays: Sequence[Span]
) -> None:
    """Overwrite the values that are replaced, so that no second label is left in the file's dead bytes.

    In a broken file a value may lie on the header, or on another value: what stays is left as it is.
    """
    for entry in old.entries:
        if entry.tag in changes and entry.tag != EXIF and form.width < entry.size <= LARGEST_FIELD:
            value(source, entry)  # its place is inside the file
            for start, end in _beside(entry.place, entry.place + entry.size, stays):
                target.seek(start)
                target.write(b"\0" * (end - start))


def _beside(start: int, end: int, stays: Sequence[Span]) -> Iterator[Span]:
    """Yield the stretches from ``start`` to ``end`` in which nothing stays."""
    for low, high in sorted(stays):
        if start < low < end:
            yield start, low
        if low < end:
            start = max(start, high)
    if start < end:
        yield start, end


def labels_in(source: BinaryIO) -> tuple[Change, Change]:
    """Return the changes that take every label away: of the first directory, and of its EXIF directory."""
    top: dict[int, tuple[int, bytes] | None] = {}
    exif: dict[int, tuple[int, bytes] | None] = {}
    try:
        for where, entry in places(source):
            fields: list[Field] = []
            if entry.tag in _NAMES:
                _look(where, entry.tag, value(source, entry), fields, [])
            if fields:
                (top if where == "TIFF" else exif)[entry.tag] = None
    except Broken as broken:
        raise refuse(f"it {broken}") from None
    return top, exif


def comment(label: AigcLabel) -> tuple[int, bytes]:
    """Return the label as the value of ``UserComment``: wrapped, and said to be ASCII."""
    return 7, _ASCII + label.dump(wrapped=True).encode()


def xmp_of(source: BinaryIO) -> bytes | None:
    """Return the XMP packet of the first directory, if it has one."""
    try:
        return next(
            (value(source, entry) for where, entry in places(source) if (where, entry.tag) == ("TIFF", XMP)), None
        )
    except Broken as broken:
        raise refuse(f"it {broken}") from None
