"""The model behind the gateway, in all dialects and at a steady pace. Run as a process; prints its address.

``GET /state`` says how many connections and streams are open, and whether something came that must not come.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import orjson
import uvloop

from benchmarks.conformance import render
from benchmarks.conformance.case import Say
from benchmarks.conformance.upstream import broken
from benchmarks.soak.asks import FORBIDDEN, PRIVATE
from benchmarks.soak.scripts import HANGS, PLAIN, SCRIPTS

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_FORBIDDEN: Final = FORBIDDEN.encode()
_PRIVATE: Final = PRIVATE.encode()
_END: Final = b"0\r\n\r\n"
_FOR_EVER: Final = 86_400.0
_IDLE: Final = 2.0
"""Seconds after which a connection on which nobody asks is closed, as servers do."""


@dataclass(slots=True)
class State:
    """What is under way, and what was seen.

    Attributes:
        connections: Open ones, but for those that only ask for the state.
        streams: Answers on their way.
        asked: Requests so far.
        cut: Answers whose connection was closed before their end.
        private: Requests in which something personal stood as the client wrote it.
        forbidden: Requests with what the policy refuses.
    """

    connections: int = 0
    streams: int = 0
    asked: int = 0
    cut: int = 0
    private: int = 0
    forbidden: int = 0


class Model(asyncio.Protocol):
    """One connection.

    Args:
        state: Shared by all.
        pace: Seconds between the pieces of a stream.
    """

    def __init__(self, state: State, pace: float) -> None:
        self._state, self._pace = state, pace
        self._buffer = b""
        self._asks = False  # a model's question came on it
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        self._work()
        if self._timer is not None:
            self._timer.cancel()
            self._done()
            self._state.cut += 1
        self._state.connections -= self._asks

    def data_received(self, data: bytes) -> None:
        self._work()
        buffer = self._buffer = self._buffer + data
        at = buffer.find(b"\r\n\r\n")
        if at < 0:
            return
        length = _LENGTH.search(buffer, 0, at + 2)
        end = at + 4 + (int(length[1]) if length else 0)
        if len(buffer) >= end:
            self._buffer = buffer[end:]
            self._answer(buffer[: buffer.find(b"\r\n")].split(b" ")[1].decode(), buffer[at + 4 : end])

    def _answer(self, path: str, raw: bytes) -> None:
        state = self._state
        if path == "/state":
            self._whole(200, orjson.dumps(asdict(state)))
            return
        if not self._asks:
            self._asks = True
            state.connections += 1
        state.asked += 1
        body = orjson.loads(raw)
        plain = orjson.dumps(body)  # without escapes
        state.private += _PRIVATE in plain
        state.forbidden += _FORBIDDEN in plain
        model = str(body.get("model"))
        says = SCRIPTS.get(model, SCRIPTS[PLAIN])
        if model == HANGS and not body.get("stream"):
            state.streams += 1
            self._hang()
        elif says.status is not None:
            error = {"error": {"message": "scripted", "type": "server_error"}}
            self._whole(says.status, orjson.dumps(error), b"retry-after: 1\r\n" if says.retry_after else b"")
        elif body.get("stream"):
            head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            state.streams += 1
            self._stream([head, *_frames(path, body, says)], 0, None if model == HANGS else _ending(says))
        else:
            whole = render.whole(path, body, says)
            if says.breaks is None:
                self._whole(200, whole)
            else:
                self._whole(200, whole, cut=len(whole) // 2)

    def _whole(self, status: int, body: bytes, more: bytes = b"", cut: int | None = None) -> None:
        head = b"HTTP/1.1 %d Scripted\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n"
        self._transport.write(head % (status, more, len(body)) + body[:cut])
        self._rest()
        if cut is not None:
            self._transport.close()

    def _stream(self, frames: list[bytes], at: int, end: Callable[[asyncio.Transport], None] | None) -> None:
        """Write the next piece, and come back for the one after it; without an end, never end."""
        self._timer = None
        last = at + 1 >= len(frames)
        piece = frames[at] if at == 0 else b"%x\r\n%b\r\n" % (len(frames[at]), frames[at])
        self._transport.write(piece)
        if last and end is None:
            self._hang()
        elif last and end is not None:
            self._done()
            self._rest()
            end(self._transport)
        else:
            wait = self._pace if at else 0.0
            self._timer = asyncio.get_running_loop().call_later(wait, self._stream, frames, at + 1, end)

    def _hang(self) -> None:
        """Leave the answer as it is until the connection goes."""
        self._timer = asyncio.get_running_loop().call_later(_FOR_EVER, lambda: None)

    def _done(self) -> None:
        self._timer = None
        self._state.streams -= 1

    def _rest(self) -> None:
        """Close the connection soon, unless somebody asks on it."""
        self._idle = asyncio.get_running_loop().call_later(_IDLE, self._transport.close)

    def _work(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


def _frames(path: str, asked: dict[str, Any], says: Say) -> list[bytes]:
    """Return the frames of a streamed answer, one piece of text in each, up to where it breaks."""
    frames, spoken = [], 0
    for frame, speaks in render.stream(path, asked, says):
        if says.breaks is not None and spoken >= says.breaks.after:
            return [*frames, *broken(path, says)]
        frames.append(frame)
        spoken += speaks
    return frames


def _ending(says: Say) -> Callable[[asyncio.Transport], None]:
    how = says.breaks.how if says.breaks else ""
    if how == "reset":
        return lambda transport: transport.abort()
    if how == "close":
        return lambda transport: transport.close()
    return lambda transport: transport.write(_END)


async def _serve(pace: float) -> None:
    state = State()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Model(state, pace), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(float(sys.argv[1])))
