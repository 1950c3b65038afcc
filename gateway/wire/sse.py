"""Server-sent events: cut a byte stream into events, whatever the network did to it.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

DONE: Final = b"data: [DONE]\n\n"
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n|\r\r")
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


class EventBuffer:
    """Collects bytes and gives back whole events. Sans-I/O.

    Attributes:
        held: Bytes of an event that is not complete yet.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """Take bytes as they come and return the events that they complete."""
        # The blank line may have begun in what is held; the last three bytes can be part of one.
        searched = max(0, len(self.held) - 3)
        buffer = self.held + chunk if self.held else chunk
        events: list[Event] = []
        start = 0
        while match := _BLANK_LINE.search(buffer, max(searched, start)):
            events.append(parse_event(buffer[start : match.end()]))
            start = match.end()
        self.held = buffer[start:]
        return events

    def rest(self) -> list[Event]:
        """The stream ended: return the last event if it only lacks its blank line."""
        held, self.held = self.held.strip(b"\r\n"), b""
        return [parse_event(held + b"\n\n")] if held else []


def parse_event(raw: bytes) -> Event:
    """Read the fields of one event."""
    if raw.startswith(b"data: ") and raw.count(b"\n") == 2 and raw.endswith(b"\n\n") and b"\r" not in raw:
        return Event(raw, raw[6:-2], "")
    data: list[bytes] = []
    name = ""
    for line in _LINE.split(raw):
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
    return Event(raw, b"\n".join(data) if data else None, name)


def event(data: bytes, name: str = "") -> bytes:
    """Write one event."""
    head = b"event: " + name.encode() + b"\n" if name else b""
    return head + b"data: " + data + b"\n\n"
