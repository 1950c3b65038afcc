"""Where an Anthropic request holds text, and that nothing else of it changes.

Mutants killed: a place that is not read; a part that nobody can read and nobody names; an old turn taken for the
present one; arguments written back as a text; numbers that lose digits.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.garbage import left_behind
from kit.messages import body, text_block

from gateway.errors import RequestError
from gateway.wire.messages import CountTokens, Messages

MESSAGES = Messages()


def read(*messages: Any, **more: Any) -> Any:
    return MESSAGES.read(orjson.dumps(body(*messages, **more)))


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


SLOTS: list[tuple[str, dict[str, Any], list[tuple[str, str, str, str]]]] = [
    ("a text", {"messages": ["你好 world"]}, [("messages[0].content", "user", "content", "你好 world")]),
    ("system", {"messages": ["x"], "system": "你是"}, [("system", "system", "content", "你是")]),
    (
        "system in blocks",
        {"messages": ["x"], "system": [text_block("你是"), text_block("a helper")]},
        [("system[0].text", "system", "content", "你是"), ("system[1].text", "system", "content", "a helper")],
    ),
    (
        "thinking",
        {"messages": ["x", assistant({"type": "thinking", "thinking": "想", "signature": "S"}), "y"]},
        [("messages[1].content[0].thinking", "assistant", "reasoning", "想")],
    ),
    (
        "a call",
        {"messages": ["x", assistant({"type": "tool_use", "id": "t", "name": "f", "input": {"城": 1, "b": "c"}}), "y"]},
        [
            ("messages[1].content[0].input", "assistant", "arguments", '{"城":1,"b":"c"}'),
            ("messages[1].content[0].name", "assistant", "name", "f"),
        ],
    ),
    (
        "a result",
        {"messages": [user({"type": "tool_result", "tool_use_id": "t", "content": "晴 sunny"})]},
        [("messages[0].content[0].content", "tool", "content", "晴 sunny")],
    ),
    (
        "a result in blocks",
        {"messages": [user({"type": "tool_result", "tool_use_id": "t", "content": [text_block("晴")]})]},
        [("messages[0].content[0].content[0].text", "tool", "content", "晴")],
    ),
    (
        "a document",
        {"messages": [user({"type": "document", "title": "题", "source": {"type": "text", "data": "文"}})]},
        [
            ("messages[0].content[0].title", "user", "content", "题"),
            ("messages[0].content[0].source.data", "user", "content", "文"),
        ],
    ),
    (
        "a document in blocks",
        {"messages": [user({"type": "document", "source": {"type": "content", "content": [text_block("文")]}})]},
        [("messages[0].content[0].source.content[0].text", "user", "content", "文")],
    ),
    (
        "a search result",
        {"messages": [user({"type": "search_result", "title": "题", "source": "u", "content": [text_block("文")]})]},
        [
            ("messages[0].content[0].source", "tool", "content", "u"),
            ("messages[0].content[0].title", "tool", "content", "题"),
            ("messages[0].content[0].content[0].text", "tool", "content", "文"),
        ],
    ),
    (
        "a tool",
        {"messages": ["x"], "tools": [{"name": "f", "description": "查 look", "input_schema": {"城市": "q"}}]},
        [
            ("tools[0]", "system", "definition", "f"),
            ("tools[0]", "system", "definition", "查 look"),
            ("tools[0].input_schema[0]", "system", "name", "城市"),
            ("tools[0]", "system", "definition", "q"),
        ],
    ),
    ("a field nobody knows", {"messages": ["x"], "notes": "记"}, [("notes", "system", "definition", "记")]),
]


@pytest.mark.parametrize(("given_", "slots"), [row[1:] for row in SLOTS], ids=[row[0] for row in SLOTS])
def test_every_text_is_a_slot(given_: dict[str, Any], slots: list[tuple[str, str, str, str]]) -> None:
    question = read(*given_["messages"], **{key: value for key, value in given_.items() if key != "messages"})
    found = [(slot.place, slot.role, slot.kind, slot.text) for slot in question.slots if slot.text not in "xy"]
    assert found == slots
    assert question.unread == ()


UNREAD: list[tuple[Any, str]] = [
    (user({"type": "image", "source": {"type": "url", "url": "u"}}), "messages[0].content[0]"),
    (user({"type": "document", "source": {"type": "base64", "data": "JVBE"}}), "messages[0].content[0]"),
    (user({"type": "strange", "text": "文"}), "messages[0].content[0]"),
    (assistant({"type": "redacted_thinking", "data": "密"}), "messages[0].content[0]"),
    (user({**text_block("好"), "more": "文"}), "messages[0].content[0].more"),
    ({"role": "user", "content": "x", "name": "王"}, "messages[0].name"),
    (user({"type": "tool_result", "tool_use_id": "说 明", "content": "x"}), "messages[0].content[0].tool_use_id"),
    (assistant({"type": "thinking", "thinking": "x", "signature": "a b"}), "messages[0].content[0].signature"),
]


@pytest.mark.parametrize(("message", "place"), UNREAD, ids=[place for _, place in UNREAD])
def test_what_nobody_can_read_is_named(message: Any, place: str) -> None:
    assert read(message).unread == (place,)


def test_only_the_last_turn_is_the_present_one_and_a_prefill_belongs_to_it() -> None:
    question = read(
        "一", {"role": "assistant", "content": "二"}, "三", {"role": "assistant", "content": "四"}, system="零"
    )
    assert [(slot.text, slot.current) for slot in question.slots] == [
        ("零", True),
        ("一", False),
        ("二", False),
        ("三", True),
        ("四", True),
    ]


def test_texts_that_follow_each_other_are_one_text() -> None:
    image = {"type": "image", "source": {}}
    slots = read(user(text_block("a"), text_block("b"), image, text_block("c"))).slots
    assert [slot.joined for slot in slots] == [False, True, False]


def test_changes_are_written_where_they_belong_and_all_else_stays() -> None:
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"to": "张伟"}}
    raw = orjson.dumps(body("张伟", assistant(call), "x", temperature=1)).replace(
        b'"temperature":1', b'"temperature":1.50'
    )
    question = MESSAGES.read(raw)
    changes = {
        ("messages", 0, "content"): "李雷",
        ("messages", 1, "content", 0, "input"): '{"to":"李雷","n":1.50}',
    }
    written = MESSAGES.write(question, changes, model="other")
    assert written == raw.replace('{"to":"张伟"}'.encode(), '{"to":"李雷","n":1.50}'.encode()).replace(
        "张伟".encode(), "李雷".encode()
    ).replace(b'"up"', b'"other"')


@pytest.mark.parametrize("text", ["no JSON", "[1]", '"x"'])
def test_arguments_that_are_none_any_more_are_written_as_none(text: str) -> None:
    question = read("x", assistant({"type": "tool_use", "id": "t", "name": "f", "input": {"a": "b"}}), "y")
    written = MESSAGES.write(question, {("messages", 1, "content", 0, "input"): text}, model="up")
    assert json.loads(written)["messages"][1]["content"][0]["input"] == {}


def test_nothing_to_change_leaves_the_bytes() -> None:
    raw = b' {"model":"up" ,"max_tokens":1.0e0,"messages":[{"role":"user","content":"\\u4f60"}]}'
    raw = raw.replace(b"1.0e0", b"1")
    assert MESSAGES.write(MESSAGES.read(raw), {}, model="up") == raw


def test_a_count_needs_no_limit_but_a_message_does() -> None:
    raw = orjson.dumps({"model": "up", "messages": [{"role": "user", "content": "x"}]})
    assert CountTokens().read(raw).dialect == "count_tokens"
    with pytest.raises(RequestError, match="max_tokens must be an integer, got nothing"):
        MESSAGES.read(raw)


@pytest.mark.parametrize("more", [{"output_config": {"format": {"type": "json_schema"}}}, {"output_format": {"x": 1}}])
def test_structured_output_is_no_prose(more: dict[str, Any]) -> None:
    assert not read("x", **more).plain
    assert read("x").plain


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["text", "tool_result", "document", "thinking", "tool_use", "search_result"])), trees)
def test_any_block_is_read_or_refused_with_its_place(forms: list[str], tree: Any) -> None:
    blocks = [{"type": form, "text": "x", "content": tree, "source": tree, "input": tree} for form in forms]
    param: str | None = "messages[0]"
    try:
        read(user(*blocks))
    except RequestError as error:
        param = error.param
    assert str(param).startswith("messages[0]")


def test_reading_a_request_leaves_nothing_for_the_collector() -> None:
    raw = orjson.dumps({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "你好"}]})
    with left_behind() as left:
        Messages().read(raw)
    assert left == set()
