"""Clients that dribble, flood or never read are let go of; those that are only slow are not.

Mutants killed: no clock for a head; bytes that belong to no request stop every clock; no limit for the
size of a head, of a trailer, of a chunk's extension; an answer of 408 in the middle of another answer; no
clock for a body after its answer; no clock for an answer that is not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

import orjson
import pytest
import uvicorn
from kit.asking import chat
from kit.gateway import parts
from kit.plans import plan
from uvicorn.server import ServerState

from gateway.providers.echo import Echo
from gateway.server.protocol import PatientHttp
from gateway.settings.schema import Limits
from gateway.stores.memory import MemoryRecords
from gateway.wiring import assemble

BODY = orjson.dumps(chat("你好"))


class Hasty(PatientHttp):
    """The same with little patience."""

    head_seconds = 0.1
    stall_seconds = 0.1
    most_head = 2048


class Server:
    """A gateway behind the hasty protocol; speaks to it byte by byte."""

    def __init__(self, delay: float = 0.0) -> None:
        self.records = MemoryRecords()
        providers = {"echo": Echo("echo", clock=time.time, delay=delay)}
        made = parts(plan(), providers, records=self.records, limits=Limits(body_bytes=300_000, body_seconds=0.3))
        self._config = uvicorn.Config(assemble(made), log_level="critical", ws="none")
        self._config.load()
        self._state = ServerState()
        self.port = 0

    @property
    def connections(self) -> list[Any]:
        return list(self._state.connections)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        """Serve without uvicorn's own server, whose start and stop take a fifth of a second."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Hasty(self._config, self._state, {}), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for connection in self.connections:
                connection.transport.abort()
            while self._state.tasks or self._state.connections:
                await asyncio.sleep(0.002)

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()


def head(**headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n{lines}\r\n".encode()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := await asyncio.wait_for(reader.read(65536), 5):
            got += piece
    return got


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: Iterable[bytes]) -> bytes:
    """Write for as long as the server takes it; return what it says."""
    ended = asyncio.create_task(rest(reader))
    for piece in pieces:
        if ended.done():
            break
        writer.write(piece)
        await asyncio.sleep(0.002)
    return await ended


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """One response with a length."""
    lines = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = int(lines.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return int(lines.split(b" ")[1]), await reader.readexactly(length)


@pytest.mark.parametrize(
    "said",
    [b"", b"\r\n", b"POST", b"POST /v1/chat/completions HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nx-slow: ", b"GET / HT"],
)
async def test_a_head_that_does_not_come_is_not_waited_for(said: bytes) -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(said)
        got = await rest(reader)
    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in got


async def test_a_head_that_dribbles_is_not_waited_for() -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        ended = asyncio.create_task(rest(reader))
        for character in head(x_slow="x" * 500):
            if ended.done():
                break
            writer.write(bytes([character]))
            await asyncio.sleep(0.005)
        assert (await ended).startswith(b"HTTP/1.1 408 ")


async def test_an_answered_connection_is_not_kept_by_bytes_that_are_no_request() -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(head(content_length=str(len(BODY))) + BODY)
        assert (await answer(reader))[0] == 200
        writer.write(b"\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_kept_connection_takes_one_request_after_the_other_with_pauses_between() -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        for pause in (0.15, 0.15, 0.0):
            writer.write(head(content_length=str(len(BODY))))
            await asyncio.sleep(pause)  # the body is slower than a head may be, and that is well
            writer.write(BODY)
            assert (await answer(reader))[0] == 200
            await asyncio.sleep(pause)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET /healthz HTTP/1.1\r\nx-much: ", *[b"x" * 1000] * 10],
        [b"GET /healthz HTTP/1.1\r\n", *[b"x-much: y\r\n" * 100] * 10],
        [b"GET /" + b"x" * 3000],
        [b"\r\n" * 2000],
    ],
)
async def test_a_head_without_end_is_refused(pieces: list[bytes]) -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        assert (await flood(reader, writer, pieces)).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(("first", "more"), [(b"5;", b"x" * 1000), (b"0\r\n", b"x-trailer: y\r\n" * 100)])
async def test_what_stands_between_the_pieces_of_a_body_is_limited_too(first: bytes, more: bytes) -> None:
    server = Server()
    async with server.running(), server.connected() as (reader, writer):
        writer.write(head(transfer_encoding="chunked") + b"1\r\n{\r\n" + first)
        assert await flood(reader, writer, [more] * 20) == b""
    assert [record.outcome for record in server.records.records] == ["client_gone"]


