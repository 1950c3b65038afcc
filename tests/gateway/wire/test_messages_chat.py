"""Messages become chats and chats become messages; what one cannot say in the other is refused with its place.

Mutants killed: a tool's result behind the user's next words; a picture of a tool lost; a block that never ends;
an end that the model did not give; arguments of two calls mixed up.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.messages import body, text_block
from kit.upstream import chat_json, chat_sse, sse

from gateway.errors import RequestError, UpstreamBroke
from gateway.wire.messages_chat import OverChat

OVER = OverChat()
DATA = {"type": "base64", "media_type": "image/png", "data": "QUJD"}
PICTURE = {"type": "image", "source": DATA}
SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
CALL = {"type": "tool_use", "id": "t1", "name": "f", "input": {"城": "北京"}}
CALLED = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"城":"北京"}'}}


def chat(*messages: Any, **more: Any) -> Any:
    return orjson.loads(OVER.request(orjson.dumps(body(*messages, **more))))


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


TURNS: list[tuple[str, list[Any], list[Any]]] = [
    ("texts", ["你好 there"], [{"role": "user", "content": "你好 there"}]),
    ("one block", [user(text_block("你好"))], [{"role": "user", "content": "你好"}]),
    ("blocks", [user(text_block("看"), PICTURE)], [{"role": "user", "content": [text_block("看"), SHOWN]}]),
    (
        "a call and its result",
        [
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "想"}, text_block("查"), CALL]},
            user({"type": "tool_result", "tool_use_id": "t1", "content": "晴"}, text_block("然后呢")),
        ],
        [
            {"role": "assistant", "content": "查", "tool_calls": [CALLED]},
            {"role": "tool", "tool_call_id": "t1", "content": "晴"},
            {"role": "user", "content": "然后呢"},
        ],
    ),
    (
        "words before a result come after it",
        [user(text_block("看"), {"type": "tool_result", "tool_use_id": "t1", "content": [text_block("a"), PICTURE]})],
        [
            {"role": "tool", "tool_call_id": "t1", "content": "a"},
            {"role": "user", "content": [text_block("看"), SHOWN]},
        ],
    ),
    (
        "a call without words",
        [{"role": "assistant", "content": [CALL]}],
        [{"role": "assistant", "content": None, "tool_calls": [CALLED]}],
    ),
    (
        "a document",
        [user({"type": "document", "title": "题", "source": {"type": "text", "data": "文"}})],
        [{"role": "user", "content": "题\n文"}],
    ),
    (
        "a search result",
        [user({"type": "search_result", "title": "题", "source": "u", "content": [text_block("文")]})],
        [{"role": "user", "content": [text_block("题\nu\n"), text_block("文")]}],
    ),
    ("a prefill", ["x", {"role": "assistant", "content": "开"}], [
        {"role": "user", "content": "x"}, {"role": "assistant", "content": "开"}
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "said"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_turns_become_messages(turns: list[Any], said: list[Any]) -> None:
    assert chat(*turns)["messages"] == said
    assert chat(*turns, system="你是")["messages"] == [{"role": "system", "content": "你是"}, *said]


FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"stop_sequences": ["停"], "top_k": 3}, {"stop": ["停"], "top_k": 3}),
    ({"metadata": {"user_id": "u"}}, {"user": "u"}),
    ({"tool_choice": {"type": "any"}}, {"tool_choice": "required"}),
    ({"tool_choice": {"type": "none"}}, {"tool_choice": "none"}),
    (
        {"tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True}},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}, "parallel_tool_calls": False},
    ),
    ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
    (
        {"tools": [{"name": "f", "description": "查", "input_schema": {"type": "object"}}]},
        {
            "tools": [
                {"type": "function", "function": {"name": "f", "description": "查", "parameters": {"type": "object"}}}
            ]
        },
    ),
    (
        {"output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}}},
        {
            "reasoning_effort": "low",
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True},
            },
        },
    ),
    ({"thinking": {"type": "enabled"}, "seed": 7}, {"seed": 7}),
]


@pytest.mark.parametrize(("given_", "said"), FIELDS)
def test_fields_become_fields(given_: dict[str, Any], said: dict[str, Any]) -> None:
    plain = {"model": "up", "max_tokens": 100, "messages": [{"role": "user", "content": "x"}]}
    assert chat("x", **given_) == {**plain, **said}


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"mcp_servers": [{"url": "u"}]}, "mcp_servers"),
    ({"container": "c"}, "container"),
    ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0]"),
    ({"messages": [user({"type": "strange"})]}, "messages[0].content[0]"),
    ({"messages": [user({"type": "image", "source": {"type": "file"}})]}, "messages[0].content[0].source"),
    ({"messages": [user(text_block("x"), {"type": "container_upload"})]}, "messages[0].content[1]"),
]


@pytest.mark.parametrize(("change", "where"), IMPOSSIBLE, ids=[where for _, where in IMPOSSIBLE])
def test_what_a_chat_cannot_say_is_refused_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(RequestError) as raised:
        OVER.request(orjson.dumps({**body("x"), **change}))
    assert (raised.value.param, raised.value.status) == (where, 400)
    assert str(raised.value).startswith(f"{where}: ")


REASONS = [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal"), ("strange", "end_turn")]


@pytest.mark.parametrize(("reason", "said"), REASONS)
def test_a_completion_becomes_a_message(reason: str, said: str) -> None:
    message = orjson.loads(OVER.whole(chat_json("你好 there", reasoning="想", finish=reason), "up"))
    assert message["content"] == [{"type": "thinking", "thinking": "想", "signature": ""}, text_block("你好 there")]
    assert message["stop_reason"] == said
    assert message["usage"] == {"input_tokens": 7, "output_tokens": 5}
    assert (message["type"], message["role"], message["id"]) == ("message", "assistant", "chatcmpl-1")


def test_calls_become_blocks_and_caches_are_counted() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    raw = orjson.dumps(
        {**orjson.loads(chat_json(None, tool_calls=[("f", '{"a": 1}')], finish="tool_calls")), "usage": usage}
    )
    message = orjson.loads(OVER.whole(raw, "up"))
    assert message["content"] == [{"type": "tool_use", "id": "call_0", "name": "f", "input": {"a": 1}}]
    assert message["stop_reason"] == "tool_use"
    assert message["usage"] == {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 4}


BAD = [
    b"", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{}]}', b'{"choices": [{"message": {"content": 7}}]}',
    chat_json(None, tool_calls=[("f", "no JSON")]), chat_json(None, tool_calls=[("", "{}")]),
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD)
def test_what_is_no_completion_is_a_broken_upstream(raw: bytes) -> None:
    with pytest.raises(UpstreamBroke):
        OVER.whole(raw, "up")


def test_a_call_that_had_no_room_left_is_empty() -> None:
    message = orjson.loads(OVER.whole(chat_json(None, tool_calls=[("f", '{"a')], finish="length"), "up"))
    assert message["content"][0]["input"] == {}


def turned(*chunks: bytes) -> list[Any]:
    """The events that a stream makes."""
    stream = OVER.stream("up")
    raw = b"".join([*(stream.feed(chunk) for chunk in chunks), stream.finish()])
    return [json.loads(part.split("\ndata: ")[1]) for part in raw.decode().split("\n\n") if part]


def test_a_stream_becomes_blocks_one_after_the_other() -> None:
    pieces = chat_sse(["好", " yes"], reasoning=["想"], tool_calls=[("f", ["{", "}"]), ("g", ["{}"])], usage=(7, 5))
    events = turned(*pieces)
    assert [event["type"].removeprefix("content_block_") for event in events] == [
        "message_start", "start", "delta", "stop", "start", "delta", "delta", "stop",
        "start", "delta", "delta", "stop", "start", "delta", "stop", "message_delta", "message_stop",
    ]  # fmt: skip
    assert [event["content_block"]["type"] for event in events if event["type"] == "content_block_start"] == [
        "thinking", "text", "tool_use", "tool_use"
    ]  # fmt: skip
    assert events[-2]["usage"] == {"input_tokens": 7, "output_tokens": 5}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.text(min_size=1, max_size=5), max_size=4),
    st.lists(st.text(min_size=1, max_size=5), max_size=3),
    st.lists(st.integers(1, 50), min_size=1, max_size=30),
)
def test_however_it_is_cut_the_same_events_come(words: list[str], thoughts: list[str], cuts: list[int]) -> None:
    raw = b"".join(chat_sse(words, reasoning=thoughts, usage=(1, 2)))
    pieces, at, turn = [], 0, 0
    while at < len(raw):
        size = cuts[turn % len(cuts)]
        pieces.append(raw[at : at + size])
        at, turn = at + size, turn + 1
    assert turned(raw) == turned(*pieces)


def test_an_end_that_the_model_did_not_give_is_not_given() -> None:
    kinds = [event["type"] for event in turned(*chat_sse(["你好"], finish=None))]
    assert kinds == ["message_start", "content_block_start", "content_block_delta"]
    assert turned(*chat_sse(["你好"], done=False))[-1]["type"] == "message_stop"


WRONG = [
    b'{"error": {"message": "x"}}', b'{"choices": 7}', b'{"choices": [7]}', b'{"choices": [{"delta": 7}]}', b"{",
    b'{"choices": [{"delta": {"content": 7}}]}', b'{"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}',
]  # fmt: skip


@pytest.mark.parametrize("data", WRONG)
def test_what_came_before_a_broken_event_counts(data: bytes) -> None:
    stream = OVER.stream("up")
    made = stream.feed(b"".join(chat_sse(["你好"])[:2]) + sse(data))
    assert "你好".encode() in made
    with pytest.raises(UpstreamBroke):
        stream.feed(b"")
    with pytest.raises(UpstreamBroke):
        stream.finish()


def test_calls_that_are_mixed_up_are_a_broken_upstream() -> None:
    def call(at: int, **more: Any) -> bytes:
        function = {"arguments": "{}", **more}
        return sse(
            orjson.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": at, "function": function}]}}]})
        )

    stream = OVER.stream("up")
    stream.feed(call(0, name="f"))
    stream.feed(call(1, name="g"))
    with pytest.raises(UpstreamBroke, match="after another one had begun"):
        stream.feed(call(0))


@pytest.mark.parametrize(
    ("body_", "said"),
    [
        (b'{"error": {"message": "too long", "code": "x"}}', "too long"),
        (b'{"error": "too long"}', "too long"),
        (b'{"error": {}}', None),
        (b"<html>", None),
        (b"[]", None),
    ],
)
def test_refusals_come_in_the_clients_envelope(body_: bytes, said: str | None) -> None:
    raw = OVER.refusal(429, body_)
    if said is None:
        assert raw == b""
    else:
        assert orjson.loads(raw) == {"type": "error", "error": {"type": "rate_limit_error", "message": said}}
