"""Take connections as they come: a loop that is busy takes many at once, not one in each of its rounds.

uvloop takes one new connection in each round of its loop (libuv 1.46 and later). Under load a round is long, for
it serves every stream that has something to say; then whoever comes anew, a probe of Kubernetes too, would wait
for as many rounds as others wait before it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final, cast

import uvloop

AT_ONCE: Final = 32
"""Connections that are taken in one round, besides the loop's own: several workers share them out."""


class Loop(uvloop.Loop):
    """An event loop whose servers take many connections in one round."""

    async def create_server(self, protocol_factory: Callable[[], Any], *args: Any, **named: Any) -> Any:
        """Make a server as the loop itself does. Encrypted ones take connections as the loop itself does."""
        server = await super().create_server(protocol_factory, *args, **named)
        return server if named.get("ssl") else _Server(self, cast(asyncio.Server, server), protocol_factory)


class _Server:
    """A server, and what takes more connections for it.

    Args:
        loop: Runs it.
        server: The loop's own.
        factory: Makes the protocol of a connection.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, server: asyncio.Server, factory: Callable[[], Any]) -> None:
        self._loop, self._server, self._factory = loop, server, factory
        self._taking: set[asyncio.Task[Any]] = set()
        # A descriptor of our own: the loop lets nobody read from its own one.
        self._ours = [socket.socket(fileno=socket.dup(one.fileno())) for one in server.sockets]
        for ours in self._ours:
            ours.setblocking(False)
            loop.add_reader(ours.fileno(), self._take, ours)

    @property
    def sockets(self) -> Any:
        """The sockets that listen."""
        return self._server.sockets

    def close(self) -> None:
        """Take no more connections."""
        ours, self._ours = self._ours, []
        for one in ours:
            self._loop.remove_reader(one.fileno())
            one.close()
        self._server.close()

    async def wait_closed(self) -> None:
        """Wait until it is closed."""
        await self._server.wait_closed()

    def _take(self, ours: socket.socket) -> None:
        """Take what waits; the loop may have been faster, or another process."""
        for _ in range(AT_ONCE):
            try:
                taken, _address = ours.accept()
            except OSError:  # nobody waits; or there are too many open files, which the loop itself tells
                return
            taken.setblocking(False)
            if taken.family in (socket.AF_INET, socket.AF_INET6):
                taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = self._loop.create_task(self._serve(taken))
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)

    async def _serve(self, taken: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._factory, taken)
        except OSError:  # gone before it was served
            taken.close()


def make_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop."""
    return Loop()
