"""The label in Matroska and WebM: a SimpleTag named AIGC; clusters stay where they are.

Tags are written behind the clusters and named in the file's index (SeekHead), as muxers do; where a file has
no index and no cues, they are put before the first cluster, because there a player reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Field, Reading, Trace, refuse
from gateway.labels.carriers.stream import LARGEST_FIELD, copy, size_of
from gateway.labels.carriers.xmp import generator
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label

_EBML, _SEGMENT, _SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = (
    0x1A45DFA3,
    0x18538067,
    0x114D9B74,
    0x4DBB,
    0x53AB,
    0x53AC,
)
_TAGS, _TAG, _TARGETS, _SIMPLE, _NAME, _STRING = 0x1254C367, 0x7373, 0x63C0, 0x67C8, 0x45A3, 0x4487
_CLUSTER, _CUES, _INFO, _VOID, _WRITER = 0x1F43B675, 0x1C53BB6B, 0x1549A966, 0xEC, 0x5741
_TOP: Final = (_SEEK_HEAD, _TAGS, _CLUSTER, _CUES, _INFO, _VOID, 0x1654AE6B, 0x1043A770, 0x1941A469, 0xBF)
_MOST: Final = 1_000_000


class Element(NamedTuple):
    """An element: its id, and where its header begins, its data begins and it ends."""

    id: int
    start: int
    inside: int
    end: int


class Segment(NamedTuple):
    """The segment and its elements.

    Attributes:
        start: Where its size stands.
        inside: Where its data begins: positions count from here.
        end: Where it ends.
        width: Bytes of its size.
        sized: Whether its size is known.
        elements: Its children.
    """

    start: int
    inside: int
    end: int
    width: int
    sized: bool
    elements: tuple[Element, ...]


class _Bad(Exception):
    """What is wrong with the elements."""


@dataclass(frozen=True, slots=True)
class Mkv:
    """Matroska and WebM, TC260-PG-20257A."""

    name: str = "mkv"
    suffixes: tuple[str, ...] = (".mkv", ".webm", ".mka")
    guide: str = "TC260-PG-20257A"
    confidence: Confidence = "H"
    place: str = "Tags, SimpleTag AIGC"

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with an EBML header."""
        return head.startswith(b"\x1a\x45\xdf\xa3")

    def read(self, source: BinaryIO) -> Reading:
        """Look into the tags; clusters are skipped."""
        fields: list[Field] = []
        traces: list[Trace] = []
        try:
            for element in _segment(source).elements:
                if element.id == _TAGS:
                    fields += _labels(_data(source, element))
                elif element.id == _INFO:
                    for inner in _children(data := _data(source, element)):
                        if inner.id == _WRITER and (
                            maker := generator(data[inner.inside : inner.end].decode("utf-8", "replace"))
                        ):
                            traces.append(Trace("generator", f"WritingApp: {maker}"))
        except _Bad as bad:
            return Reading(tuple(fields), tuple(traces), (str(bad),))
        return Reading(tuple(fields), tuple(traces))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Write the tags anew, and the index so that it names them."""
        try:
            segment = _segment(source)
            kept = [_kept(_data(source, one)) for one in segment.elements if one.id == _TAGS]
            simple = _packed(_SIMPLE, _packed(_NAME, NAME.encode()) + _packed(_STRING, label.dump().encode()))
            mine = _packed(_TAG, _packed(_TARGETS, b"") + simple)
            tags = _packed(_TAGS, b"".join(kept) + mine)
            indexed = any(one.id in (_SEEK_HEAD, _CUES) for one in segment.elements)
            if indexed:
                _append(source, target, segment, tags)
            else:
                _insert(source, target, segment, tags)
        except _Bad as bad:
            raise refuse(str(bad)) from None


def _number(data: bytes, place: int, *, marker: bool) -> tuple[int, int]:
    """Return a variable-length number and its width; an id keeps its marker. Raises ``_Bad``."""
    if place >= len(data) or data[place] == 0:
        raise _Bad("an element makes no sense")
    width = 9 - data[place].bit_length()
    if place + width > len(data):
        raise _Bad("the file is cut off in an element's header")
    value = int.from_bytes(data[place : place + width], "big")
    return (value if marker else value & (1 << 7 * width) - 1), width


def _header(data: bytes, place: int) -> tuple[int, int, int, bool]:
    """Return an element's id, the width of its header, its size, and whether the size is unknown."""
    name, first = _number(data, place, marker=True)
    size, second = _number(data, place + first, marker=False)
    return name, first + second, size, size == (1 << 7 * second) - 1


