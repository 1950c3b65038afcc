"""The system of the people to whom questions are handed over: a real HTTP server that behaves as told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.handoff.outbox import Outbox, Tries
from gateway.handoff.signature import fault_of
from gateway.handoff.webhook import Webhook
from gateway.stores.handoffs import KeptHandoffs
from gateway.stores.sql import SqlStore
from gateway.telemetry.metrics import Metrics
from kit.upstream import Answer, Received, ScriptedUpstream

SECRET = bytes(range(32))
ENCODED = base64.b64encode(SECRET).decode()

TAKEN = Answer((b"",), 204, framing="length")
BROKEN = Answer((b"no",), 500)
SILENT = Answer((30.0,), then="stall", framing="raw")


@dataclass(slots=True)
class People:
    """Tickets of a gateway, and the server that is told of them.

    Attributes:
        outbox: Tells it.
        kept: Where the tickets are.
        metrics: What was counted.
        upstream: The server.
    """

    outbox: Outbox
    kept: KeptHandoffs
    metrics: Metrics
    upstream: ScriptedUpstream
    clock: Callable[[], float] = field(default=time.time)

    @property
    def told(self) -> list[dict[str, Any]]:
        """What the server was told, each message checked for its signature first."""
        for one in self.upstream.requests:
            assert fault_of(SECRET, one.headers, one.body, time.time()) == ""
        return [one.json for one in self.upstream.requests]

    @property
    def requests(self) -> list[Received]:
        """What came, as it came."""
        return self.upstream.requests

    async def until(self, ticket: str, state: str, seconds: float = 10.0) -> None:
        """Wait until a ticket is in a state."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = await self.outbox.find(ticket)
            if found is not None and found.state == state:
                return
            await asyncio.sleep(0.01)
        raise AssertionError((ticket, state, await self.outbox.find(ticket)))


def outbox(database: str, url: str, *, clock: Callable[[], float] = time.time, **more: Any) -> People:
    """Return tickets in a database that are told to the server at ``url``; nothing runs yet."""
    said: dict[str, Any] = {"most": 3, "base": 0.02, "longest": 0.05, "seconds": 0.3, **more}
    metrics, kept = Metrics(), KeptHandoffs(SqlStore(database, clock), clock)
    tell = Webhook(url, SECRET, said["seconds"], time.time).tell
    made = Outbox(
        kept,
        tell,
        Tries(**said),
        opened=lambda ticket: ticket.question,
        clock=clock,
        random=lambda: 0.5,
        counters=metrics,
    )
    return People(made, kept, metrics, None, clock)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def people(folder: Path, *answers: Answer, run: bool = True, **more: Any) -> AsyncIterator[People]:
    """Tickets in a new database, told to a server with these answers, the last of them again and again."""
    async with ScriptedUpstream(*(answers or (TAKEN,))) as upstream:
        made = outbox(f"sqlite:///{folder}/tickets.db", f"{upstream.url}/tickets", **more)
        made.upstream = upstream
        running = asyncio.create_task(made.outbox.run()) if run else None
        try:
            yield made
        finally:
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            await made.outbox.aclose()


def message(**said: Any) -> bytes:
    """A body."""
    return orjson.dumps(said)
