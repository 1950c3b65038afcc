"""Ask an ASGI application without a port: fast, and with a client that leaves exactly when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kit.asking import Seen


@dataclass(slots=True)
class Client:
    """One request and what became of it.

    Attributes:
        pieces: The body, cut as it arrives; None in place of a piece is a client that leaves there.
        method: GET, POST, ….
        path: Where.
        headers: Names in lower case.
        left: Set when the client leaves; or set it to make it leave.
        sent: Every message of the application.
    """

    pieces: Iterable[bytes | None]
    method: str = "POST"
    path: str = "/v1/chat/completions"
    headers: Mapping[str, str] = field(default_factory=dict)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[Any] = field(default_factory=list)

    @property
    def scope(self) -> dict[str, Any]:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "scheme": "http",
        }

    async def ask(self, app: Any) -> Client:
        """Hand the request to the application and wait for it to return."""
        pieces = list(self.pieces)
        complete = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if pieces and not complete.is_set():
                piece = pieces.pop(0)
                if piece is not None:
                    return {"type": "http.request", "body": piece, "more_body": bool(pieces)}
                self.left.set()
            waits = [asyncio.ensure_future(event.wait()) for event in (complete, self.left)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            assert not complete.is_set(), "a message after the end of the response"
            first = not self.sent
            assert (message["type"] == "http.response.start") == first, "a head that is not the first message"
            self.sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                complete.set()

        await app(self.scope, receive, send)
        return self

    @property
    def seen(self) -> Seen:
        """The complete response."""
        head, *rest = self.sent
        assert rest, "a response without an end"
        assert not rest[-1].get("more_body"), "a response without an end"
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head["headers"]}
        assert len(headers) == len(head["headers"]), "a header twice"
        body = b"".join(message["body"] for message in rest)
        assert int(headers.get("content-length", len(body))) == len(body)
        return Seen(head["status"], headers, body)


async def ask(app: Any, *pieces: bytes | None, **more: Any) -> Seen:
    """Ask and return the complete response."""
    return (await Client(pieces or [b""], **more).ask(app)).seen
