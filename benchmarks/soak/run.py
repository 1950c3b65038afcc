"""One run: start model and gateway, let clients ask for as long as wanted, let them go, count what is left."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import sys
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import orjson

from benchmarks.soak.asks import ask, filling
from benchmarks.soak.clients import PATIENCE, Clients
from benchmarks.soak.promises import After, Soaked
from benchmarks.soak.records import rows
from benchmarks.soak.scripts import PIECE
from benchmarks.soak.watch import Sample, connections, gauge, sockets
from benchmarks.speed.servers import Server, started
from benchmarks.speed.texts import answer

CONFIG: Final = Path(__file__).with_name("sluice.yaml")
WARM: Final = 0.2
"""The share of a run after which memory is compared."""

_EVERY: Final = 2.0
"""Seconds between two looks at the gateway's process."""
_LETTING_GO: Final = 10.0
"""Seconds after which nothing may be left; the model closes connections on which nobody asks after two."""
_FILLING_AT_ONCE: Final = 4


async def soak(
    folder: Path,
    *,
    seconds: float,
    at_once: int,
    turns: float = inf,
    seed: int = 1,
    pace: float = 0.2,
    fill: int = 220,
    told: Callable[[Sample], None] = lambda _: None,
) -> Soaked:
    """Run, and return everything that was seen.

    Args:
        folder: An empty folder for the processes; the records are in it afterwards.
        seconds: How long clients begin new questions.
        at_once: How many clients ask at the same time.
        turns: How many questions each of them asks at most.
        seed: The same seed asks the same.
        pace: Seconds between two pieces of a streamed answer.
        fill: Requests that are sent first, to fill what the gateway remembers of texts up to its limit.
        told: Hears how the gateway stands, every two seconds.

    Raises:
        ServerError: A process did not start.
    """
    soaked = Soaked(seed, seconds, WARM * seconds, at_once, fill)
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(
            started(
                "model", [sys.executable, "-m", "benchmarks.soak.upstream", str(pace)], folder=folder, processor=None
            )
        )
        gateway = stack.enter_context(_gateway(folder, model, seed))
        before = await asyncio.to_thread(_ready, gateway)
        lasts = pace * len(answer()) / PIECE
        async with Clients(f"http://127.0.0.1:{gateway.port}", soaked.noted, PATIENCE + lasts) as clients:
            await _fill(clients, seed, fill)
            began = monotonic()
            asking = [
                clients.keep_asking(partial(ask, seed, client, lasts=lasts), began + seconds, turns)
                for client in range(at_once)
            ]
            watching = asyncio.create_task(_watch(gateway, model, clients, soaked, began, told))
            try:
                await asyncio.gather(*asking)
            finally:
                watching.cancel()
            soaked.seconds = min(seconds, monotonic() - began)
        soaked.after = await _let_go(gateway, model, before)
        soaked.model = await asyncio.to_thread(_state, model)
    # The gateway has ended, so what it still held is written down.
    soaked.rows = rows(folder / "records.db")
    return soaked


def _gateway(folder: Path, model: Server, seed: int) -> contextlib.AbstractContextManager[Server]:
    """Start the gateway as an operator would, of this checkout."""
    key = base64.b64encode(hashlib.sha256(str(seed).encode()).digest()).decode()
    return started(
        "gateway",
        [sys.executable, "-m", "gateway", "serve", "--config", str(CONFIG), "--port", "0", "--workers", "1"],
        folder=folder,
        processor=None,
        SLUICE_UPSTREAM=f"http://127.0.0.1:{model.port}/v1",
        SLUICE_DATABASE_URL=f"sqlite:///{folder / 'records.db'}",
        SLUICE_PRIVACY_KEY=key,
    )


def _ready(gateway: Server) -> int:
    """Wait until the gateway answers; return how many sockets it has when nobody asks."""
    while not _asked(gateway, "/readyz"):
        sleep(0.05)
    while connections(gateway.port) != [0]:
        sleep(0.05)
    return sockets(gateway.pid)


async def _fill(clients: Clients, seed: int, count: int) -> None:
    """Ask long conversations, a few at a time."""
    numbers: Iterator[int] = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await clients.ask(filling(seed, number))

    await asyncio.gather(*(some() for _ in range(_FILLING_AT_ONCE)))


async def _watch(
    gateway: Server, model: Server, clients: Clients, soaked: Soaked, began: float, told: Callable[[Sample], None]
) -> None:
    while True:
        ours, theirs = connections(gateway.port, model.port)
        sample = Sample(
            at=monotonic() - began,
            rss=gateway.memory(),
            sockets=sockets(gateway.pid),
            clients=ours,
            upstream=theirs,
            under_way=clients.open,
            done=len(soaked.noted.begun) - soaked.filled,
        )
        soaked.samples.append(sample)
        told(sample)
        await asyncio.sleep(_EVERY)


async def _let_go(gateway: Server, model: Server, before: int) -> After:
    """Wait until nothing is left, at most for a while; return what is."""
    began = monotonic()
    while True:
        after = await asyncio.to_thread(_left, gateway, model, before)
        after.seconds = monotonic() - began
        if not after.left() or after.seconds > _LETTING_GO:
            return after
        await asyncio.sleep(0.5)


def _left(gateway: Server, model: Server, before: int) -> After:
    # First, for asking makes a connection.
    ours, theirs = connections(gateway.port, model.port)
    now, metrics = sockets(gateway.pid), _asked(gateway, "/metrics").decode()
    return After(
        clients=ours,
        active=gauge(metrics, "sluice_exchanges_active"),
        waiting=gauge(metrics, "sluice_records_waiting"),
        upstream=theirs,
        streams=_state(model).get("streams", -1),
        sockets=(before, now),
        lives=now > 0,
    )


def _state(model: Server) -> dict[str, int]:
    said: dict[str, int] = orjson.loads(_asked(model, "/state") or b"{}")
    return said


def _asked(server: Server, path: str) -> bytes:
    """Return what a server says at a path; nothing if it does not answer."""
    url = f"http://127.0.0.1:{server.port}{path}"
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as said:
        body: bytes = said.read()
        return body
    return b""
