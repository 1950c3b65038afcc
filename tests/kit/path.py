"""The path without a server: a request in, what the client would get and the record out.

::

    got = await ask(plan(SIDE), chat("你好"), answer=chat_json("好"))
    assert got.seen.text() == "好"
    assert got.record.outcome == "answered"
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.errors import RequestError
from gateway.exchange import ANYONE, Caller, Question, Record
from gateway.pipeline.run import Gone, Path
from gateway.policy.plan import Plan
from gateway.ports import (
    Call,
    Clock,
    Conduct,
    Keys,
    Ports,
    Price,
    Provider,
    Quotas,
    Route,
    Seal,
    Seen,
    SubjectDigest,
)
from gateway.providers.echo import Echo
from gateway.providers.routing import Routing
from gateway.stores.memory import MemoryRecords
from gateway.telemetry.metrics import Metrics
from gateway.wire.chat import Chat
from kit.asking import Seen as Answered

EVENTS = "text/event-stream"
JSON = "application/json"
Step = bytes | BaseException


@dataclass(slots=True)
class Collected:
    """An outlet that keeps what the path sends.

    Attributes:
        pieces: The pieces of the body, as they were written.
        finished: How often the body was said to be complete.
    """

    status: int = 0
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    finished: int = 0

    async def start(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        assert self.status == 0, "started twice"
        self.status, self.content_type, self.headers = status, content_type, dict(headers)

    async def write(self, piece: bytes) -> None:
        assert self.status, "wrote before the start"
        assert not self.finished, "wrote after the end"
        self.pieces.append(piece)

    async def finish(self) -> None:
        self.finished += 1

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def seen(self) -> Answered:
        return Answered(self.status, {**self.headers, "content-type": self.content_type}, self.body)


class Said:
    """A provider that says what a test wrote; an exception among the pieces is raised there."""

    def __init__(self, *steps: Step, content_type: str = JSON, refuses: Exception | None = None) -> None:
        self.name = "said"
        self.content_type = content_type
        self._steps, self._refuses = steps, refuses
        self.calls: list[Call] = []
        self.read = 0
        self.closed = 0

    async def open(self, call: Call) -> Said:
        self.calls.append(call)
        if self._refuses:
            raise self._refuses
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        for step in self._steps:
            if isinstance(step, BaseException):
                raise step
            self.read += 1
            yield step

    async def aclose(self) -> None:
        self.closed += 1


def counting(step: float = 0.25) -> Clock:
    """A clock that goes on by ``step`` each time somebody looks."""
    ticks: Iterator[int] = itertools.count()
    return lambda: next(ticks) * step


def ports(
    provider: Provider | None = None,
    *,
    records: MemoryRecords | None = None,
    seal: Seal | None = None,
    seen: Seen | None = None,
    producer: str | None = "sluice-test",
    ticker: Clock | None = None,
    keys: Keys | None = None,
    subject: SubjectDigest | None = None,
    quotas: Quotas | None = None,
    conduct: Conduct | None = None,
    price: Price | None = None,
) -> Ports:
    """Ports with one model, ``up``, and everything else in memory."""
    numbers = itertools.count(1)
    prices = {"up": price} if price else {}
    route = Route("up", provider or Echo("echo", clock=lambda: 0.0), "upstream-model", prices=prices)
    routing = Routing({"up": route})
    return Ports(
        resolve=routing.resolve,
        records=records or MemoryRecords(),
        counters=Metrics(),
        clock=lambda: 1_790_000_000.0,
        ticker=ticker or counting(),
        ids=lambda: f"TEST{next(numbers):022d}",
        seal=seal,
        seen=seen,
        producer=producer,
        keys=keys,
        subject=subject,
        quotas=quotas,
        conduct=conduct,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One exchange through the path: what the client got, what was recorded, what was counted."""

    outlet: Collected
    records: list[Record]
    metrics: Metrics

    @property
    def seen(self) -> Answered:
        return self.outlet.seen

    @property
    def record(self) -> Record:
        assert len(self.records) == 1
        return self.records[0]


async def ask(
    plan: Plan,
    body: Mapping[str, Any] | bytes | RequestError,
    provider: Provider | None = None,
    *,
    given: Ports | None = None,
    caller: Caller = ANYONE,
    gone: Gone | None = None,
    outlet: Collected | None = None,
) -> Asked:
    """Send a request through the path."""
    made = given or ports(provider)
    raw = orjson.dumps(body) if isinstance(body, dict) else body
    assert isinstance(raw, bytes | RequestError)
    where = outlet or Collected()
    records, metrics = made.records, made.counters
    assert isinstance(records, MemoryRecords)
    assert isinstance(metrics, Metrics)
    try:
        await Path(Chat(), "/chat/completions", made).run(raw, caller, plan, where, gone or Gone())
    except Exception:
        assert records.records, "no record although the path failed"
        raise
    return Asked(where, records.records, metrics)


def question(*messages: str | Mapping[str, Any], **more: Any) -> Question:
    """A question as the chat dialect reads it; bare texts are the user's."""
    said = [{"role": "user", "content": item} if isinstance(item, str) else item for item in messages]
    return Chat().read(orjson.dumps({"model": "up", "messages": said, **more}))


def assistant(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}
