"""Whatever bytes come to OpenAI's other endpoints: an answer or an error in the envelope, never 500, one record each.

Mutants killed: a check of a type removed from a dialect; a shape that a translation takes for granted.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.asgi import ask
from kit.asking import Seen
from kit.fuzz import changed, damaged, quick, trees
from kit.gateway import parts
from kit.plans import LABEL, pattern, plan, rule, side

from gateway.policy.plan import LabelPlan, RecordPlan
from gateway.settings import Settings
from gateway.settings.schema import Limits
from gateway.stores.memory import MemoryRecords
from gateway.wire import forms
from gateway.wiring import assemble, turns_of

SIDE = side(
    {"drug": pattern("drug", "贩毒|毒品"), "number": pattern("number", "[0-9]{6,9}")},
    [rule("drug", "refuse"), rule("number", "mask")],
)
PLAN = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True), record=RecordPlan(text="masked"))
RECORDS = MemoryRecords()
MADE = parts(PLAN, records=RECORDS, limits=Limits(body_bytes=16 * 2**20))
APP = assemble(replace(MADE, turns=turns_of(Settings(), {}, None)))

RESPONSES: dict[str, Any] = {
    "model": "echo",
    "instructions": "你是助手",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "号码 123456"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "想"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "好", "annotations": []}]},
        {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": '{"q": "x"}'},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "工具"}]},
        {"role": "user", "content": "继续 go on"},
    ],
    "tools": [{"type": "function", "name": "f", "description": "查", "parameters": {"type": "object"}}],
    "tool_choice": {"type": "function", "name": "f"},
    "reasoning": {"effort": "low"},
    "text": {"format": {"type": "text"}},
    "max_output_tokens": 50,
    "metadata": {"a": "b"},
    "user": "u1",
    "stream": True,
}
FULL: dict[str, dict[str, Any]] = {
    "/v1/responses": RESPONSES,
    "/v1/completions": {
        "model": "echo", "prompt": ["号码 123456", "x"], "suffix": "后", "n": 2, "echo": True, "stream": False,
        "stream_options": {"include_usage": True}, "max_tokens": 5, "hint": {"a": "b"},
    },
    "/v1/embeddings": {"model": "echo", "input": ["号码 123456", "x"], "dimensions": 3, "task": "query", "user": "u"},
    "/v1/moderations": {"model": "m", "input": [{"type": "text", "text": "毒品"}, {"type": "image_url"}]},
}  # fmt: skip
paths = st.sampled_from(list(FULL))


def answer(raw: bytes, path: str) -> Seen:
    """Ask once and check what every answer has."""
    RECORDS.records.clear()
    seen = asyncio.run(ask(APP, raw, path=path))
    assert seen.status == 200 or 400 <= seen.status < 500, seen.body[:300]
    if seen.status != 200:
        assert set(seen.json["error"]) == {"message", "type", "param", "code"}
        assert seen.json["error"]["code"]
    elif seen.headers["content-type"].startswith("text/event-stream"):
        assert seen.body.endswith(b"\n\n")
        assert b'"error":{' not in seen.body
    else:
        assert seen.json
    (record,) = RECORDS.records
    assert record.id == seen.headers["x-sluice-request-id"]
    assert record.status == seen.status
    return seen


FIELDS = (
    forms.Field("model", b"echo"),
    forms.Field("prompt", "号码 123456".encode()),
    forms.Field("file", b"RIFF", ".wav", "audio/wav", True),
    forms.Field("image", b"PNG", ".png", "image/png", True),
    forms.Field("stream", b"false"),
)
FORM = forms.write(forms.Form(FIELDS, "b0"), {})
TAKING_FORMS = ["/v1/audio/transcriptions", "/v1/audio/translations", "/v1/images/edits", "/v1/images/variations"]


@quick
@given(damaged(FORM), st.sampled_from(TAKING_FORMS))
def test_any_damage_to_a_form_is_answered(raw: bytes, path: str) -> None:
    answer(raw, path)


@pytest.mark.parametrize("path", TAKING_FORMS)
def test_bodies_that_are_no_forms_are_told(path: str) -> None:
    assert answer(b'{"model": "echo"}', path).json["error"]["code"] == "invalid_form"
    assert answer(FORM, path).status == 404  # the demonstration model neither hears nor changes pictures


@pytest.mark.parametrize("path", list(FULL))
def test_the_full_body_is_answered(path: str) -> None:
    # The demonstration model completes by way of a chat, which has one prompt.
    assert answer(orjson.dumps(FULL[path]), path).status == (400 if path == "/v1/completions" else 200)


@quick
@given(st.binary(max_size=300), paths)
def test_any_bytes_are_answered(raw: bytes, path: str) -> None:
    assert answer(raw, path).status == 400


@quick
@given(trees, paths)
def test_any_json_is_answered(tree: Any, path: str) -> None:
    answer(json.dumps(tree).encode(), path)


@settings(quick, max_examples=50 * len(FULL))
@given(st.data(), paths)
def test_any_change_to_a_valid_body_is_answered(data: st.DataObject, path: str) -> None:
    answer(json.dumps(data.draw(changed(FULL[path]))).encode(), path)


@quick
@given(st.data(), paths)
def test_any_damage_to_the_bytes_of_a_valid_body_is_answered(data: st.DataObject, path: str) -> None:
    answer(data.draw(damaged(orjson.dumps(FULL[path]))), path)
