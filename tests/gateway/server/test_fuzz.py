"""Whatever bytes come: an answer or an error in the envelope, never 500, never an exception, one record each.

Mutants killed: a check of a type removed from the dialect; nesting without a limit; half a surrogate pair
let in; a digest of text that cannot be encoded; an ``except`` that leaves out ``RequestError``.
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
from kit.asking import Seen, chat
from kit.gateway import parts
from kit.plans import LABEL, pattern, plan, rule, side

from gateway.policy.plan import LabelPlan, RecordPlan
from gateway.settings.schema import Limits
from gateway.stores.memory import MemoryRecords
from gateway.wiring import assemble

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品"), "number": pattern("number", "[0-9]{6,9}")},
    [rule("drug", "refuse"), rule("number", "mask")],
)
PLAN = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True), record=RecordPlan(text="masked"))
RECORDS = MemoryRecords()
APP = assemble(parts(PLAN, records=RECORDS, limits=Limits(body_bytes=16 * 2**20)))
TOOL = {"type": "function", "function": {"name": "f", "description": "查", "parameters": {"type": "object"}}}
FULL: dict[str, Any] = chat(
    {"role": "system", "content": "你是助手"},
    {"role": "user", "content": [{"type": "text", "text": "号码 123456"}, {"type": "text", "text": "hello"}]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"q": "x"}'}}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "好"},
    {"role": "user", "content": "继续", "name": "王"},
    stream=True,
    stream_options={"include_usage": True},
    n=2,
    tools=[TOOL],
    user="u1",
    max_tokens=50,
    response_format={"type": "text"},
)


def check(seen: Seen) -> None:
    """An answer, or an error that clients can read; and its record."""
    assert seen.status == 200 or 400 <= seen.status < 500, seen.body[:300]
    if seen.status != 200:
        assert set(seen.json["error"]) == {"message", "type", "param", "code"}
        assert seen.json["error"]["code"]
    elif seen.headers["content-type"].startswith("text/event-stream"):
        assert seen.body.endswith(b"data: [DONE]\n\n")
        assert all("error" not in chunk for chunk in seen.chunks)
    else:
        assert seen.json["choices"]
    (record,) = RECORDS.records
    assert record.id == seen.headers["x-sluice-request-id"]
    assert record.status == seen.status
    assert record.outcome == ("rejected" if seen.status != 200 else record.outcome)


def answer(raw: bytes) -> Seen:
    """Ask once and check what every answer has."""
    RECORDS.records.clear()
    seen = asyncio.run(ask(APP, raw))
    check(seen)
    return seen


quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    found = [at] if at else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*at, key))
    return found


PLACES = places(FULL)


@quick
@given(st.binary(max_size=300))
def test_any_bytes_are_answered(raw: bytes) -> None:
    assert answer(raw).status == 400


@quick
@given(trees)
def test_any_json_is_answered(tree: Any) -> None:
    answer(json.dumps(tree).encode())


@settings(quick, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), trees | st.just("DELETE")), min_size=1, max_size=3))
def test_any_change_to_a_valid_body_is_answered(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    body = copy.deepcopy(FULL)
    for place, value in changes:
        target = body
        try:
            for key in place[:-1]:
                target = target[key]
            if value == "DELETE":
                del target[place[-1]]
            else:
                target[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    answer(json.dumps(body).encode())


@quick
@given(st.data())
def test_any_damage_to_the_bytes_of_a_valid_body_is_answered(data: st.DataObject) -> None:
    raw = bytearray(orjson.dumps(FULL))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    answer(bytes(raw))


@quick
@given(st.text(max_size=60), st.booleans(), st.integers(1, 3))
def test_any_text_comes_back_as_the_policy_lets_it(text: str, stream: bool, n: int) -> None:
    seen = answer(orjson.dumps(chat({"role": "user", "content": "。" + text}, stream=stream, n=n)))
    assert seen.status == 200
    assert "毒品" not in seen.text()


def deep(levels: int, inner: str = "1") -> bytes:
    return ("[" * levels + inner + "]" * levels).encode()


def with_field(field: bytes) -> bytes:
    return orjson.dumps(chat("你好"))[:-1] + b"," + field + b"}"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"\xff"', 400),
        (b"\xef\xbb\xbf{}", 400),
        (b"\x00", 400),
        (deep(100_000), 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (with_field(b'"x":' + deep(100_000)), 400),
        (with_field(b'"tools":' + deep(1_000)), 400),
        (with_field(b'"tools":' + deep(200)), 200),
        (with_field(b'"metadata":' + deep(200)), 200),
        (with_field(b'"x":"\\ud800"'), 400),
        (orjson.dumps(chat("X")).replace(b"X", b"\\udc00\\ud800"), 400),
        (orjson.dumps(chat("X")).replace(b"X", b"\xed\xa0\x80"), 400),
        (orjson.dumps(chat("X")).replace(b"X", b"\xc0\xaf"), 400),
        (orjson.dumps(chat("X")).replace(b"X", b"\\u0000"), 200),
        (orjson.dumps(chat("X")).replace(b"X", b"\x00"), 400),
        (orjson.dumps(chat("X")).replace(b"X", b"\\uFFFF\\uFFFE"), 200),
        (with_field(b'"seed":' + b"9" * 300), 200),
        (with_field(b'"seed":' + b"9" * 5_000), 400),
        (with_field(b'"temperature":1e400'), 400),
        (with_field(b'"temperature":NaN'), 400),
        (with_field(b'"n":' + b"9" * 400), 400),
        (with_field(b'"n":1e2'), 400),
        (with_field(b'"n":-1'), 400),
        (with_field(b'"n":true'), 400),
        (with_field(b'"n":129'), 400),
        (with_field(b'"stream":"true"'), 400),
        (with_field(b'"stream":1'), 400),
        (with_field(b'"model":"nobody"'), 400),
        (with_field(b'"messages":[{"role":"user","content":"x"}]'), 400),
        (with_field(b'"stream_options":[]'), 400),
        (orjson.dumps(chat("你好", model="")), 400),
        (orjson.dumps(chat("你好", model="nobody\u0000")), 404),
        (orjson.dumps(chat("你好", model="m" * 100_000)), 404),
        (orjson.dumps(chat({"role": "user"})), 200),
        (orjson.dumps(chat({"role": "user", "content": []})), 200),
        (orjson.dumps(chat({"role": "root", "content": "x"})), 400),
        (orjson.dumps(chat({"role": ["user"], "content": "x"})), 400),
    ],
)
def test_bodies_that_broke_others_are_answered(raw: bytes, status: int) -> None:
    assert answer(raw).status == status


def test_a_body_of_ten_megabytes_is_judged_to_its_end() -> None:
    text = "字 words. " * 1_000_000
    seen = answer(orjson.dumps(chat(text + " 毒品")))
    assert (seen.status, seen.reason()) == (200, "content_filter")


def test_a_thousand_messages_are_judged_to_the_last() -> None:
    turns = [{"role": role, "content": f"第{n}句 words"} for n in range(500) for role in ("user", "assistant")]
    assert answer(orjson.dumps(chat(*turns[:-1]))).status == 200
    seen = answer(orjson.dumps(chat(*turns, "毒品")))
    assert seen.reason() == "content_filter"
    too_many = answer(orjson.dumps(chat(*["x"] * 4097)))
    assert (too_many.status, too_many.json["error"]["code"]) == (400, "too_many_messages")
