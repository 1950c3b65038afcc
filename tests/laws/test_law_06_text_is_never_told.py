"""Law 6: text is never in a log line, a span, a metric label or an exception message.

Mutants killed: an exception logged with its message; a model name or user id put into a label unchecked;
the hit text in an error body.
"""

from __future__ import annotations

import logging
from typing import Any

import orjson
import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, raising, rule, side
from kit.upstream import ScriptedUpstream, chat_json, chat_sse, events, whole
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.providers.openai_compatible import OpenAICompatible
from gateway.stores.memory import MemoryRecords
from gateway.telemetry.spans import TracedRecords

CANARY = "金丝雀zebra"
SIDE = side({"drug": pattern("drug", CANARY)}, [rule("drug", "refuse")])
BROKEN = side({"x": raising}, [rule("x", "mask", on_error="pass")])

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"properties": {CANARY: {"title": CANARY}}}}}


def _said(answer: str) -> Any:
    return whole(chat_json(answer))


@pytest.mark.parametrize(
    ("policy", "script", "body"),
    [
        (plan(SIDE), _said("好"), chat(CANARY, model="up")),
        (plan(SIDE, block="error"), _said("好"), chat(CANARY, model="up")),
        (plan(response=SIDE, block="error"), _said(CANARY), chat("问", model="up")),
        (plan(BROKEN, BROKEN), _said(CANARY), chat(CANARY, model="up")),
        (plan(), whole(b'{"no": "' + CANARY.encode() + b'"}'), chat(CANARY, model="up")),
        (plan(), events([b"data: " + CANARY.encode() + b"\n\n"]), chat(CANARY, model="up", stream=True)),
        (plan(), events(chat_sse([CANARY])[:2], then="reset"), chat(CANARY, model="up", stream=True)),
        (plan(), _said("好"), orjson.dumps(chat("问", model="up"))[:-1] + b',"' + CANARY.encode() + b'"'),
        (plan(), _said("好"), chat("问", model=CANARY)),
        (plan(), _said("好"), chat({"role": CANARY, "content": CANARY})),
        (plan(), _said("好"), chat({"role": "user", "content": {CANARY: CANARY}})),
        (plan(SIDE), _said("好"), chat("问", model="up", tools=[TOOL])),
        (plan(SIDE), _said("好"), chat("问", model="up", **{CANARY: CANARY})),
        (plan(), whole(b"{" + CANARY.encode(), 500), chat(CANARY, model="up", user=CANARY)),
    ],
)
async def test_a_canary_never_sings(policy: Any, script: Any, body: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    memory = MemoryRecords()
    async with ScriptedUpstream(script) as upstream:
        made = parts(policy, {"up": OpenAICompatible("up", upstream.url, "k")})
        records = TracedRecords(memory, provider.get_tracer("test"))
        from dataclasses import replace

        made = replace(made, ports=replace(made.ports, records=records))
        async with serving(made) as gate:
            seen = await post(gate.url, body)
    assert len(memory.records) == 1
    spans = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert spans
    told = caplog.text + spans + gate.metrics.prometheus() + repr(dict(seen.headers))
    record = memory.records[0]
    told += repr([record.error, record.request, record.response, record.stages, record.reply_name])
    if seen.status in (400, 404):
        told += seen.body.decode()  # an error says what and where, never what stood there
    for part in (CANARY, "金丝雀", "zebra", "11010519491231002X"):
        assert part not in told
        assert part.encode("unicode_escape").decode() not in told


async def test_an_internal_fault_tells_its_type_and_place_only(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty:
        name = "faulty"

        async def open(self, call: object) -> Any:
            raise ValueError(CANARY)

        async def aclose(self) -> None: ...

    async with serving(parts(plan(), {"up": Faulty()})) as gate:
        seen = await post(gate.url, chat(CANARY, model="up"))
        await gate.recorded(1)
    assert seen.status == 500
    assert gate.records.records[0].error == "internal:ValueError"
    assert "ValueError at " in caplog.text
    assert CANARY not in caplog.text + seen.body.decode()
