"""What a chat says, for whoever translates it: no word is left out, and what is no answer is refused by its place.

Mutants killed: a content of parts read as none; thoughts under the other name; a call whose arguments are no text;
a piece that goes on with a call after another; an end that nobody said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from kit.upstream import chat_sse, cut

from gateway.errors import RequestError, UpstreamBroke
from gateway.wire.chat_said import (
    ChatStreamReader,
    ToolCall,
    first_choice,
    impossible,
    thoughts,
    tool_calls,
    words,
)


class Told(ChatStreamReader):
    """Writes what it is told, a line each."""

    def begins(self, data: Mapping[str, Any]) -> Iterator[bytes]:
        yield b"begin\n"

    def starts(self, form: str, call: ToolCall | None) -> bytes:
        return f"start {form}{' ' + call.name if call else ''}\n".encode()

    def says(self, form: str, text: str) -> bytes:
        return f"{form}: {text}\n".encode()

    def stops(self, form: str) -> bytes:
        return f"stop {form}\n".encode()

    def ends(self, reason: str) -> Iterator[bytes]:
        yield f"end {reason} {self.usage} {self.refused}\n".encode()


def chunk(**delta: Any) -> bytes:
    return b"data: " + orjson.dumps({"choices": [{"index": 0, "delta": delta}]}) + b"\n\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("你好", "你好"),
        ([], ""),
        ([{"type": "text", "text": "你"}, {"type": "text", "text": "好"}], "你好"),
        ([{"type": "refusal", "refusal": "不"}, "bare", {"type": "image_url"}], "不bare"),
    ],
)
def test_the_text_of_a_field_is_a_string_or_its_parts(value: Any, text: str) -> None:
    assert words(value, "up") == text


@pytest.mark.parametrize("value", [1, {"text": "x"}, [{"text": 1}], [None], [["x"]]])
def test_a_content_that_is_no_text_broke(value: Any) -> None:
    with pytest.raises(UpstreamBroke, match="neither a string nor an array"):
        words(value, "up")


@pytest.mark.parametrize(
    ("message", "thought"),
    [
        ({}, ""),
        ({"reasoning_content": "想"}, "想"),
        ({"reasoning": "think"}, "think"),
        ({"reasoning_content": "", "reasoning": "想 think"}, "想 think"),
        ({"reasoning_content": "one", "reasoning": "one"}, "one"),
    ],
)
def test_thoughts_have_two_names_and_are_said_once(message: dict[str, Any], thought: str) -> None:
    assert thoughts(message, "up") == thought


def test_calls_are_numbered_as_the_model_says_or_as_they_come() -> None:
    calls = [
        {"id": "a", "index": 3, "function": {"name": "f", "arguments": "{}"}},
        {"function": {"arguments": None}},
        {"index": True, "id": 5, "function": {"name": 6}},
    ]
    assert list(tool_calls({"tool_calls": calls}, "up")) == [
        ToolCall(3, "a", "f", "{}"),
        ToolCall(1, "", "", ""),
        ToolCall(2, "", "", ""),
    ]
    assert list(tool_calls({}, "up")) == list(tool_calls({"tool_calls": None}, "up")) == []
    assert ToolCall(0, "", "f", "").checked("up").name == "f"
    with pytest.raises(UpstreamBroke, match="a tool without a name"):
        ToolCall(0, "a", "", "{}").checked("up")


@pytest.mark.parametrize("calls", [{}, "x", [1], [{}], [{"function": {"arguments": {}}}]])
def test_what_is_no_call_broke(calls: Any) -> None:
    with pytest.raises(UpstreamBroke, match="tool call"):
        list(tool_calls({"tool_calls": calls}, "up"))


@pytest.mark.parametrize("answer", [{}, {"choices": []}, {"choices": [1]}, {"choices": [{"message": "x"}]}])
def test_an_answer_without_a_message_broke(answer: dict[str, Any]) -> None:
    with pytest.raises(UpstreamBroke, match="no choices with messages"):
        first_choice(orjson.dumps(answer), "up")


def test_an_answer_that_does_not_say_why_it_ended_stopped() -> None:
    said = first_choice(b'{"id": "x", "choices": [{"message": {"content": "1"}}, {"message": {"content": "2"}}]}', "up")
    assert (said.data["id"], said.message, said.reason) == ("x", {"content": "1"}, "stop")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_parts_begin_and_end_in_their_order(size: int) -> None:
    stream = chat_sse(["你", "好"], reasoning=["想"], tool_calls=[("f", ['{"a"', ": 1}"]), ("g", ["{}"])], usage=(7, 5))
    reader = Told("up")
    told = b"".join(map(reader.feed, cut(b"".join(stream), size))) + reader.finish()
    lines = told.decode().splitlines()
    assert lines[:7] == [
        "begin",
        "start thoughts",
        "thoughts: 想",
        "stop thoughts",
        "start text",
        "text: 你",
        "text: 好",
    ]
    assert lines[7:-1] == [
        "stop text", "start call f", 'call: {"a"', "call: : 1}", "stop call", "start call g", "call: {}", "stop call",
    ]  # fmt: skip
    assert lines[-1].startswith("end stop {'prompt_tokens': 7")


def test_a_refusal_is_a_part_of_its_own_or_of_the_text() -> None:
    class InText(Told):
        refuses_in = "text"

    both = chunk(content="好") + chunk(refusal="不")
    assert Told("up").feed(both).decode().splitlines()[3:] == ["stop text", "start refusal", "refusal: 不"]
    merged = InText("up")
    assert merged.feed(both).decode().splitlines()[3:] == ["text: 不"]
    assert merged.refused


def test_an_end_that_nobody_said_is_none() -> None:
    reader = Told("up")
    assert reader.feed(chunk(content="x")) == b"begin\nstart text\ntext: x\n"
    assert reader.feed(b": heartbeat\n\n") == b": keep-alive\n\n"
    assert reader.feed(b"data: [DONE]\n\n") == reader.finish() == b""


def test_nothing_follows_the_end() -> None:
    reader = Told("up")
    reader.feed(b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
    assert reader.feed(chunk(content="late") + b"data: [DONE]\n\n") + reader.finish() == b""


def test_a_second_choice_is_for_nobody_who_asked_for_one() -> None:
    other = b'data: {"choices": [{"index": 1, "delta": {"content": "other"}}]}\n\n'
    assert Told("up").feed(other) == b"begin\n"


@pytest.mark.parametrize(
    "data",
    [
        {"error": {"message": "x"}},
        {"choices": {}},
        {"choices": [1]},
        {"choices": [{"index": 0, "delta": "x"}]},
        {"choices": [{"index": 0, "delta": {"content": 1}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {}}]}}]},
    ],
)
def test_an_event_that_does_not_fit_broke(data: dict[str, Any]) -> None:
    reader = Told("up")
    event = b"data: " + orjson.dumps(data) + b"\n\n"
    with pytest.raises(UpstreamBroke):
        b"".join(map(reader.feed, (event, b"")))


def test_a_call_is_not_gone_on_with_after_another() -> None:
    def call(number: int, **function: str) -> bytes:
        return chunk(tool_calls=[{"index": number, "function": function}])

    reader = Told("up")
    reader.feed(call(0, name="f") + call(1, name="g"))
    with pytest.raises(UpstreamBroke, match="after another one had begun"):
        reader.feed(call(0, arguments="{}"))


def test_what_a_chat_cannot_express_is_told_with_its_place() -> None:
    error = impossible("tools[1]", "tools that the server runs")
    assert isinstance(error, RequestError)
    assert (error.status, error.code, error.param) == (400, "not_supported_by_model", "tools[1]")
    assert str(error).startswith("tools[1]: this model speaks OpenAI's chat format, which has no tools")
