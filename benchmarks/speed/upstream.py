"""A model server that costs next to nothing: fixed answers, whole or as events. Run as a process; prints its port."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

import uvloop

from benchmarks.conformance import render
from benchmarks.conformance.case import Say
from benchmarks.speed.texts import DELTAS, PACED, PATHS, answer

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM: Final = re.compile(rb'"stream": ?true')
_PACED: Final = re.compile(rb'"model": ?"' + PACED.encode())
_PIECE: Final = 8
"""Characters in a delta of an ordinary stream."""
_PACE: Final = 0.004
"""Seconds between the deltas of a paced stream."""


def _chunk(**choice: Any) -> bytes:
    data = {
        "id": "chatcmpl-0",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "fast",
        "choices": [{"index": 0, "finish_reason": None, **choice}],
    }
    event = b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
    return _framed(event)


def _framed(event: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(event), event)


def whole() -> bytes:
    """Return the HTTP response of a whole answer."""
    message = {"role": "assistant", "content": answer()}
    body = json.dumps(
        {
            "id": "chatcmpl-0",
            "object": "chat.completion",
            "created": 1,
            "model": "fast",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 200, "completion_tokens": 200, "total_tokens": 400},
        },
        ensure_ascii=False,
    ).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


_EVENTS_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def events(pieces: list[str]) -> list[bytes]:
    """Return what is written for a stream: the head with the first words, a delta each, the end."""
    first, *rest = pieces
    said = [_chunk(delta={"content": piece}) for piece in rest]
    end = _chunk(delta={}, finish_reason="stop") + _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    return [_EVENTS_HEAD + _chunk(delta={"role": "assistant", "content": first}), *said, end]


def rendered(path: str) -> bytes:
    """Return what is written for a stream in another dialect than chat."""
    frames = [frame for frame, _ in render.stream(path, {}, Say(text=answer(), pieces=_PIECE))]
    return _EVENTS_HEAD + b"".join(map(_framed, frames)) + b"0\r\n\r\n"


def pieces_of(text: str, length: int) -> list[str]:
    """Cut a text into pieces of ``length`` characters."""
    return [text[at : at + length] for at in range(0, len(text), length)]


class Upstream(asyncio.Protocol):
    """Answers every request on a kept-alive connection."""

    whole = whole()
    stream = events(pieces_of(answer(), _PIECE))
    paced = events(
        [answer()[at % len(answer())] + answer()[(at + 1) % len(answer())] for at in range(0, 2 * DELTAS, 2)]
    )

    others: Mapping[bytes, bytes] = {
        f"POST {path} ".encode(): rendered(path) for dialect, path in PATHS.items() if dialect != "chat"
    }

    def __init__(self) -> None:
        self._buffer = b""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        at = buffer.find(b"\r\n\r\n")
        if at < 0:
            return
        length = _LENGTH.search(buffer, 0, at + 2)
        end = at + 4 + (int(length[1]) if length else 0)
        if len(buffer) < end:
            return
        self._buffer = buffer[end:]
        other = self.others.get(buffer[: buffer.find(b"HTTP/")])
        if other is not None:
            self._transport.write(other)
        elif _STREAM.search(buffer, at) is None:
            self._transport.write(self.whole)
        elif _PACED.search(buffer, at) is None:
            first, *rest = self.stream
            self._transport.write(first)
            self._transport.write(b"".join(rest))
        else:
            self._pace(0)

    def _pace(self, at: int) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(self.paced[at])
        if at + 1 < len(self.paced):
            self._loop.call_later(_PACE, self._pace, at + 1)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
