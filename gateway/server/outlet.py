"""The client's connection as the path sees it: start, write, finish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import anyio
import anyio.lowlevel
from starlette.types import Message, Send

from gateway.pipeline.run import Gone

_STREAM: Final = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))
REQUIRED: Final[Mapping[int, tuple[bytes, bytes]]] = {
    401: (b"www-authenticate", b"Bearer"),
    405: (b"allow", b"POST"),
    408: (b"connection", b"close"),
}
"""The header that a status must or should come with (RFC 9110 §15.5.2, §15.5.6, §15.5.9)."""


class HttpOutlet:
    """Writes one HTTP response.

    A whole answer leaves with its length, in one go; a stream leaves piece by piece.

    Args:
        send: The ASGI server's.
        gone: Learns when the client turns out to have left.
        scope: Cancelled then: nobody is there to answer.
    """

    __slots__ = ("_gone", "_head", "_pieces", "_scope", "_send", "_streams")

    def __init__(self, send: Send, gone: Gone, scope: anyio.CancelScope) -> None:
        self._send, self._gone, self._scope = send, gone, scope
        self._head: Message | None = None
        self._pieces: list[bytes] = []
        self._streams = False

    async def start(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        """Send the status and the headers (of a whole answer, with its body)."""
        lines = [(b"content-type", content_type.encode("latin-1"))]
        lines += [(name.encode("latin-1"), _line(value)) for name, value in headers.items()]
        if status in REQUIRED:
            lines.append(REQUIRED[status])
        self._streams = content_type.startswith("text/event-stream")
        if self._streams:
            lines += _STREAM
        self._head = {"type": "http.response.start", "status": status, "headers": lines}
        if self._streams:
            await self._flush()

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body."""
        if self._streams:
            await self._out({"type": "http.response.body", "body": piece, "more_body": True})
        else:
            self._pieces.append(piece)

    async def finish(self) -> None:
        """The body is complete."""
        body = b"".join(self._pieces)
        if not self._streams and self._head is not None:
            self._head["headers"].append((b"content-length", str(len(body)).encode()))
            await self._flush()
        self._gone.served = True
        await self._out({"type": "http.response.body", "body": body})

    async def _flush(self) -> None:
        if self._head is not None:
            head, self._head = self._head, None
            await self._out(head)

    async def _out(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:  # the server says so when the connection is gone
            if self._gone.leave():
                self._scope.cancel()
                await anyio.lowlevel.checkpoint()


def _line(value: str) -> bytes:
    """Write the value of a header: one line, whatever an upstream put into it."""
    if value.isprintable():
        return value.encode("latin-1", "replace")
    return "".join(character if character.isprintable() else "?" for character in value).encode("latin-1", "replace")
