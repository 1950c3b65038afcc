"""Responses before a chat server: what a chat can say of them arrives, what it cannot is refused with its place.

Mutants killed: a call that stands in a message of its own beside the words before it; a turn that is left out; a
tool that is dropped; a stream without its end; a finish reason that reads like a complete answer.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kit.responses import hear
from kit.upstream import chat_json, chat_sse, sse

from gateway.errors import RequestError, UpstreamBroke
from gateway.ports import Passage
from gateway.wire.responses import Responses
from gateway.wire.responses_answer import ResponsesStream
from gateway.wire.responses_chat import OverChat

CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"q": 1}'}


def turned(said: Any = "你好", **more: Any) -> Any:
    return orjson.loads(OverChat().request(orjson.dumps({"model": "m", "input": said, **more})))


def test_a_request_becomes_a_chat() -> None:
    chat = turned(
        [
            {"role": "developer", "content": "规则"},
            {
                "role": "user",
                "content": [{"type": "input_text", "text": "看"}, {"type": "input_image", "image_url": "u"}],
            },
            {"type": "reasoning", "summary": []},
            {"role": "assistant", "content": [{"type": "output_text", "text": "我查"}]},
            CALL,
            {**CALL, "call_id": "c2"},
            {"type": "function_call_output", "call_id": "c1", "output": "好"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "坏"}]},
            {"role": "user", "content": "再来"},
        ],
        instructions="你是助手",
        max_output_tokens=5,
        reasoning={"effort": "low"},
        text={"format": {"type": "json_schema", "name": "n", "schema": {}}, "verbosity": "low"},
        tools=[
            {"type": "function", "name": "f", "description": "查", "parameters": {"type": "object"}, "strict": True}
        ],
        tool_choice={"type": "function", "name": "f"},
        temperature=0.5,
        top_k=4,
        store=False,
        metadata={"a": "b"},
        stream=True,
    )
    call = {"type": "function", "function": {"name": "f", "arguments": '{"q": 1}'}}
    assert chat["messages"] == [
        {"role": "system", "content": "你是助手"},
        {"role": "system", "content": "规则"},
        {"role": "user", "content": [{"type": "text", "text": "看"}, {"type": "image_url", "image_url": {"url": "u"}}]},
        {"role": "assistant", "content": "我查", "tool_calls": [{"id": "c1", **call}, {"id": "c2", **call}]},
        {"role": "tool", "tool_call_id": "c1", "content": "好"},
        {"role": "tool", "tool_call_id": "c2", "content": "坏"},
        {"role": "user", "content": "再来"},
    ]
    function = {"name": "f", "description": "查", "parameters": {"type": "object"}, "strict": True}
    assert {key: value for key, value in chat.items() if key != "messages"} == {
        "model": "m",
        "temperature": 0.5,
        "stream": True,
        "top_k": 4,
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "max_tokens": 5,
        "reasoning_effort": "low",
        "verbosity": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
        "stream_options": {"include_usage": True},
    }


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"tools": [{"type": "web_search"}]}, "tools[0]"),
    ({"tools": [{"type": "custom", "name": "x"}]}, "tools[0]"),
    ({"tool_choice": {"type": "mcp"}}, "tool_choice"),
    ({"prompt": {"id": "p"}}, "prompt"),
    ({"input": [{"type": "computer_call", "id": "x"}]}, "input[0]"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}, "input[0].content[0]"),
]


@pytest.mark.parametrize(("change", "param"), IMPOSSIBLE)
def test_what_a_chat_cannot_say_is_refused_with_its_place(change: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as raised:
        turned(**{"said": "x", **{("said" if key == "input" else key): value for key, value in change.items()}})
    assert (raised.value.code, raised.value.param) == ("not_supported_by_model", param)


def test_a_completion_becomes_a_response() -> None:
    body = orjson.loads(OverChat().whole(chat_json("好", reasoning="想", tool_calls=[("f", "{}")]), "up"))
    assert [item["type"] for item in body["output"]] == ["reasoning", "message", "function_call"]
    assert (body["status"], body["usage"]["input_tokens"], body["usage"]["output_tokens"]) == ("completed", 7, 5)
    assert body["output"][2]["call_id"] == "call_0"


@pytest.mark.parametrize(
    ("reason", "status"), [("stop", "completed"), ("length", "incomplete"), ("content_filter", "incomplete")]
)
def test_an_answer_that_was_cut_says_why(reason: str, status: str) -> None:
    whole = orjson.loads(OverChat().whole(chat_json("好", finish=reason), "up"))
    turning = OverChat().stream("up")
    made = b"".join(turning.feed(one) for one in chat_sse(["好"], finish=reason)) + turning.finish()
    assert whole["status"] == status
    assert f"event: response.{status}".encode() in made


def through(chunks: list[bytes]) -> Any:
    """What a client hears of a chat stream."""
    question = Responses().read(b'{"model": "m", "input": "x", "stream": true}')
    turning, codec = OverChat().stream("up"), ResponsesStream(question, "up")
    out = b""
    for raw in [*(turning.feed(chunk) for chunk in chunks), turning.finish()]:
        for frame in codec.feed(raw):
            texts = [delta.text for delta in frame.deltas]
            out += codec.write(frame, Passage(texts, closed=set(frame.closes)))
    return hear(out)


def test_a_stream_becomes_one_with_its_end() -> None:
    heard = through(
        chat_sse(list("你好。"), reasoning=list("想想"), tool_calls=[("f", ['{"q"', ": 1}"])], usage=(7, 5))
    )
    assert (heard.text("thoughts"), heard.text(), heard.text("arguments")) == ("想想", "你好。", '{"q": 1}')
    assert heard.final["usage"]["total_tokens"] == 12


def test_a_stream_that_breaks_off_gets_no_end_here() -> None:
    turning = OverChat().stream("up")
    made = b"".join(turning.feed(one) for one in chat_sse(["好"], finish=None, done=False)) + turning.finish()
    assert b"response.completed" not in made


@pytest.mark.parametrize("bad", [b"[]", b'{"choices": 7}', b'{"choices": [7]}', b'{"error": {"message": "x"}}'])
def test_what_is_no_chat_is_told(bad: bytes) -> None:
    turning = OverChat().stream("up")
    with pytest.raises(UpstreamBroke):
        _ = turning.feed(sse(bad)), turning.finish()
    with pytest.raises(UpstreamBroke):
        OverChat().whole(bad, "up")


def test_calls_that_mingle_are_refused() -> None:
    turning = OverChat().stream("up")
    calls = [{"index": at, "id": f"c{at}", "function": {"name": "f", "arguments": "{"}} for at in (0, 1)]
    for call in calls:
        turning.feed(sse(orjson.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})))
    again = {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]}}]}
    with pytest.raises(UpstreamBroke):
        turning.feed(sse(orjson.dumps(again)))