def _segment(source: BinaryIO) -> Segment:
    """Return the segment; raises ``_Bad``."""
    size = size_of(source)
    head = source.read(64)
    name, width, length, _ = _header(head, 0)
    if name != _EBML:
        raise _Bad("it has no EBML header")
    start = width + length
    source.seek(start)
    head = source.read(16)
    name, width, length, unknown = _header(head, 0)
    if name != _SEGMENT:
        raise _Bad("it has no segment behind its header")
    inside = start + width
    end = size if unknown else inside + length
    if end > size:
        raise _Bad(f"the file is cut off: it has {size:,} of {end:,} bytes")
    if end < size:
        raise _Bad("something follows its segment")
    elements = tuple(_elements(source, inside, end))
    return Segment(start + 4, inside, end, width - 4, not unknown, elements)


def _elements(source: BinaryIO, place: int, end: int) -> Iterator[Element]:
    count = 0
    while place < end:
        source.seek(place)
        name, width, length, unknown = _header(source.read(16), 0)
        last = _end_of_unknown(source, place + width, end) if unknown else place + width + length
        if last > end:
            raise _Bad(f"the file is cut off in the element at byte {place}")
        yield Element(name, place, place + width, last)
        place = last
        count += 1
        if count > _MOST:
            raise _Bad("it has too many elements")


def _end_of_unknown(source: BinaryIO, place: int, end: int) -> int:
    """Return where a cluster of unknown size ends: where an element begins that cannot be in it."""
    while place < end:
        source.seek(place)
        name, width, length, unknown = _header(source.read(16), 0)
        if name in _TOP and name not in (_VOID, 0xBF):
            return place
        if unknown:
            raise _Bad("an element of unknown size stands in a cluster")
        place += width + length
    return end


def _data(source: BinaryIO, element: Element) -> bytes:
    if element.end - element.inside > LARGEST_FIELD:
        raise _Bad(f"its metadata has {element.end - element.inside:,} bytes")
    source.seek(element.inside)
    return source.read(element.end - element.inside)


def _children(data: bytes, place: int = 0, end: int | None = None) -> Iterator[Element]:
    """Yield the elements of an element's data."""
    stop = len(data) if end is None else end
    while place < stop:
        name, width, length, unknown = _header(data, place)
        last = place + width + length
        if unknown or last > stop:
            raise _Bad("an element of its metadata is longer than what holds it")
        yield Element(name, place, place + width, last)
        place = last


def _simple(data: bytes, start: int, end: int, depth: int = 0) -> Iterator[tuple[Element, str, str]]:
    """Yield simple tags, nested ones too, with their name and text."""
    if depth > 20:
        raise _Bad("its tags are nested too deep")
    for element in _children(data, start, end):
        if element.id != _SIMPLE:
            continue
        name = text = ""
        for part in _children(data, element.inside, element.end):
            words = data[part.inside : part.end].decode("utf-8", "replace").rstrip("\0")
            name = words if part.id == _NAME else name
            text = words if part.id == _STRING else text
        yield element, name, text
        yield from _simple(data, element.inside, element.end, depth + 1)


def _labels(data: bytes) -> list[Field]:
    found = []
    for tag in _children(data):
        if tag.id == _TAG:
            for _, name, text in _simple(data, tag.inside, tag.end):
                if _is_label(name, text):
                    found.append(Field("SimpleTag", name, text, name == NAME))
    return found


def _is_label(name: str, text: str) -> bool:
    return NAME in name.upper() or is_like_a_label(text)


def _kept(data: bytes) -> bytes:
    """Return the tags of a Tags element without the labels; a tag that held nothing else is left out."""
    parts = []
    for tag in _children(data):
        if tag.id != _TAG:
            if tag.id != _VOID:
                parts.append(data[tag.start : tag.end])
            continue
        labels = [one for one, name, text in _simple(data, tag.inside, tag.end) if _is_label(name, text)]
        if not labels:
            parts.append(data[tag.start : tag.end])
            continue
        gone = {one.start for one in labels}
        inner = [one for one in _children(data, tag.inside, tag.end) if one.start not in gone]
        if len(gone) != len([one for one in _children(data, tag.inside, tag.end) if one.start in gone]):
            raise _Bad("a label is nested in another tag")
        if any(one.id == _SIMPLE for one in inner):
            parts.append(_packed(_TAG, b"".join(data[one.start : one.end] for one in inner)))
    return b"".join(parts)


