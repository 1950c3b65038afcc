from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from kit.records import FULL, HIT, plain
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from gateway.exchange import Record
from gateway.stores.memory import MemoryRecords
from gateway.telemetry.spans import MOST_EVENTS, TracedRecords, exchange_span
from gateway.verdict import Verdict


def span_of(record: Record) -> ReadableSpan:
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    exchange_span(provider.get_tracer("sluice"), record)
    (span,) = exporter.get_finished_spans()
    return span


def test_a_span_tells_an_exchange_from_start_to_end() -> None:
    span = span_of(FULL)
    assert span.name == "chat qwen-max"
    assert span.kind == SpanKind.SERVER
    assert (span.start_time, span.end_time) == (1_790_000_000_125_000_000, 1_790_000_001_500_000_000)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "dashscope",
        "gen_ai.request.model": "qwen-max",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 2**40,
        "http.response.status_code": 200,
        "error.type": "upstream_broke",
        "sluice.exchange.id": FULL.id,
        "sluice.dialect": "chat",
        "sluice.tenant": "acme",
        "sluice.key": "front-desk",
        "sluice.policy": "clinic",
        "sluice.plan": FULL.plan,
        "sluice.outcome": "stopped",
        "sluice.reply": "safe",
        "sluice.label": "start",
        "sluice.overhead_ms": 1.75,
        "sluice.client_gone": True,
        "sluice.unjudged_parts": 1,
        "sluice.errors": 1,
        "sluice.stage_ms.receive": 0.125,
        "sluice.stage_ms.screen": 1.5,
    }


def test_each_rule_that_fired_is_an_event_once() -> None:
    other = replace(HIT, rule="no-drugs", action="refuse", risk="illegal.drugs")
    span = span_of(plain(1, request=Verdict("mask", (HIT, HIT)), response=Verdict("refuse", (other,))))
    assert [(event.name, dict(event.attributes or {})) for event in span.events] == [
        (
            "sluice.guardrail",
            {
                "sluice.side": side,
                "sluice.policy": "default",
                "sluice.plan": "0" * 64,
                "sluice.rule": rule,
                "sluice.action": action,
                "sluice.risk": risk,
                "sluice.score": 0.75,
                "sluice.detector": "china",
            },
        )
        for side, rule, action, risk in [
            ("request", "mask-phones", "mask", "pii.phone"),
            ("response", "no-drugs", "refuse", "illegal.drugs"),
        ]
    ]


def test_a_span_has_only_so_many_events() -> None:
    hits = tuple(replace(HIT, rule=f"r{n}") for n in range(100))
    assert len(span_of(plain(1, request=Verdict("mask", hits))).events) == MOST_EVENTS


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("answered", StatusCode.UNSET),
        ("replied", StatusCode.UNSET),
        ("client_gone", StatusCode.UNSET),
        ("upstream_error", StatusCode.ERROR),
        ("error", StatusCode.ERROR),
    ],
)
def test_only_failures_are_errors(outcome: str, status: StatusCode) -> None:
    assert span_of(plain(1, outcome=outcome)).status.status_code == status


def test_a_clock_that_went_back_makes_no_negative_span() -> None:
    span = span_of(plain(1, received=100.0, finished=99.0))
    assert span.start_time == span.end_time == 100_000_000_000


def test_no_text_of_a_user_is_in_a_span() -> None:
    words = "密语 secret words"
    record = plain(
        *(1,),
        model=words,
        user=words,
        tenant=words,
        key=words,
        upstream=words,
        error=words,
        policy=words,
        dialect=words,
        label=words,
        stages={words: 1.0},
        request=Verdict("mask", (replace(HIT, rule=words, risk=words, detector=words),), (words,), (words,)),
        request_text=words,
        response_text=words,
        text_mode="masked",
    )
    assert "secret" not in span_of(record).to_json()
    assert "密语" not in span_of(record).to_json()
    assert span_of(record).name == "other other"


@pytest.mark.parametrize(
    ("dialect", "operation"),
    [("chat", "chat"), ("messages", "chat"), ("completions", "text_completion"), ("images", "images")],
)
def test_the_operation_is_named_as_the_convention_names_it(dialect: str, operation: str) -> None:
    assert span_of(plain(1, dialect=dialect)).name == f"{operation} m"


def test_a_record_is_kept_and_then_traced() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    memory = MemoryRecords(capacity=1)
    records = TracedRecords(memory, provider.get_tracer("sluice"))
    assert [records.admit(), records.admit()] == [True, False]
    anyio.run(records.append, FULL)
    assert memory.records == [FULL]
    assert [span.name for span in exporter.get_finished_spans()] == ["chat qwen-max"]


def test_there_is_a_tracer_only_where_a_provider_is_configured() -> None:
    code = """
        from gateway.telemetry.spans import configured_tracer
        print(configured_tracer("1.0"))
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        trace.set_tracer_provider(TracerProvider())
        print(type(configured_tracer("1.0")).__name__)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.split() == ["None", "Tracer"]
