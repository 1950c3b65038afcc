"""A chat's answer as a response: the same words, calls and thoughts whole and streamed, each seal with its thought.

Mutants killed: a seal of one thought on another; a hidden thought that is lost; a whole answer that says it was cut
where the stream says it was not.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.wire.chat_said import Thought
from gateway.wire.responses import Responses
from gateway.wire.responses_answer import ResponsesStream
from gateway.wire.responses_from_chat import FromChatStream, as_response
from gateway.wire.responses_seals import sealed

HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "m"}
SEALED = {"type": "thinking", "thinking": "想", "signature": "S"}
HIDDEN = {"type": "redacted_thinking", "data": "xyz"}


def whole(message: dict[str, Any], finish: str = "stop") -> dict[str, Any]:
    answer = {**HEAD, "choices": [{"message": message, "finish_reason": finish}], "usage": {"prompt_tokens": 7}}
    made: dict[str, Any] = orjson.loads(as_response(orjson.dumps(answer), "up"))
    return made


def streamed(*deltas: dict[str, Any], finish: str = "stop") -> dict[str, Any]:
    """The response that a stream ends with, checked for its order by way of the dialect."""
    chunks = [{**HEAD, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({**HEAD, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    raw = b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks)
    translated = FromChatStream("up")
    events = translated.feed(raw) + translated.finish()
    codec = ResponsesStream(Responses().read(b'{"model": "up", "input": "?", "stream": true}'), "up")
    frames = codec.feed(events) + codec.finish()
    assert frames[-1].last
    final: dict[str, Any] = orjson.loads(events.split(b"data: ")[-1])["response"]
    return final


def test_a_thought_has_its_own_seal_whole_and_streamed() -> None:
    one = whole({"content": "好", "reasoning_content": "想", "thinking_blocks": [SEALED, HIDDEN]})
    pieces = [
        {"reasoning_content": "想", "thinking_blocks": [{**SEALED, "signature": None}]},
        {"reasoning_content": "", "thinking_blocks": [{**SEALED, "thinking": ""}]},
        {"thinking_blocks": [HIDDEN]},
        {"content": "好"},
    ]
    for made in (one, streamed(*pieces)):
        thought, hidden, said = made["output"]
        assert (thought["content"][0]["text"], thought["encrypted_content"]) == ("想", sealed(Thought("想", "S")))
        assert (hidden["type"], hidden["encrypted_content"]) == ("reasoning", "redacted_thinking:xyz")
        assert said["content"][0]["text"] == "好"
        assert len({item["id"] for item in made["output"]}) == 3


@pytest.mark.parametrize(
    ("finish", "status", "why"),
    [
        ("stop", "completed", None),
        ("tool_calls", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
    ],
)
def test_both_say_alike_how_it_ended(finish: str, status: str, why: str | None) -> None:
    for made in (whole({"content": "x"}, finish), streamed({"content": "x"}, finish=finish)):
        assert (made["status"], (made["incomplete_details"] or {}).get("reason")) == (status, why)


def test_an_answer_that_says_nothing_is_an_empty_text() -> None:
    assert whole({"content": None})["output"][0]["content"] == []


def test_a_stream_reads_in_the_order_that_clients_rely_on() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    translated = FromChatStream("up")
    chunks = [{"content": "好"}, {"tool_calls": [call]}]
    raw = b"".join(b"data: " + orjson.dumps({**HEAD, "choices": [{"delta": d}]}) + b"\n\n" for d in chunks)
    end = b"data: " + orjson.dumps({**HEAD, "choices": [{"delta": {}, "finish_reason": "stop"}]}) + b"\n\n"
    kinds = [
        event.split(b"\n")[0] for event in (translated.feed(raw + end) + translated.finish()).split(b"\n\n") if event
    ]
    assert kinds.count(b"event: response.output_item.added") == kinds.count(b"event: response.output_item.done") == 2
    assert kinds[-1] == b"event: response.completed"
