"""ID3v2 tags: the label is a TXXX frame named AIGC; all other frames stay as they are."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from gateway.labels.carrier import Field, Trace
from gateway.labels.carriers.xmp import generator
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import is_like_a_label

HEAD: Final = 10
_CODES: Final = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}


class Frame(NamedTuple):
    """A frame: its name, its data, and the whole of it as it stands."""

    name: str
    data: bytes
    raw: bytes


class Tag(NamedTuple):
    """A tag taken apart.

    Attributes:
        version: 2, 3 or 4.
        flags: Of its header.
        frames: In order.
        size: Bytes of the whole tag, with its header and footer.
        fault: What is wrong, or nothing.
    """

    version: int
    flags: int
    frames: tuple[Frame, ...]
    size: int
    fault: str


def size_of_tag(head: bytes) -> int:
    """Return how many bytes the tag has that begins with ``head``; 0 where none does."""
    if len(head) < HEAD or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
        return 0
    return HEAD + _synchsafe(head[6:10]) + (HEAD if head[5] & 0x10 else 0)


def parse(data: bytes) -> Tag:
    """Take a whole tag apart; what is wrong with it is told."""
    version, flags = data[3], data[5]
    size = size_of_tag(data[:HEAD])
    if version not in (2, 3, 4):
        return Tag(version, flags, (), size, f"its ID3 tag is of the unknown version 2.{version}")
    if len(data) < size:
        return Tag(version, flags, (), size, "the file is cut off in its ID3 tag")
    body = data[HEAD : HEAD + _synchsafe(data[6:10])]
    if flags & 0x80 and version < 4:
        body = body.replace(b"\xff\0", b"\xff")
    if flags & 0x40:
        if version == 2:
            return Tag(version, flags, (), size, "its ID3 tag is compressed")
        more = _synchsafe(body[:4]) if version == 4 else int.from_bytes(body[:4], "big") + 4
        body = body[more:]
    frames, fault = _frames(body, version)
    return Tag(version, flags, tuple(frames), size, fault)


def _frames(body: bytes, version: int) -> tuple[list[Frame], str]:
    frames: list[Frame] = []
    width, place = 3 if version == 2 else 4, 0
    head = 6 if version == 2 else 10
    while place + head <= len(body) and body[place] != 0:
        name = body[place : place + width]
        if not all(letter in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 " for letter in name):
            return frames, "a frame of its ID3 tag makes no sense"
        raw = body[place + width : place + width + (3 if version == 2 else 4)]
        length = _synchsafe(raw) if version == 4 else int.from_bytes(raw, "big")
        end = place + head + length
        if end > len(body):
            return frames, "a frame of its ID3 tag is longer than the tag"
        frames.append(Frame(name.decode("ascii"), body[place + head : end], body[place:end]))
        place = end
    return frames, ""


def read(tag: Tag) -> tuple[list[Field], list[Trace]]:
    """Return the labels and traces of a tag."""
    fields: list[Field] = []
    traces: list[Trace] = []
    for frame in tag.frames:
        name, text = _words(frame)
        if NAME in name.upper() or is_like_a_label(text):
            usual = frame.name in ("TXXX", "TXX") and name == NAME
            fields.append(Field(f"ID3 {frame.name}", name or frame.name, text, usual))
        elif frame.name in ("TSSE", "TSS", "TENC", "TEN") and (maker := generator(text)):
            traces.append(Trace("generator", f"ID3 {frame.name}: {maker}"))
    return fields, traces


def write(tag: Tag | None, label: AigcLabel | None) -> bytes:
    """Return a tag with all frames of ``tag`` but its labels, and ``label`` in a frame of its own."""
    version = tag.version if tag else 3
    kept = [frame.raw for frame in tag.frames if not _is_label(frame)] if tag else []
    if label is not None:
        kept.append(_frame(version, label.dump()))
    body = b"".join(kept)
    # In version 4 this flag speaks of frames that are kept as they stand; in older ones it was undone.
    flags = tag.flags & (0xA0 if version == 4 else 0x20) if tag else 0
    # Some readers tell the two ways of writing sizes apart by what follows the last frame: a little blank room.
    body += bytes(32)
    return b"ID3" + bytes([version, 0, flags]) + _packed(len(body)) + body


def _frame(version: int, text: str) -> bytes:
    if version == 4:
        code, words = 3, f"{NAME}\0{text}".encode()
    elif text.isascii():
        code, words = 0, f"{NAME}\0{text}".encode("ascii")
    else:
        code, words = 1, b"\xff\xfe" + f"{NAME}\0".encode("utf-16-le") + b"\xff\xfe" + text.encode("utf-16-le")
    data = bytes([code]) + words
    if version == 2:
        return b"TXX" + len(data).to_bytes(3, "big") + data
    length = _packed(len(data)) if version == 4 else struct.pack(">I", len(data))
    return b"TXXX" + length + b"\0\0" + data


def _is_label(frame: Frame) -> bool:
    name, text = _words(frame)
    return NAME in name.upper() or is_like_a_label(text)


def _words(frame: Frame) -> tuple[str, str]:
    """Return a text frame's description and its text; nothing for other frames."""
    if not (frame.name.startswith("T") or frame.name in ("COMM", "COM")) or not frame.data:
        return "", ""
    code = _CODES.get(frame.data[0], "latin-1")
    body = frame.data[4:] if frame.name.startswith("COM") else frame.data[1:]
    if frame.name not in ("TXXX", "TXX", "COMM", "COM"):
        return "", _decoded(body, code).strip("\0")
    end = b"\0\0" if code.startswith("utf-16") else b"\0"
    at = body.find(end)
    while len(end) == 2 and at % 2 == 1:
        at = body.find(end, at + 1)
    if at < 0:
        return _decoded(body, code), ""
    return _decoded(body[:at], code), _decoded(body[at + len(end) :], code).rstrip("\0")


def _decoded(data: bytes, code: str) -> str:
    return data.decode(code, "replace").removeprefix("\ufeff")


def _synchsafe(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value


def _packed(value: int) -> bytes:
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))
