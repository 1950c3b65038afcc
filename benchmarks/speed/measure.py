"""What is measured, in which order: every round visits every row, so that drift of the machine hits all alike."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

from benchmarks.speed.load import Leg, LoadError, load
from benchmarks.speed.servers import Server
from benchmarks.speed.stats import percentile
from benchmarks.speed.texts import CLAUDE, DELTAS, PACED, Dialect, Requests

TALKERS: Final = ("bare", "base")
"""Rows that are asked long conversations."""
PACERS: Final = ("bare", "empty", "base")
"""Rows that relay paced streams."""
SPEAKERS: Final = ("bare", "empty", "base")
"""Rows that are asked for streams in each dialect."""
STREAMS: Final[Mapping[str, tuple[Dialect, str]]] = {
    "chat": ("chat", "fast"),
    "responses": ("responses", "fast"),
    "messages": ("messages", CLAUDE),
    "translated": ("messages", "fast"),
}
"""Kinds of streams: how and whom to ask. Translated: asked in messages, of a model that speaks chat."""
TURNS: Final = 50
_STREAMS: Final = 8
_WARM: Final = 0.15
"""Seconds at the start of each stretch of load that do not count."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure.

    Attributes:
        rounds: How often every row is visited.
        seconds: How long each stretch of load takes.
        streams: How many paced streams each connection takes.
    """

    rounds: int
    seconds: float
    streams: int


FULL: Final = Effort(rounds=3, seconds=1.5, streams=2)
QUICK: Final = Effort(rounds=1, seconds=0.8, streams=1)


class Measurement:
    """Measures servers, and keeps one number a round of every quantity of every row.

    Args:
        servers: The rows, by name; those of ``TALKERS`` and ``PACERS`` must be there.
        effort: How much to measure.

    Attributes:
        rows: Row → quantity → its rounds: ``rps_…`` and ``sps_…`` (streams) in answers a second; ``p50_…``, ``p99_…``,
            ``first…``, ``word…`` and ``talk…`` in milliseconds; ``cpu…`` and ``delta`` in microseconds of processor
            time; ``memory`` in MB.
        asked: Requests that each row got.
    """

    def __init__(self, servers: Mapping[str, Server], effort: Effort) -> None:
        self._servers, self._effort = servers, effort
        self._numbers = itertools.count(1)
        self.rows: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in servers}
        self.asked = dict.fromkeys(servers, 0)

    @property
    def steps(self) -> int:
        """How many steps ``run`` takes."""
        return self._effort.rounds * (
            4 * len(self._servers) + 2 * len(TALKERS) + len(PACERS) + len(STREAMS) * len(SPEAKERS)
        )

    async def run(self) -> AsyncIterator[str]:
        """Measure everything; yield what was done after every step.

        Raises:
            LoadError: A server failed, or answered with an error.
        """
        for _ in range(self._effort.rounds):
            for name, stream, at_once in itertools.product(self._servers, (False, True), (1, 32)):
                await self._ordinary(name, stream=stream, at_once=at_once)
                yield f"{name}: {'streams' if stream else 'requests'}, {at_once} at once"
            for name, turns in itertools.product(TALKERS, (1, TURNS)):
                await self._talk(name, turns)
                yield f"{name}: talk of {turns} turns"
            for kind, name in itertools.product(STREAMS, SPEAKERS):
                await self._stream(name, kind)
                yield f"{name}: {kind} streams"
            for name in PACERS:
                await self._deltas(name)
                yield f"{name}: streams of {DELTAS} deltas"
            for name, server in self._servers.items():
                self.rows[name]["memory"].append(server.memory())

    async def _ordinary(self, name: str, *, stream: bool, at_once: int) -> None:
        """Requests of a usual size; of streams, what matters is the first word."""
        leg, _ = await self._load(name, Requests(self._numbers, stream=stream), at_once=at_once)
        row = self.rows[name]
        if stream:
            row[f"first50_{at_once}"].append(1e3 * percentile(leg.firsts, 0.5))
            row[f"first99_{at_once}"].append(1e3 * percentile(leg.firsts, 0.99))
            return
        row[f"rps_{at_once}"].append(leg.rate)
        row[f"p50_{at_once}"].append(1e3 * percentile(leg.times, 0.5))
        row[f"p99_{at_once}"].append(1e3 * percentile(leg.times, 0.99))

    async def _stream(self, name: str, kind: str) -> None:
        """Whole streams of one kind, as many as there can be."""
        dialect, model = STREAMS[kind]
        # The bare proxy translates nothing: it relays messages, whoever is asked.
        requests = Requests(self._numbers, stream=True, model=model, dialect=dialect)
        leg, cpu = await self._load(name, requests, at_once=32)
        row = self.rows[name]
        row[f"sps_{kind}"].append(leg.rate)
        row[f"word_{kind}"].append(1e3 * percentile(leg.firsts, 0.5))
        row[f"cpu_{kind}"].append(cpu)

    async def _talk(self, name: str, turns: int) -> None:
        """The same new words at the end of a talk; its earlier turns were judged once, before."""
        requests = Requests(self._numbers, turns=turns, private=False)
        await self._load(name, requests, at_once=1, each=2)
        leg, cpu = await self._load(name, requests, at_once=1)
        self.rows[name][f"talk_{turns}"].append(1e3 * percentile(leg.times, 0.5))
        self.rows[name][f"cpu_{turns}"].append(cpu)

    async def _deltas(self, name: str) -> None:
        """Streams whose deltas come one by one, so that none travels with another."""
        requests = Requests(self._numbers, stream=True, model=PACED)
        _, cpu = await self._load(name, requests, at_once=_STREAMS, each=self._effort.streams)
        self.rows[name]["delta"].append(cpu / DELTAS)

    async def _load(self, name: str, requests: Requests, *, at_once: int, each: float = inf) -> tuple[Leg, float]:
        """Load one server; return what was seen, and its processor time for a request in microseconds."""
        server = self._servers[name]
        before = server.cpu()
        counted = 0

        def following() -> bytes:
            nonlocal counted
            counted += 1
            return requests()

        timed = {"seconds": self._effort.seconds, "warm": _WARM} if each == inf else {"each": each}
        try:
            leg = await load(server.port, following, at_once=at_once, **timed)
        except LoadError as error:
            raise LoadError(f"{name}: {error}") from None
        self.asked[name] += counted
        if leg.failed:
            raise LoadError(f"{name}: {leg.failed} of {counted} requests failed")
        return leg, 1e6 * (server.cpu() - before) / counted
