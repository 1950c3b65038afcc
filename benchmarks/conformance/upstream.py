"""The model behind the gateway: a server that says what a case tells it, well or badly, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.conformance import render
from benchmarks.conformance.case import Say


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the model got it."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, or None if it is no JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


class Upstream:
    """Serves while its ``async with`` block runs; ``says`` is what it answers now.

    Attributes:
        url: Where, ending in ``/v1``.
        sent: What came since ``now`` was last called.
        left: Set when a connection was closed before its answer was complete.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._says: Sequence[tuple[str, Say]] = ()
        self._answered = asyncio.Event()
        self.url = ""
        self.sent: list[Sent] = []
        self.left = asyncio.Event()

    async def __aenter__(self) -> Upstream:
        self._server = await asyncio.start_server(self._accept, self._host, self._port)
        self.url = f"http://{self._host}:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def now(self, says: Sequence[tuple[str, Say]]) -> None:
        """Say this from now on: the first whose key is part of what was sent; an empty key is part of anything."""
        self._says, self.sent = says, []
        self._answered, self.left = asyncio.Event(), asyncio.Event()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (sent := await _receive(reader)) is not None:
                if sent.path.endswith("/models"):
                    await _whole(
                        writer, 200, orjson.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]})
                    )
                    continue
                self.sent.append(sent)
                says = next((say for key, say in self._says if key.encode() in sent.body or _inside(key, sent)), Say())
                if says.holds:
                    await asyncio.wait_for(self._answered.wait(), 15)
                goes_on = await self._answer(sent, says, reader, writer)
                if not says.holds:
                    self._answered.set()
                if not goes_on:
                    return
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            return
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _answer(self, sent: Sent, says: Say, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = sent.json if isinstance(sent.json, dict) else {}
        if says.status is not None:
            extra = {"retry-after": says.retry_after} if says.retry_after else {}
            body = says.body.encode() or orjson.dumps({"error": {"message": "scripted", "type": "server_error"}})
            await _whole(writer, says.status, body, **extra)
            return True
        if not asked.get("stream"):
            body = render.whole(sent.path, asked, says)
            if says.breaks is not None:
                await _write(writer, _head(200, "application/json", len(body)) + body[: len(body) // 2], says)
                return False
            packed = gzip.compress(body) if says.gzip else body
            coding = {"content-encoding": "gzip"} if says.gzip else {}
            await _write(writer, _head(200, "application/json", len(packed), **coding) + packed, says)
            return True
        return await self._stream(sent.path, asked, says, reader, writer)

    async def _stream(
        self, path: str, asked: Mapping[str, Any], says: Say, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        coding = {"content-encoding": "gzip"} if says.gzip else {}
        writer.write(_head(200, "text/event-stream", None, **coding))
        packer = gzip.GzipFile(fileobj=(packed := _Pipe()), mode="wb") if says.gzip else None
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            for frame in _frames(path, asked, says):
                data = frame.replace(b"\n", b"\r\n") if says.crlf else frame
                if packer is not None:
                    packer.write(data)
                    packer.flush()
                    data = packed.take()
                for piece in _cut(data, says.bytes):
                    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    await writer.drain()
                    await asyncio.sleep(0)
                await asyncio.wait([leaving], timeout=says.pause or 0.0001)
                if leaving.done() or writer.is_closing():
                    self.left.set()
                    return False
            if says.breaks is not None and says.breaks.how == "reset":
                writer.transport.abort()
                return False
            if says.breaks is not None and says.breaks.how == "close":
                return False
            if packer is not None:
                packer.close()
                if rest := packed.take():
                    writer.write(b"%x\r\n%b\r\n" % (len(rest), rest))
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        except ConnectionError:
            self.left.set()
            return False
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
        return False


class _Pipe:
    """What a compressor wrote since it was last looked at."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Keep nothing back."""

    def take(self) -> bytes:
        data, self._data = bytes(self._data), bytearray()
        return data


def _frames(path: str, asked: Mapping[str, Any], says: Say) -> Iterator[bytes]:
    frames = render.stream(path, asked, says)
    spoken = 0
    for frame, speaks in frames:
        if says.comments:
            yield b": keep-alive\n\n"
        if says.breaks is not None and spoken >= says.breaks.after and (speaks or says.breaks.after == 0 or spoken):
            yield from broken(path, says)
            return
        yield frame
        spoken += speaks


def broken(path: str, says: Say) -> Iterator[bytes]:
    """Yield the frames that say, or do not say, that an answer breaks off."""
    assert says.breaks is not None
    if says.breaks.how == "garbage":
        yield b'data: {"choices": [{"delta": {"content":\n\n'
    if says.breaks.how == "error":
        fault = {"error": {"message": "scripted", "type": "server_error", "code": 500}}
        if path.endswith("/messages"):
            yield b"event: error\ndata: " + orjson.dumps({"type": "error", **fault}) + b"\n\n"
        else:
            yield b"data: " + orjson.dumps(fault) + b"\n\n"


def _inside(key: str, sent: Sent) -> bool:
    return key.encode("unicode_escape") in sent.body.lower() or orjson.dumps(key)[1:-1] in sent.body


def _cut(data: bytes, size: int | None) -> Iterator[bytes]:
    if size is None:
        if data:
            yield data
        return
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def _receive(reader: asyncio.StreamReader) -> Sent | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head.rstrip().split("\r\n")
    _, path, _ = start.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = b""
    if headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Sent(path.partition("?")[0], headers, body)


def _head(status: int, kind: str, length: int | None, **more: str) -> bytes:
    headers = {"content-type": kind, **{name.replace("_", "-"): value for name, value in more.items()}}
    headers |= {"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Scripted\r\n{lines}\r\n".encode("latin-1")


async def _whole(writer: asyncio.StreamWriter, status: int, body: bytes, **more: str) -> None:
    writer.write(_head(status, "application/json", len(body), **more) + body)
    await writer.drain()


async def _write(writer: asyncio.StreamWriter, data: bytes, says: Say) -> None:
    for piece in _cut(data, says.bytes):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
