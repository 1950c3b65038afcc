"""Whoever comes anew is taken soon, however long the rounds of the loop are.

Mutants killed: no reader beside the loop's own (one connection a round); the reader left behind when the server closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

import pytest

from gateway.server.accepting import AT_ONCE, make_loop


def run(main: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(main())


class Counting(asyncio.Protocol):
    made: list[asyncio.BaseTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.made.append(transport)

    def data_received(self, data: bytes) -> None:
        self.made[-1].write(data)  # type: ignore[attr-defined]


async def serving(made: list[asyncio.BaseTransport]) -> tuple[Any, int]:
    def protocol() -> Counting:
        one = Counting()
        one.made = made
        return one

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, backlog=256)
    return server, server.sockets[0].getsockname()[1]


def test_many_who_wait_are_taken_in_a_few_rounds_of_the_loop() -> None:
    async def main() -> None:
        made: list[asyncio.BaseTransport] = []
        server, port = await serving(made)
        with contextlib.ExitStack() as stack:
            for _ in range(2 * AT_ONCE):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            rounds = 0
            while len(made) < 2 * AT_ONCE and rounds < 1000:
                await asyncio.sleep(0)
                rounds += 1
            assert len(made) == 2 * AT_ONCE
            assert rounds < 12
            assert all(one.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in made)
        server.close()

    run(main)


def test_who_is_taken_is_served() -> None:
    async def main() -> None:
        server, port = await serving([])
        for _ in range(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"ping")
            assert await reader.readexactly(4) == b"ping"
            writer.close()
        server.close()

    run(main)


def test_a_server_that_is_closed_takes_nobody() -> None:
    async def main() -> None:
        made: list[asyncio.BaseTransport] = []
        server, port = await serving(made)
        server.close()
        await server.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        assert made == []

    run(main)
