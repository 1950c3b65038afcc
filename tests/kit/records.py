"""Records for tests: one that says everything, and any number of plain ones."""

from __future__ import annotations

from typing import Any

from gateway.exchange import Agreement, Attempt, Cost, Record, Unlabelled, Usage
from gateway.verdict import PASS, Hit, Verdict

HIT = Hit("mask-phones", "mask", "pii.phone", 0.75, "china", "messages[3].content[0].text", 3, 14)

FULL = Record(
    id="01JZ0000000000000000000001",
    received=1_790_000_000.125,
    finished=1_790_000_001.5,
    dialect="chat",
    tenant="acme",
    key="front-desk",
    user="u-42",
    model="qwen-max",
    upstream="dashscope",
    stream=True,
    policy="clinic",
    plan="ab" * 32,
    outcome="stopped",
    status=200,
    request=Verdict("mask", (HIT, HIT), ("judge: timeout",), ("messages[1].content[1]",), {"pii.phone": 0.75}, "m"),
    response=Verdict("refuse", (), (), (), {"illegal": 0.0}, "no-drugs"),
    reply="safe",
    reply_name="safe",
    label="start",
    usage=Usage(12, 2**40, True),
    stages={"receive": 0.125, "screen": 1.5},
    overhead_ms=1.75,
    error="upstream_broke",
    client_gone=True,
    text_mode="masked",
    request_text="user: 我的电话是***，call ***\nsecond line 😀",
    response_text="",
    unlabelled=Unlabelled(Agreement("A-2026-017", "2026-10-01"), ("cd" * 32, "ef" * 32)),
    region="cn",
    classes={"direct": 2, "pipl28": 1},
    level=4,
    cost=Cost(1_234_567, "CNY"),
    limits=("quota.unchecked", "user.illegal"),
    attempts=(Attempt("qwen/a", "429", 12.5), Attempt("qwen/b", "answered", 480.25)),
)


def plain(number: int, **changes: Any) -> Record:
    """An ordinary record: number ``n`` came at second ``n`` of the year 2027."""
    at = 1_798_761_600.0 + number
    values: dict[str, Any] = {
        "id": f"01K{number:023d}",
        "received": at,
        "finished": at + 0.5,
        "dialect": "chat",
        "tenant": "default",
        "key": "",
        "user": None,
        "model": "m",
        "upstream": None,
        "stream": False,
        "policy": "default",
        "plan": "0" * 64,
        "outcome": "answered",
        "status": 200,
        "request": PASS,
        "response": PASS,
        "reply": None,
        "reply_name": None,
        "label": "none",
        "usage": None,
        "stages": {},
        "overhead_ms": 0.5,
        "error": None,
        "client_gone": False,
    }
    return Record(**{**values, **changes})


def plains(count: int, start: int = 0) -> list[Record]:
    """So many ordinary records, numbered from ``start``."""
    return [plain(number) for number in range(start, start + count)]
