"""HTTP with patience that ends: whoever dribbles, floods or never reads is let go."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with limits for the clients that it would wait for as long as they like.

    uvicorn itself limits only idle connections that had an answer before. Here a socket is also let
    go of when a head does not become complete, when a body goes on and on after its answer, when
    bytes come that belong to no request, and when an answer is not read.

    Attributes:
        head_seconds: Time that the head of a request may take; and the rest of a body that was answered
            before its end, for a connection that is closed at once could take the answer with it.
        stall_seconds: Time that a client may leave written bytes unread.
        most_head: Bytes that a head may have, or whatever else stands between two pieces of a body.
    """

    head_seconds: float = 15.0
    stall_seconds: float = 60.0
    most_head: int = 64 * 1024

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._patience: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._between = 0
        self._lingers = False
        self._wait(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that are no body are counted."""
        self._between += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self not in self.connections:
            return
        if self._between > self.most_head:
            self._let_go(b"431 Request Header Fields Too Large")
        elif self._patience is None and self._answered():
            # What came belongs to no request, or to one that is answered; and it has stopped uvicorn's own clock
            # for idle connections.
            self._wait(self.head_seconds)

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a head."""
        self._lingers = False
        self._wait(self.head_seconds)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here: wait no more."""
        self._wait(None)
        self._between = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body; its size is limited where it is read."""
        self._between = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The body is here, be it after its answer."""
        self._between = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written, maybe before the request's end."""
        super().on_response_complete()
        self._lingers = self.cycle.response_complete and self.cycle.more_body

    def pause_writing(self) -> None:
        """The client does not read as fast as we write: begin to wait for it."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        if self._stalled is not None:
            self._stalled.cancel()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there to wait for."""
        self._wait(None)
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def _answered(self) -> bool:
        """Whether no request is under way."""
        return self.cycle is None or self.cycle.response_complete

    def _wait(self, seconds: float | None) -> None:
        """Be patient for so long from now on; None for as long as it takes."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._patience = None
        self._let_go(b"408 Request Timeout")

    def _let_go(self, status: bytes) -> None:
        """Close the connection, with a status where the client waits for one."""
        if self.transport.is_closing():
            return
        if self._answered() and not self._lingers:
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()
