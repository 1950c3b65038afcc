"""A Responses request: every text is a slot, what nobody can read is named, the rest goes on as it came.

Mutants killed: an item kind whose texts are not read; a key of a tool that hides in a slot; a role that is folded
wrongly; an earlier answer's id that goes upstream; ``store`` that is left to the vendor.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.errors import RequestError
from gateway.exchange import Question
from gateway.wire.responses import Responses


def read(said: Any = "你好", **more: Any) -> Question:
    return Responses().read(orjson.dumps({"model": "m", "input": said, **more}))


def told(question: Question) -> list[tuple[str, str, str, bool]]:
    return [(slot.place, slot.role, slot.text, slot.current) for slot in question.slots]


def text(words: str, form: str = "input_text") -> dict[str, Any]:
    return {"type": form, "text": words}


CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": '{"q": "问"}', "status": "x"}
ITEMS: list[tuple[Any, list[tuple[str, str, str, bool]], tuple[str, ...]]] = [
    ("你好", [("input", "user", "你好", True)], ()),
    ([{"role": "user", "content": "hi"}], [("input[0].content", "user", "hi", True)], ()),
    ([{"role": "developer", "content": "规则"}, {"role": "user", "content": "x"}],
     [("input[0].content", "system", "规则", True), ("input[1].content", "user", "x", True)], ()),
    ([{"type": "message", "role": "user", "content": [text("a"), text("b")]}],
     [("input[0].content[0].text", "user", "a", True), ("input[0].content[1].text", "user", "b", True)], ()),
    ([{"role": "user", "content": "旧"}, {"role": "assistant", "content": [text("答", "output_text")]},
      {"role": "user", "content": "新"}],
     [("input[0].content", "user", "旧", False), ("input[1].content[0].text", "assistant", "答", False),
      ("input[2].content", "user", "新", True)], ()),
    ([CALL, {"type": "function_call_output", "call_id": "c1", "output": "工具说"}],
     [("input[0].arguments", "assistant", '{"q": "问"}', False), ("input[0].name", "assistant", "f", False),
      ("input[1].output", "tool", "工具说", True)], ()),
    ([{"type": "function_call_output", "call_id": "c1", "output": [text("一"), {"type": "input_image"}]}],
     [("input[0].output[0].text", "tool", "一", True)], ("input[0].output[1]",)),
    ([{"type": "custom_tool_call", "call_id": "c", "name": "n", "input": "写"}],
     [("input[0].input", "assistant", "写", True), ("input[0].name", "assistant", "n", True)], ()),
    ([{"type": "reasoning", "id": "rs", "summary": [text("想", "summary_text")], "encrypted_content": "SEAL"}],
     [("input[0].summary[0].text", "assistant", "想", True)], ("input[0].encrypted_content",)),
    ([{"role": "user", "content": [{"type": "input_file", "file_id": "f"}, {"type": "smell"}]}],
     [], ("input[0].content[0]", "input[0].content[1]")),
    ([{"type": "mcp_call", "id": "m", "name": "n", "server_label": "s", "arguments": "{}", "output": "坏话"}],
     [("input[0]", "tool", "n", True), ("input[0]", "tool", "s", True), ("input[0]", "tool", "{}", True),
      ("input[0]", "tool", "坏话", True)], ()),
    ([{"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot", "image_url": "d"}}],
     [], ("input[0].output.image_url",)),
    ([{"role": "user", "content": "x", "id": "no id"}], [("input[0].content", "user", "x", True)], ("input[0].id",)),
    ([{"role": "user", "content": "x", "hint": "y"}], [("input[0].content", "user", "x", True)], ("input[0].hint",)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "slots", "unread"), ITEMS)
def test_every_text_of_the_input_is_a_slot_and_what_nobody_reads_is_named(said: Any, slots: Any, unread: Any) -> None:
    question = read(said)
    found = told(question)
    if found and found[0][0] == "input[0]":  # texts of strange items: in the order of the item
        assert sorted(found) == sorted(slots)
    else:
        assert found == slots
    assert question.unread == unread


def test_instructions_tools_and_shapes_are_read() -> None:
    tool = {"type": "function", "name": "查", "description": "描述", "parameters": {"properties": {"城市": {}}}}
    shape = {"format": {"type": "json_schema", "name": "s", "schema": {"description": "形"}}}
    question = read(instructions="规则", tools=[tool], text=shape)
    texts = {slot.text for slot in question.slots}
    assert texts >= {"规则", "查", "描述", "城市", "形"}
    assert (question.plain, question.unread) == (False, ())


def test_keys_of_servers_of_tools_are_no_text_and_what_they_bring_is_not_judged() -> None:
    tool = {
        "type": "mcp", "server_label": "内部", "server_url": "https://a/?t=1", "authorization": "sk-1",
        "headers": {"x": "sk-2"},
    }  # fmt: skip
    question = read(tools=[tool, {"type": "web_search"}], prompt={"id": "pmpt"})
    assert {"sk-1", "sk-2", "https://a/?t=1"}.isdisjoint({slot.text for slot in question.slots})
    assert question.unread == ("tools[0]", "tools[1]", "prompt")


BAD: list[tuple[dict[str, Any], str, str | None]] = [
    ({"model": ""}, "invalid_type", "model"),
    ({"input": ""}, "invalid_type", "input"),
    ({"input": []}, "invalid_type", "input"),
    ({"input": 7}, "invalid_type", "input"),
    ({"input": ["x"]}, "invalid_type", "input[0]"),
    ({"input": [{}]}, "invalid_type", "input[0].type"),
    ({"input": [{"role": "king", "content": "x"}]}, "unknown_role", "input[0].role"),
    ({"input": [{"role": "user"}]}, "invalid_type", "input[0].content"),
    ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "invalid_type", "input[0].content[0].text"),
    ({"input": [{"type": "item_reference", "id": "x"}]}, "item_reference_not_served", "input[0]"),
    ({"input": [{"type": "function_call", "arguments": {}}]}, "invalid_type", "input[0].arguments"),
    ({"input": [{"type": "reasoning", "summary": "x"}]}, "invalid_type", "input[0].summary"),
    ({"input": "x", "stream": "yes"}, "invalid_type", "stream"),
    ({"input": "x", "background": True}, "background_not_served", "background"),
    ({"input": "x", "conversation": "conv_1"}, "conversation_not_served", "conversation"),
    ({"input": "x", "previous_response_id": "resp_1"}, "previous_response_not_kept", "previous_response_id"),
    ({"input": "x", "previous_response_id": 7}, "invalid_type", "previous_response_id"),
    ({"input": "x", "instructions": ["x"]}, "invalid_type", "instructions"),
    ({"input": "x", "tools": {}}, "invalid_type", "tools"),
    ({"input": "x", "tools": ["x"]}, "invalid_type", "tools[0]"),
    ({"input": "x", "max_output_tokens": 0}, "out_of_range", "max_output_tokens"),
    ({"input": [{"role": "user", "content": "x"}] * 5000}, "too_many_messages", "input"),
]


@pytest.mark.parametrize(("body", "code", "param"), BAD)
def test_what_is_wrong_is_told_with_its_place(body: dict[str, Any], code: str, param: str | None) -> None:
    with pytest.raises(RequestError) as raised:
        Responses().read(orjson.dumps({"model": "m", **body}))
    assert (raised.value.code, raised.value.param) == (code, param)


def test_a_request_goes_on_as_it_came_but_for_what_changed() -> None:
    raw = b'{"model": "m", "input": [{"role": "user", "content": "x"}], "temperature": 0.10, "extra": {"a": 1e2}}'
    dialect = Responses()
    question = dialect.read(raw)
    assert dialect.write(question, {}, model="m") is raw
    written = dialect.write(question, {("input", 0, "content"): "y"}, model="other")
    assert orjson.loads(written) == {**orjson.loads(raw), "model": "other", "input": [{"role": "user", "content": "y"}]}
    assert b"0.10" in written
    assert b"1e2" in written


def test_where_we_keep_answers_the_vendor_keeps_none() -> None:
    dialect = Responses(keeps=True)
    question = dialect.read(orjson.dumps({"model": "m", "input": "x", "previous_response_id": "resp_1"}))
    assert orjson.loads(dialect.write(question, {}, model="m")) == {"model": "m", "input": "x", "store": False}
    raw = b'{"model": "m", "input": "x", "store": false}'
    assert dialect.write(dialect.read(raw), {}, model="m") is raw


@pytest.mark.parametrize(
    ("more", "user"),
    [({"user": "u"}, "u"), ({"safety_identifier": "s"}, "s"), ({"user": "u", "safety_identifier": "s"}, "u")],
)
def test_the_user_is_named_by_either_field(more: dict[str, Any], user: str) -> None:
    assert read(**more).user == user
