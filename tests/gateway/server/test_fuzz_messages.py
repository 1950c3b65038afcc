"""Whatever bytes come to the Anthropic endpoints: an answer or an error in their envelope, never 500, one record each.

Mutants killed: a check of a type removed from the dialect; a shape that the translation takes for granted; an
error in another API's envelope.
"""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.asgi import ask
from kit.asking import Seen
from kit.gateway import parts
from kit.messages import body, text_block
from kit.plans import LABEL, pattern, plan, rule, side

from gateway.policy.plan import LabelPlan, RecordPlan
from gateway.settings.schema import Limits
from gateway.stores.memory import MemoryRecords
from gateway.wiring import assemble

MESSAGES = "/v1/messages"
COUNT_TOKENS = f"{MESSAGES}/count_tokens"
SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品"), "number": pattern("number", "[0-9]{6,9}")},
    [rule("drug", "refuse"), rule("number", "mask")],
)
PLAN = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True), record=RecordPlan(text="masked"))
RECORDS = MemoryRecords()
APP = assemble(parts(PLAN, records=RECORDS, limits=Limits(body_bytes=16 * 2**20)))
FULL: dict[str, Any] = body(
    {"role": "user", "content": [text_block("号码 123456"), {"type": "image", "source": {"type": "url", "url": "u"}}]},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "想", "signature": "S"},
            {"type": "tool_use", "id": "t1", "name": "f", "input": {"q": "x", "n": 123456}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": [text_block("好")]},
            {"type": "document", "title": "题", "source": {"type": "text", "media_type": "text/plain", "data": "文"}},
            {"type": "search_result", "source": "u", "title": "t", "content": [text_block("c")]},
            text_block("继续 go on"),
        ],
    },
    model="echo",
    system=[text_block("你是助手")],
    stream=True,
    tools=[{"name": "f", "description": "查", "input_schema": {"type": "object"}}],
    tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    stop_sequences=["停"],
    metadata={"user_id": "u1"},
    output_config={"effort": "low"},
    thinking={"type": "enabled", "budget_tokens": 1024},
)


def check(seen: Seen, path: str) -> None:
    """An answer, or an error that clients can read; and its record."""
    assert seen.status == 200 or 400 <= seen.status < 500, seen.body[:300]
    if seen.status != 200:
        assert seen.json["type"] == "error"
        assert set(seen.json["error"]) == {"type", "message"}
        assert seen.json["sluice"]["code"]
    elif path == COUNT_TOKENS:
        assert seen.json["input_tokens"] >= 0
    elif seen.headers["content-type"].startswith("text/event-stream"):
        assert seen.body.endswith(b'data: {"type":"message_stop"}\n\n')
        assert b"event: error" not in seen.body
    else:
        assert seen.json["type"] == "message"
    (record,) = RECORDS.records
    assert record.id == seen.headers["x-sluice-request-id"]
    assert (record.status, record.dialect) == (seen.status, "messages")


def answer(raw: bytes, path: str = MESSAGES) -> Seen:
    """Ask once and check what every answer has."""
    RECORDS.records.clear()
    seen = asyncio.run(ask(APP, raw, path=path))
    check(seen, path)
    return seen


quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
paths = st.sampled_from([MESSAGES, COUNT_TOKENS])


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    found = [at] if at else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*at, key))
    return found


PLACES = places(FULL)


def test_the_full_body_is_answered() -> None:
    assert answer(orjson.dumps(FULL)).status == 200
    assert answer(orjson.dumps(FULL), COUNT_TOKENS).status == 200


@quick
@given(st.binary(max_size=300), paths)
def test_any_bytes_are_answered(raw: bytes, path: str) -> None:
    assert answer(raw, path).status == 400


@quick
@given(trees, paths)
def test_any_json_is_answered(tree: Any, path: str) -> None:
    answer(json.dumps(tree).encode(), path)


@settings(quick, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), trees | st.just("DELETE")), min_size=1, max_size=3), paths)
def test_any_change_to_a_valid_body_is_answered(changes: list[tuple[tuple[Any, ...], Any]], path: str) -> None:
    changed = copy.deepcopy(FULL)
    for place, value in changes:
        target: Any = changed
        try:
            for key in place[:-1]:
                target = target[key]
            if value == "DELETE":
                del target[place[-1]]
            else:
                target[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    answer(json.dumps(changed).encode(), path)


@quick
@given(st.data())
def test_any_damage_to_the_bytes_of_a_valid_body_is_answered(data: st.DataObject) -> None:
    raw = bytearray(orjson.dumps(FULL))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    answer(bytes(raw))


def deep(levels: int) -> Any:
    tree: Any = 1
    for _ in range(levels):
        tree = [tree]
    return tree


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"messages": [{"role": "user", "content": [{"type": "tool_use", "id": "t", "name": "f"}]}]}, 400),
        ({"messages": [{"role": "user", "content": []}]}, 200),
        ({"messages": [{"role": "user", "content": ""}]}, 200),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 200),
        ({"tools": deep(200)}, 400),
        ({"tools": 7}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "text"}}]}]}, 400),
        ({"metadata": {"user_id": None}}, 200),
        ({"metadata": {"trace": deep(200)}}, 200),
        ({"mcp_servers": [{"url": "https://example.com"}]}, 400),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, 400),
        ({"max_tokens": 2**31}, 400),
        ({"max_tokens": True}, 400),
        ({"max_tokens": 1.5}, 400),
        ({"model": "nobody"}, 404),
    ],
)
def test_bodies_that_broke_others_are_answered(change: dict[str, Any], status: int) -> None:
    seen = answer(orjson.dumps({**body("你好", model="echo"), **change}))
    assert seen.status == status
    if status == 404:
        assert seen.json["error"]["type"] == "not_found_error"


def test_a_body_of_ten_megabytes_is_judged_to_its_end() -> None:
    seen = answer(orjson.dumps(body("字 words. " * 1_000_000 + " 毒品", model="echo")))
    assert (seen.status, seen.json["stop_reason"]) == (200, "refusal")
