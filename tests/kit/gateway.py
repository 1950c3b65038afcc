"""A gateway on a real loopback port, made of given parts, in the loop of the test."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import uvicorn
from uvicorn.server import ServerState

from gateway.pipeline.seen import RecentlySeen
from gateway.policy.plan import Plan
from gateway.ports import Handoffs, Ports, Provider, Records, Route
from gateway.privacy.keys import Keyring, conversation_keys
from gateway.providers.echo import Echo
from gateway.providers.routing import Routing
from gateway.server.protocol import PatientHttp
from gateway.settings import Settings
from gateway.settings.schema import Limits
from gateway.stores.memory import MemoryRecords
from gateway.telemetry.metrics import Metrics
from gateway.wiring import Parts, assemble


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that serves.

    Attributes:
        url: Where, without a path.
        records: What was recorded, where records are kept in memory.
        metrics: What was counted.
        parts: What it is made of.
    """

    url: str
    records: MemoryRecords
    metrics: Metrics
    parts: Parts

    async def recorded(self, count: int, seconds: float = 5.0) -> None:
        """Wait until ``count`` records are there: they are written after the answer."""
        deadline = time.monotonic() + seconds
        while len(self.records.records) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        assert len(self.records.records) == count


def parts(
    plan: Plan,
    providers: Mapping[str, Provider] | None = None,
    *,
    records: Records | None = None,
    limits: Limits | None = None,
    keys: tuple[str, ...] = (),
    producer: str | None = "sluice-test",
    ring: Keyring | None = None,
    handoffs: Handoffs | None = None,
    handoff_secret: bytes = b"",
) -> Parts:
    """Parts with an echo model and records in memory, where nothing else is given."""
    routes = {name: Route(name, provider, name) for name, provider in (providers or {}).items()}
    routing = Routing(routes or {"echo": Route("echo", Echo("echo", clock=time.time), "echo")})
    metrics = Metrics()
    numbers = itertools.count(1)
    ports = Ports(
        resolve=routing.resolve,
        records=records or MemoryRecords(),
        counters=metrics,
        clock=time.time,
        ticker=time.perf_counter,
        ids=lambda: f"TEST{next(numbers):022d}",
        seen=RecentlySeen(),
        producer=producer,
        keys=conversation_keys(ring) if ring else None,
        handoffs=handoffs,
    )
    settings = Settings(limits=limits or Limits())
    return Parts(
        settings,
        lambda: plan,
        routing,
        tuple((providers or {}).values()),
        ports,
        metrics,
        keys,
        handoff_secret=handoff_secret,
    )


@contextlib.asynccontextmanager
async def serving(made: Parts) -> AsyncIterator[Running]:
    """Serve on a free port while the block runs.

    Without uvicorn's own server, whose start and stop take a fifth of a second; tests that start a
    process see that one too.
    """
    app = assemble(made)
    config = uvicorn.Config(app, log_level="error", access_log=False, ws="none")
    config.load()
    state = ServerState()
    async with made.running(app):
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: PatientHttp(config, state, {}), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        records = made.ports.records
        kept = records if isinstance(records, MemoryRecords) else MemoryRecords()
        try:
            yield Running(f"http://127.0.0.1:{port}", kept, made.metrics, made)
        finally:
            server.close()
            for connection in list(state.connections):
                connection.shutdown()
            deadline = time.monotonic() + 5
            while (state.tasks or state.connections) and time.monotonic() < deadline:
                await asyncio.sleep(0.001)
            for task in list(state.tasks):
                task.cancel()
            await asyncio.gather(*state.tasks, return_exceptions=True)


def with_plan(made: Parts, plan: Plan) -> Parts:
    """The same parts under another plan."""
    return replace(made, plan=lambda: plan)
