"""HTTP with patience that ends: a client that dribbles its request's head is let go."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with a time limit for the head of a request.

    uvicorn itself limits only idle connections that had an answer before. Without a limit for the
    head, a slow-loris client keeps a socket for as long as it likes.
    """

    head_seconds: float = 15.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._impatience = self.loop.call_later(self.head_seconds, self._give_up)

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a head."""
        self._impatience.cancel()
        self._impatience = self.loop.call_later(self.head_seconds, self._give_up)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here: wait no more."""
        self._impatience.cancel()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there to wait for."""
        self._impatience.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        transport: Any = self.transport
        if transport is not None and not transport.is_closing():
            transport.write(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            transport.close()
