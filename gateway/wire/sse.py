"""Server-sent events: cut a byte stream into events, whatever the network did to it.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

DONE: Final = b"data: [DONE]\n\n"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# Two line ends in a row, of any of the three kinds. A CR that may be half of a CRLF waits for the byte
# after it, so that the cuts of the network do not show; `\r\r` does not wait, for streams of bare CRs.
_BLANK_LINE: Final = re.compile(rb"\r?\n(?:\r?\n|\r(?=[^\n]))|\r\r")
_LINE: Final = re.compile(rb"\r\n|\n|\r")


class Event(NamedTuple):
    """One event.

    Attributes:
        raw: Its bytes as they came, the blank line included.
        data: Its ``data`` lines joined by line ends; None for a comment (a heartbeat).
        name: Its ``event`` field, or empty.
    """

    raw: bytes
    data: bytes | None
    name: str

    @property
    def comment(self) -> bool:
        """Whether it holds comments and nothing else."""
        return all(line.startswith(b":") for line in _LINE.split(self.raw) if line)


class EventBuffer:
    """Collects bytes and gives back whole events. Sans-I/O; the cost is linear in the bytes fed."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def held(self) -> int:
        """How many bytes wait for the end of their event."""
        return len(self._held)

    def feed(self, chunk: bytes) -> list[Event]:
        """Take bytes as they come and return the events that they complete."""
        held = self._held
        buffer = chunk
        if held:
            # The blank line may have begun in the last two bytes held; nothing before them is read again.
            seam = max(0, len(held) - 2)
            held += chunk
            if not _BLANK_LINE.search(held, seam):
                return []
            buffer = bytes(held)
            held.clear()
        events: list[Event] = []
        start = 0
        if b"\r" in buffer:
            while match := _BLANK_LINE.search(buffer, start):
                events.append(parse_event(buffer[start : match.end()]))
                start = match.end()
        else:
            while (end := buffer.find(b"\n\n", start)) >= 0:
                events.append(parse_event(buffer[start : end + 2]))
                start = end + 2
        held += buffer[start:]
        return events

    def rest(self) -> list[Event]:
        """The stream ended: return the last event if it only lacks its blank line."""
        held = self._held.strip(b"\r\n")
        self._held.clear()
        return [parse_event(bytes(held) + b"\n\n")] if held else []


def parse_event(raw: bytes) -> Event:
    """Read the fields of one event."""
    if raw.startswith(b"data: ") and raw.count(b"\n") == 2 and raw.endswith(b"\n\n") and b"\r" not in raw:
        return Event(raw, raw[6:-2], "")
    if raw.startswith(b"event: ") and raw.count(b"\n") == 3 and raw.endswith(b"\n\n") and b"\r" not in raw:
        named, _, said = raw[7:-2].partition(b"\n")
        if said.startswith(b"data: "):
            return Event(raw, said[6:], named.decode("utf-8", "replace"))
    data: list[bytes] = []
    name = ""
    for line in _LINE.split(raw.removeprefix(_BYTE_ORDER_MARK)):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
    return Event(raw, b"\n".join(data) if data else None, name)


def event(data: bytes) -> bytes:
    """Write one event."""
    return b"data: " + data + b"\n\n"
