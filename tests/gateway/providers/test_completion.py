"""Completions that we make up ourselves have OpenAI's shapes, whole and in pieces alike."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.chat import stream_chunks
from openai.types.chat import ChatCompletion

from gateway.providers.completion import DONE, Asked, Choice, Head, ToolCall, asked, events, tokens, usage, whole

HEAD = Head("chatcmpl-1", 1_700_000_000, "m")

TEXTS = [
    ("你好，世界。", ["你", "好", "，", "世", "界", "。"]),
    ("hello big world", ["hello ", "big ", "world"]),
    ("请call我 now。OK", ["请", "call", "我", " ", "now", "。", "OK"]),
    ("don't 🙂 é\n\n二", ["don't ", "🙂 ", "é\n\n", "二"]),
    ("", []),
    ("   ", ["   "]),
]


@pytest.mark.parametrize(("text", "cut"), TEXTS)
def test_a_token_is_one_han_character_or_one_word_with_its_space(text: str, cut: list[str]) -> None:
    assert tokens(text) == cut


@settings(max_examples=40, deadline=None)
@given(st.text("ab 你，é\n🙂\u3000", max_size=30))
def test_tokens_put_together_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text
    assert all(tokens(text))


CALL = ToolCall("weather", ('{"城市":', '"上海"}'))
SAYING = [
    Choice(("你", "好"), reasoning=("先", "想")),
    Choice(None, tool_calls=(CALL, ToolCall("clock", ("{}",))), finish="tool_calls"),
    Choice((), finish="length"),
]


def test_a_whole_completion_is_one_that_openais_client_takes() -> None:
    said = ChatCompletion.model_validate_json(whole(HEAD, SAYING, usage(3, 4)), strict=True)
    assert (said.id, said.created, said.model, said.object) == ("chatcmpl-1", 1_700_000_000, "m", "chat.completion")
    assert [choice.message.content for choice in said.choices] == ["你好", None, ""]
    assert [choice.finish_reason for choice in said.choices] == ["stop", "tool_calls", "length"]
    assert [getattr(choice.message, "reasoning_content", None) for choice in said.choices] == ["先想", None, None]
    calls = said.choices[1].message.tool_calls or []
    assert [(call.id, call.function.name, call.function.arguments) for call in calls if call.type == "function"] == [
        ("call_0", "weather", '{"城市":"上海"}'),
        ("call_1", "clock", "{}"),
    ]
    assert said.usage is not None
    assert (said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens) == (3, 4, 7)


def test_pieces_say_what_the_whole_says_for_all_choices_in_turn() -> None:
    chunks = stream_chunks(list(events(HEAD, SAYING, None)))
    heads = {(chunk.id, chunk.created, chunk.model, chunk.object) for chunk in chunks}
    assert heads == {("chatcmpl-1", 1_700_000_000, "m", "chat.completion.chunk")}
    parts = [(chunk.choices[0].index, chunk.choices[0].delta, chunk.choices[0].finish_reason) for chunk in chunks]
    assert [(index, delta.role, delta.content) for index, delta, _ in parts[:3]] == [
        (0, "assistant", ""),
        (1, "assistant", None),
        (2, "assistant", ""),
    ]
    assert [(index, finish) for index, _, finish in parts if finish] == [(0, "stop"), (1, "tool_calls"), (2, "length")]
    assert [finish for _, _, finish in parts[-3:]] == ["stop", "tool_calls", "length"]
    content = "".join(delta.content or "" for index, delta, _ in parts if index == 0)
    thought = "".join(getattr(delta, "reasoning_content", None) or "" for index, delta, _ in parts if index == 0)
    assert (content, thought) == ("你好", "先想")
    calls = [call for index, delta, _ in parts if index == 1 for call in delta.tool_calls or []]
    assert [(call.index, call.id, call.function and call.function.name) for call in calls if call.id] == [
        (0, "call_0", "weather"),
        (1, "call_1", "clock"),
    ]
    arguments = [(call.index, call.function.arguments or "") for call in calls if call.function]
    assert "".join(text for index, text in arguments if index == 0) == '{"城市":"上海"}'
    assert "".join(text for index, text in arguments if index == 1) == "{}"


@pytest.mark.parametrize("counts", [None, usage(1, 2)])
def test_a_stream_ends_with_its_usage_where_that_was_asked_for_and_with_a_word_that_it_ends(
    counts: dict[str, int] | None,
) -> None:
    said = list(events(HEAD, [Choice(("a",))], counts))
    bodies = [orjson.loads(event.removeprefix(b"data: ")) for event in said[:-1]]
    assert said[-1] == DONE
    if counts is None:
        assert all("usage" not in body and body["choices"] for body in bodies)
    else:
        assert [body["usage"] for body in bodies] == [None] * (len(bodies) - 1) + [counts]
        assert bodies[-1]["choices"] == []


@pytest.mark.parametrize(
    ("request_", "read"),
    [
        ({}, Asked("", 0, 1, None, usage=False)),
        ({"messages": None, "n": None, "max_tokens": None, "stream_options": None}, Asked("", 0, 1, None, usage=False)),
        ({"messages": [{"role": "system", "content": "守则 one"}]}, Asked("", 4, 1, None, usage=False)),
        (
            {
                "messages": [
                    {"role": "user", "content": "早"},
                    {"role": "user", "content": "你好 you"},
                    {"role": "tool"},
                ]
            },
            Asked("你好 you", 5, 1, None, usage=False),
        ),
        (
            {"messages": [{"role": "user", "content": [{"text": "看"}, {"type": "image_url"}, "图", {"text": None}]}]},
            Asked("看图", 2, 1, None, usage=False),
        ),
        ({"messages": [{"role": "user", "content": 5}]}, Asked("", 0, 1, None, usage=False)),
        (
            {"n": 3, "max_tokens": 7, "max_completion_tokens": 5, "stream_options": {"include_usage": True}},
            Asked("", 0, 3, 5, usage=True),
        ),
        ({"max_tokens": 7, "stream_options": {}}, Asked("", 0, 1, 7, usage=False)),
    ],
)
def test_what_is_asked_is_the_last_thing_that_the_user_said(request_: dict[str, object], read: Asked) -> None:
    assert asked(orjson.dumps(request_)) == read