def _bytes(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def _size(value: int, width: int = 0) -> bytes:
    """Return a size as a variable-length number, of ``width`` bytes where that is given."""
    wide = width or next(n for n in range(1, 9) if value < (1 << 7 * n) - 1)
    if value >= (1 << 7 * wide) - 1:
        raise _Bad("it would become too large for its own sizes")
    return (value | 1 << 7 * wide).to_bytes(wide, "big")


def _packed(name: int, data: bytes, width: int = 0) -> bytes:
    return _bytes(name) + _size(len(data), width) + data


def _void(length: int) -> bytes:
    """Return an element of exactly ``length`` bytes that says nothing."""
    if length < 2:
        raise _Bad("its index leaves no room")
    width = 1 if length < 128 else 8
    return b"\xec" + _size(length - 1 - width, width) + bytes(length - 1 - width)


def _entry(name: int, position: int) -> bytes:
    return _packed(_SEEK, _packed(_SEEK_ID, _bytes(name)) + _packed(_SEEK_POSITION, _bytes(position)))


def _append(source: BinaryIO, target: BinaryIO, segment: Segment, tags: bytes) -> None:
    """Blank the old tags, write the new ones at the end, and change the index in the room that it has."""
    last = segment.elements[-1]
    end = last.start if last.id == _TAGS else segment.end  # the old tags at the end need no blank
    position = end - segment.inside
    head = next((one for one in segment.elements if one.id == _SEEK_HEAD), None)
    if head is None:
        raise _Bad("it has cues, but no index that could name the tags")
    new_head, room, more = _index(source, segment, head, position, len(tags))
    gone = [one for one in segment.elements if one.id == _TAGS and one.start < end]
    place = 0
    patches = [(head.start, room, new_head), *((one.start, one.end, _void(one.end - one.start)) for one in gone)]
    for begin, behind, data in sorted(patches):
        copy(source, target, place, begin)
        target.write(data)
        place = behind
    copy(source, target, place, end)
    target.write(tags + more)
    _resize(target, segment, end - segment.end + len(tags) + len(more))


def _index(source: BinaryIO, segment: Segment, head: Element, position: int, ahead: int) -> tuple[bytes, int, bytes]:
    """Return the new index, where its room ends, and a second index for the file's end if the room is too small."""
    data = _data(source, head)
    old = [data[one.start : one.end] for one in _children(data) if one.id == _SEEK and not _names_tags(data, one)]
    following = next((one for one in segment.elements if one.start == head.end and one.id == _VOID), None)
    room = following.end if following else head.end
    entries = b"".join([*old, _entry(_TAGS, position)])
    full = _packed(_SEEK_HEAD, entries)
    if len(full) == room - head.start:
        return full, room, b""
    if len(full) <= room - head.start - 2:
        return full + _void(room - head.start - len(full)), room, b""
    # Too little room: the first index names a second one at the end, which holds all.
    first = _packed(_SEEK_HEAD, _entry(_SEEK_HEAD, position + ahead))
    if len(first) == room - head.start:
        return first, room, full
    return first + _void(room - head.start - len(first)), room, full


def _names_tags(data: bytes, seek: Element) -> bool:
    return any(
        one.id == _SEEK_ID and data[one.inside : one.end] == _bytes(_TAGS)
        for one in _children(data, seek.inside, seek.end)
    )


def _insert(source: BinaryIO, target: BinaryIO, segment: Segment, tags: bytes) -> None:
    """Put the tags before the first cluster: nothing in the file says where anything is."""
    first = next((one.start for one in segment.elements if one.id == _CLUSTER), segment.end)
    place, shift = 0, len(tags)
    for one in segment.elements:
        if one.id == _TAGS:
            copy(source, target, place, one.start)
            place = one.end
            shift -= one.end - one.start
        if one.start == first:
            copy(source, target, place, first)
            target.write(tags)
            place = first
    if first == segment.end:
        copy(source, target, place, first)
        target.write(tags)
        place = first
    copy(source, target, place, segment.end)
    _resize(target, segment, shift)


def _resize(target: BinaryIO, segment: Segment, shift: int) -> None:
    if not segment.sized:
        return
    target.seek(segment.start)
    target.write(_size(segment.end - segment.inside + shift, segment.width))
    target.seek(0, 2)
