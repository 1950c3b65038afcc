"""Judges on real local servers: what they may reach, and how to ask them.

::

    async with ScriptedUpstream(whole(chat_json("safe"))) as server, reaching() as world:
        judge = build("llama_guard", world, model="guard", base_url=server.url)
        assert await opinions(judge, "你好") == {}
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from gateway.detectors.registry import registry
from gateway.ports import BuiltDetector, Route
from gateway.providers.routing import Routing
from gateway.telemetry.metrics import Metrics
from gateway.text import TextView
from gateway.wiring import World
from kit.upstream import Answer, chat_json, whole


class TestWorld(World):
    """A world whose clock a test can turn, with the metrics at hand."""

    __test__ = False

    def __init__(self, routes: Mapping[str, Route], environment: Mapping[str, str]) -> None:
        self.metrics = Metrics()
        numbers = itertools.count(1)
        super().__init__(
            Routing(routes).resolve,
            environment,
            self.metrics,
            clock=lambda: 1_790_000_000.0,
            ids=lambda: f"CALL{next(numbers):022d}",
        )
        self.later = 0.0
        self.ticker = lambda: time.monotonic() + self.later


@contextlib.asynccontextmanager
async def reaching(
    routes: Mapping[str, Route] | None = None, environment: Mapping[str, str] | None = None
) -> AsyncIterator[TestWorld]:
    """A world that is closed in the end."""
    world = TestWorld(routes or {}, environment or {})
    try:
        yield world
    finally:
        await world.aclose()


def build(kind: str, world: World, **options: Any) -> BuiltDetector:
    """Build a judge as a policy would."""
    return registry(world)[kind].build(options, lambda name: b"")


async def opinions(built: BuiltDetector, text: str, question: str | None = None, **more: Any) -> dict[str, float]:
    """Ask a judge about a question, or about an answer to ``question``; return the score of each risk."""
    assert built.judge is not None
    view = TextView(text, question=question or "", answer=question is not None, **more)
    scan = await built.judge(view)
    assert {finding.risk for finding in scan.findings} <= built.risks
    assert all((f.start, f.end) == (view.start, len(view.text)) for f in scan.findings)
    return {finding.risk: finding.score for finding in scan.findings}


def says(text: str | None, *, logprobs: Any = None, **fields: Any) -> Answer:
    """A whole chat completion, with the probabilities of its tokens."""
    body = orjson.loads(chat_json(text, **fields))
    body["choices"][0]["logprobs"] = logprobs
    return whole(orjson.dumps(body))


def continues(text: str, *, top: Mapping[str, float] | None = None) -> Answer:
    """A whole text completion; ``top`` are the log probabilities of candidates for its first token."""
    logprobs = {"tokens": [text], "top_logprobs": [dict(top)]} if top is not None else None
    choice = {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": "length"}
    return whole(
        orjson.dumps({"id": "c", "object": "text_completion", "created": 0, "model": "m", "choices": [choice]})
    )
