"""Every text of an answer is found where it stands, what may hide words is named, and what is no answer is refused."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kit.chunks import choice, chunk, frames

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Usage
from gateway.ports import Frame
from gateway.wire.chat_frame import dump, parse, read

CONTENT = Channel(0, "content")


SECRET = "贩毒secret"


COUNTS = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


@pytest.mark.parametrize(
    ("delta", "deltas"),
    [
        ({"content": "你好"}, [(CONTENT, "你好")]),
        ({"content": ""}, [(CONTENT, "")]),
        ({"reasoning_content": "想"}, [(Channel(0, "reasoning"), "想")]),
        ({"reasoning": "think"}, [(Channel(0, "reasoning", 1), "think")]),
        (
            {"reasoning": "想", "reasoning_content": "想", "content": "说"},
            [(Channel(0, "reasoning", 1), "想"), (Channel(0, "reasoning"), "想"), (CONTENT, "说")],
        ),
        ({"refusal": "不行"}, [(Channel(0, "refusal"), "不行")]),
        ({"tool_calls": [{"index": 1, "function": {"arguments": '{"城'}}]}, [(Channel(0, "arguments", 1), '{"城')]),
        (
            {"tool_calls": [{"function": {"arguments": "a"}}, {"index": "x", "function": {"arguments": "b"}}]},
            [(Channel(0, "arguments", 0), "a"), (Channel(0, "arguments", 1), "b")],
        ),
        ({"tool_calls": [{"index": 0, "function": None}]}, []),
        ({"function_call": {"name": "f", "arguments": "旧"}}, [(Channel(0, "arguments", -1), "旧")]),
        (
            {"content": [{"type": "text", "text": "一"}, {"type": "refusal", "refusal": "no"}]},
            [(CONTENT, "一"), (CONTENT, "no")],
        ),
        (
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "想"}], "closed": True}]},
            [(Channel(0, "reasoning"), "想")],
        ),
        ({"role": "assistant", "content": None, "tool_calls": None, "function_call": None}, []),
        ({}, []),
        (None, []),
    ],
)
def test_every_text_of_a_delta_is_found_on_its_channel(delta: Any, deltas: list[tuple[Channel, str]]) -> None:
    (frame,) = frames(chunk(choice(delta)))
    assert [tuple(found) for found in frame.deltas] == deltas
    assert [place[key] for place, key in frame.places] == [text for _, text in deltas]
    assert frame.unread == ()


@pytest.mark.parametrize(
    ("sent", "unread"),
    [
        (choice({"audio": {"transcript": SECRET}}), "choices[0].delta.audio"),
        (choice({"annotations": [{"title": SECRET}]}), "choices[0].delta.annotations"),
        (choice({"Content": SECRET}), "choices[0].delta.Content"),
        (choice({SECRET: "x"}), "choices[0].delta.?"),
        (choice({"role": [SECRET]}), "choices[0].delta.role"),
        (choice({}, index=2, message={"content": SECRET}), "choices[2].message"),
        (choice({}, text=SECRET), "choices[0].text"),
        (choice({"content": [{"type": "image_url", "image_url": {}}]}), "choices[0].delta.content[0]"),
        (choice({"content": [SECRET]}), "choices[0].delta.content[0]"),
        (choice({"content": [{"type": "text", "text": "x", "more": SECRET}]}), "choices[0].delta.content[0]"),
        (
            choice({"content": [{"thinking": [{"thinking": [{"text": SECRET}]}]}]}),
            "choices[0].delta.content[0].thinking[0]",
        ),
        (choice({"tool_calls": [{"custom": {"input": SECRET}}]}), "choices[0].tool_calls[0].custom"),
        (choice({"content": "x", "tool_calls": [{"custom": SECRET}]}), "choices[0].tool_calls[0].custom"),
        (choice({"content": "x"}, text=SECRET), "choices[0].text"),
        (
            choice({"tool_calls": [{"function": {"name": "f", "note": SECRET}}]}),
            "choices[0].tool_calls[0].function.note",
        ),
        (choice({"function_call": {"arguments": "", "note": SECRET}}), "choices[0].function_call.function.note"),
    ],
)
def test_what_may_hold_words_beside_the_known_fields_is_named_without_them(sent: dict[str, Any], unread: str) -> None:
    (frame,) = frames(chunk(sent))
    assert frame.unread == (unread,)
    assert not frame.bare


@pytest.mark.parametrize(
    "sent",
    [
        choice({"content": "x", "audio": None, "annotations": [], "tool_calls": [], "function_call": None}),
        choice({"content": "x"}, logprobs={"content": [{"token": "x"}]}),
        choice({"content": "x"}, content_filter_results={"hate": {"filtered": False}}, stop_reason="</s>"),
        choice({"content": "x"}, native_finish_reason="stop", provider_specific_fields={"a": "b"}, token_ids=[1]),
        choice({"content": "x", "weight": 3}),
    ],
)
def test_fields_that_upstreams_are_known_to_send_hide_nothing(sent: dict[str, Any]) -> None:
    (frame,) = frames(chunk(sent))
    assert frame.unread == ()


@pytest.mark.parametrize(
    ("sent", "bare"),
    [
        (chunk(choice({"content": "x"})), True),
        (chunk(choice({"content": "x"}, logprobs=None), usage=None), True),
        (chunk(choice({"role": "assistant", "content": "x"})), True),
        (chunk(choice({"role": "assistant", "content": "x"}, index=1)), False),
        (chunk(choice({"content": "x", "tool_calls": []})), True),
        (chunk(choice({"tool_calls": [{"index": 0, "function": {"arguments": "x"}}]})), True),
        (chunk(choice({"tool_calls": [{"index": 0, "id": "c", "function": {"arguments": "x"}}]})), False),
        (chunk(choice({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "x"}}]})), False),
        (chunk(choice({"function_call": {"arguments": "x"}})), False),
        (chunk(choice({"content": "x"}, finish="stop")), False),
        (chunk(choice({"content": "x"}), usage=COUNTS), False),
        (chunk(choice({})), False),
        (chunk(), False),
    ],
)
def test_a_frame_is_bare_if_it_brings_nothing_but_its_texts(sent: bytes, bare: bool) -> None:
    opening, frame = frames(chunk(choice({"role": "assistant"})), sent)
    assert not opening.bare
    assert frame.bare is bare


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4)),
        ({"prompt_tokens": "3", "completion_tokens": -4}, Usage(0, 0)),
        ({"prompt_tokens": True, "completion_tokens": 1.5}, Usage(0, 0)),
        ({"prompt_tokens": None}, Usage(0, 0)),
        (None, None),
        ({}, None),
        ("7", None),
        ([7], None),
    ],
)
def test_tokens_are_counted_as_far_as_they_are_counts(usage: Any, counted: Usage | None) -> None:
    (frame,) = frames(chunk(usage=usage))
    assert frame.usage == counted


@pytest.mark.parametrize(
    ("reason", "ends"), [("stop", {0: "stop"}), ("length", {0: "length"}), (None, {}), ("", {}), (0, {})]
)
def test_a_choice_ends_with_a_reason(reason: Any, ends: dict[int, str]) -> None:
    (frame,) = frames(chunk(choice({}, finish=reason)))
    assert frame.ends == ends


# --- Bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"{", SECRET.encode(), b"[" * 5000, b"\xff{}"])
def test_what_is_no_json_broke_and_is_not_quoted(raw: bytes) -> None:
    with pytest.raises(UpstreamBroke, match=r"^The upstream up sent a chunk that is not JSON\.$"):
        parse(raw, "a chunk", "up")


@pytest.mark.parametrize("raw", [b"[]", b"null", b"1", orjson.dumps(SECRET)])
def test_what_is_no_object_broke_and_is_not_quoted(raw: bytes) -> None:
    with pytest.raises(UpstreamBroke, match=r"^The upstream up sent a chunk that is not a JSON object\.$"):
        parse(raw, "a chunk", "up")


def test_what_is_nested_too_deep_to_be_written_broke() -> None:
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(UpstreamBroke, match="nested too deep"):
        dump(deep, "up")
    assert dump({"一": 1}, "up") == '{"一":1}'.encode()


# --- Whole answers, and what is no text --------------------------------------------------------------


def found(message: Any, key: str = "message", *, pieces: bool = False, begun: tuple[int, ...] = ()) -> Frame:
    data = {"choices": [{key: message}]}
    return read(b"raw", data, key, "up", begun, pieces=pieces)


def test_a_whole_answer_is_read_as_a_chunk_is_and_its_choices_are_numbered() -> None:
    data: dict[str, Any] = {"choices": [{"message": {"content": "你好"}}, {"message": {"content": "hi"}, "index": 5}]}
    frame = read(b"raw", data, "message", "up")
    assert [(delta.channel, delta.text) for delta in frame.deltas] == [(CONTENT, "你好"), (Channel(5, "content"), "hi")]
    assert [one["index"] for one in data["choices"]] == [0, 5]
    assert (frame.raw, frame.data) == (b"raw", data)


def test_an_answer_without_choices_has_none() -> None:
    data: dict[str, Any] = {}
    assert read(b"", data, "delta", "up").deltas == ()
    assert data == {"choices": []}


@pytest.mark.parametrize(
    ("message", "media"),
    [
        ({"images": [{"image_url": {"url": "data:image/png;base64,x"}}]}, [("picture", "url", "url")]),
        ({"images": [{"image_url": "https://x/y.png"}]}, [("picture", "image_url", "url")]),
        ({"images": ["data:image/png;base64,x", "a word"]}, [("picture", 0, "url")]),
        ({"content": [{"type": "image_url", "image_url": {"url": "u"}}]}, [("picture", "url", "url")]),
        ({"audio": {"id": "a", "data": "UklG", "transcript": "你好"}}, [("sound", "data", "base64")]),
        ({"audio": {"data": ""}}, []),
        ({"content": "你好"}, []),
    ],
)
def test_pictures_and_sounds_are_found_where_they_stand(message: Any, media: list[tuple[str, Any, str]]) -> None:
    frame = found(message)
    assert [(one.kind, one.key, one.form) for one in frame.media] == media
    assert all(one.place[one.key] for one in frame.media)


def test_a_sound_in_pieces_is_samples() -> None:
    assert [one.form for one in found({"audio": {"data": "UklG"}}, "delta", pieces=True).media] == ["samples"]


@pytest.mark.parametrize(("begun", "bare"), [((), False), ((0,), True), ((1,), False)])
def test_a_role_that_was_said_before_is_no_news(begun: tuple[int, ...], bare: bool) -> None:
    assert found({"role": "assistant", "content": "x"}, "delta", begun=begun).bare is bare