async def test_a_body_of_many_small_chunks_is_taken() -> None:
    text = orjson.dumps(chat("字" * 3000))
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(head(transfer_encoding="chunked"))
        for byte in text:
            writer.write(b"1\r\n%c\r\n" % byte)
        writer.write(b"0\r\n\r\n")
        status, body = await answer(reader)
    assert status == 200
    assert "字" * 3000 in body.decode()


async def test_half_a_head_behind_a_request_never_breaks_into_its_answer() -> None:
    body = orjson.dumps(chat("一 二 三 四 五", stream=True))
    async with Server(delay=0.03).running() as server, server.connected() as (reader, writer):
        writer.write(head(content_length=str(len(body))) + body + b"POST /v1")
        got = await rest(reader)
    assert got.startswith(b"HTTP/1.1 200 ")
    assert b"408" not in got


async def test_a_body_that_is_slow_is_answered_and_its_connection_closed() -> None:
    server = Server()
    async with server.running(), server.connected() as (reader, writer):
        writer.write(head(content_length="1000") + b"{")
        got = await rest(reader)
    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in got
    assert b'"code":"request_timeout"' in got
    assert [record.error for record in server.records.records] == ["request_timeout"]


async def test_a_client_that_finishes_its_refused_upload_keeps_its_connection() -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(head(content_length="400000"))
        assert (await answer(reader))[0] == 413
        writer.write(b"x" * 400_000)
        writer.write(head(content_length=str(len(BODY))) + BODY)
        assert (await answer(reader))[0] == 200


@pytest.mark.parametrize("answered", [b"", b"x" * 310_000])
async def test_a_client_that_goes_on_and_on_after_its_answer_is_let_go(answered: bytes) -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(head(transfer_encoding="chunked") if answered else head(content_length="100000000"))
        if answered:
            writer.write(b"%x\r\n%b\r\n" % (len(answered), answered))
        assert (await answer(reader))[0] == 413
        ended = asyncio.create_task(rest(reader))
        while not ended.done():
            writer.write(b"1\r\nx\r\n")
            await asyncio.sleep(0.01)
        assert await ended == b""


async def test_a_client_that_never_reads_its_answer_is_let_go_and_recorded() -> None:
    server = Server()
    body = orjson.dumps(chat("字 " * 40_000, stream=True))
    async with server.running():
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.sendall(head(content_length=str(len(body))) + body)
            deadline = time.monotonic() + 20
            while not server.records.records and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            assert server.records.records, "the client is still there and was not let go of"
    assert [(record.outcome, record.client_gone) for record in server.records.records] == [("client_gone", True)]


async def test_a_client_that_reads_again_in_time_keeps_its_connection() -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(head(content_length=str(len(BODY))))
        await asyncio.sleep(0.02)
        (connection,) = server.connections
        connection.pause_writing()  # as the transport does when its buffer is full
        await asyncio.sleep(0.05)
        connection.resume_writing()
        await asyncio.sleep(0.15)
        writer.write(BODY)
        assert (await answer(reader))[0] == 200


@pytest.mark.parametrize(("length", "said"), [(len(BODY), [100, 200]), (400_000, [413])])
async def test_who_asks_before_sending_a_body_is_told_before(length: int, said: list[int]) -> None:
    async with Server().running() as server, server.connected() as (reader, writer):
        writer.write(head(content_length=str(length), expect="100-continue"))
        got = [int((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])]
        if got == [100]:
            writer.write(BODY)
            got.append((await answer(reader))[0])
    assert got == said
