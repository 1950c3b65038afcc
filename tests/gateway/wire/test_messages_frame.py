"""The events of an Anthropic answer have one order; each text has its channel, and what may hide words is named.

Mutants killed: a block that begins inside another; a delta of another kind than its block; content after the end;
words that the start of a block brings; a cache that is not counted; a field that nobody knows.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from kit.fuzz import quick, trees

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Usage
from gateway.ports import Frame
from gateway.wire.messages_frame import (
    Citations,
    EventReader,
    channel_of,
    cited,
    is_count,
    media_of,
    sse,
    unread_of,
    usage_of,
)
from gateway.wire.sse import Event, EventBuffer

START = {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
STOP = {"type": "message_stop"}


def block(form: str, index: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": {"type": form, **more}}


def piece(kind: str, index: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def closed(index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def read(*events: dict[str, Any]) -> list[Frame]:
    reader = EventReader("up")
    return [
        frame
        for data in events
        for frame in reader.read(orjson.dumps(data), data, Event(b"", b"", str(data.get("type"))))
    ]


def said(*events: dict[str, Any]) -> list[tuple[Channel, str]]:
    found = read(START, *events)
    assert [place[key] for frame in found for place, key in frame.places] == [d.text for f in found for d in f.deltas]
    return [(delta.channel, delta.text) for frame in found for delta in frame.deltas]


@pytest.mark.parametrize(
    ("events", "texts"),
    [
        ([block("text", text=""), piece("text_delta", text="你好 you")], [(Channel(0, "content", 1), "你好 you")]),
        ([block("thinking", thinking=""), piece("thinking_delta", thinking="想")], [
            (Channel(0, "reasoning", 1), "想")]),
        ([block("tool_use", name="f", input={}), piece("input_json_delta", partial_json='{"q')], [
            (Channel(0, "arguments", 1), '{"q')]),
        ([block("text", text=""), closed(), block("text", 1, text=""), piece("text_delta", 1, text="二")], [
            (Channel(0, "content", 2), "二")]),
        ([block("text", text="早"), piece("text_delta", text="了")], [
            (Channel(0, "content", 1), "早"), (Channel(0, "content", 1), "了")]),
        ([block("mcp_tool_use", name="f", input={"城": "市"})], [(Channel(0, "arguments", 1), '{"城":"市"}')]),
        ([block("text", text=""), piece("citations_delta", citation={"cited_text": "引", "title": "题"})], [
            (Channel(0, "name", 1), "引"), (Channel(0, "name", 2), "题")]),
        ([block("text", text="", citations=[{"cited_text": "引"}])], [(Channel(0, "name", 1), "引")]),
        ([block("redacted_thinking", data="SEALED")], []),
        ([block("thinking", thinking=""), piece("signature_delta", signature="SEAL")], []),
    ],
)  # fmt: skip
def test_every_text_of_an_event_is_found_on_the_channel_of_its_block(
    events: list[dict[str, Any]], texts: list[tuple[Channel, str]]
) -> None:
    assert said(*events) == texts


def test_what_the_start_of_a_block_brings_leaves_as_a_piece_of_its_own() -> None:
    _, start, first = read(START, block("text", text="早"))
    assert b"\xe6\x97\xa9" not in start.raw
    assert orjson.loads(first.raw.split(b"data: ")[1]) == piece("text_delta", text="早")


@pytest.mark.parametrize(
    ("event", "unread"),
    [
        (block("web_search_tool_result", content=["密"]), ("content[0]",)),
        (block("text", text="", novel="密"), ("content[0].novel",)),
        (block("text", text="", **{"密 words": "x"}), ("content[0].?",)),
        (block("redacted_thinking", data="SEALED", more="密"), ("content[0].more",)),
        (block("text", text="", count=3, flag=True, empty=""), ()),
        ({"type": "novel_event", "words": ["密"], "n": 1}, ("novel_event.words",)),
    ],
)
def test_what_may_hold_words_beside_the_known_fields_is_named_without_them(
    event: dict[str, Any], unread: tuple[str, ...]
) -> None:
    assert read(START, event)[-1].unread == unread


def test_a_delta_that_nobody_knows_is_named() -> None:
    assert read(START, block("text", text=""), piece("novel_delta", words="密"))[-1].unread == ("content[0].delta",)
    (*_, frame) = read(START, block("text", text=""), piece("text_delta", text="好", more="密"))
    assert (frame.unread, frame.bare) == (("content[0].more",), False)
    assert cited({"cited_text": "引", "file_id": "f", "novel": "密"}, "here") == ("here.novel",)


def test_a_whole_answer_in_order_begins_closes_ends_and_counts() -> None:
    frames = read(START, {"type": "ping"}, block("text", text=""), piece("text_delta", text="好"), closed(), END, STOP)
    assert [frame.begins for frame in frames] == [True] + [False] * 6
    assert [frame.closes for frame in frames if frame.closes] == [(Channel(0, "content", 1),)]
    assert [frame.ends for frame in frames if frame.ends] == [{0: "end_turn"}]
    assert [frame.usage for frame in frames if frame.usage] == [Usage(3, 5)]
    assert [frame.last for frame in frames] == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([{}], "an event without a type"),
        ([{"type": 5}], "an event without a type"),
        ([{"type": "密语"}], "an event without a type"),
        ([{"type": "two words"}], "an event without a type"),
        ([STOP], "before the message began"),
        ([block("text")], "before the message began"),
        ([START, START], "a message_start that does not fit"),
        ([{"type": "message_start"}], "a message_start that does not fit"),
        ([{"type": "message_start", "message": {"content": [{"text": "密"}]}}], "has content already"),
        ([START, {"type": "error", "error": {"message": "密 secret"}}], "reported an error in the middle"),
        ([START, block("text", 1)], "began a block that does not fit"),
        ([START, block("text"), block("text", 1)], "began a block that does not fit"),
        ([START, block("text", True)], "began a block that does not fit"),
        ([START, {"type": "content_block_start", "index": 0, "content_block": "密"}], "a block that does not fit"),
        ([START, block("text"), closed(), block("text", 0)], "began a block that does not fit"),
        ([START, {"type": "content_block_start", "index": 0, "content_block": {}}], "a block without a type"),
        ([START, block("text", text=["密"])], "a block whose text does not fit"),
        ([START, block("text", citations="密")], "a block whose text does not fit"),
        ([START, block("tool_use", input="密")], "an input that is not an object"),
        ([START, piece("text_delta", text="密")], "a block that is not open"),
        ([START, block("text"), piece("text_delta", 1, text="密")], "a block that is not open"),
        ([START, block("text"), closed(), piece("text_delta", text="密")], "a block that is not open"),
        ([START, block("text"), piece("thinking_delta", thinking="密")], "does not fit its block"),
        ([START, block("text"), piece("text_delta", text=["密"])], "does not fit its block"),
        ([START, block("novel"), piece("text_delta", text="密")], "does not fit its block"),
        ([START, block("text"), {**piece(""), "delta": "密"}], "a delta that is not an object"),
        ([START, STOP], "ended an answer that was not finished"),
        ([START, block("text"), END], "ended an answer that was not finished"),
        ([START, END, END], "a message_delta that does not fit"),
        ([START, {"type": "message_delta", "delta": "密"}], "a message_delta that does not fit"),
        ([START, {"type": "message_delta", "delta": {"stop_reason": 5}}], "an answer that was not finished"),
        ([START, END, block("text")], "sent content after the end"),
    ],
)  # fmt: skip
def test_an_event_that_does_not_fit_broke_and_is_not_quoted(events: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(UpstreamBroke, match=says) as error:
        read(*events)
    assert "密" not in str(error.value)


@pytest.mark.parametrize("name", ["", "other", "content_block_start"])
def test_an_event_goes_on_under_the_name_of_its_type(name: str) -> None:
    data = {"type": "ping", "extra": "x"}
    (frame,) = EventReader("up").read(b"as it came", data, Event(b"as it came", b"", name))
    assert frame.raw == sse(data)
    (frame,) = EventReader("up").read(b"as it came", data, Event(b"as it came", b"", "ping"))
    assert frame.raw == b"as it came"


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (None, (None, None)),
        ("7", (None, None)),
        ({}, (None, None)),
        ({"input_tokens": 3, "output_tokens": 4}, (3, 4)),
        ({"input_tokens": 3, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 100}, (113, None)),
        ({"input_tokens": 3, "cache_read_input_tokens": "100"}, (3, None)),
        ({"input_tokens": -3, "cache_read_input_tokens": 5, "output_tokens": True}, (None, None)),
    ],
)
def test_tokens_of_caches_are_among_the_input(usage: object, counted: tuple[int | None, int | None]) -> None:
    assert usage_of(usage) == counted


@pytest.mark.parametrize(
    ("value", "fits"), [(0, True), (7, True), (-1, False), (True, False), (1.0, False), ("1", False)]
)
def test_a_count_is_a_number_from_nought_on(value: object, fits: bool) -> None:
    assert is_count(value) is fits


@pytest.mark.parametrize(
    ("form", "channel"),
    [
        ("text", Channel(0, "content", 5)),
        ("thinking", Channel(0, "reasoning", 5)),
        ("server_tool_use", Channel(0, "arguments", 5)),
        ("redacted_thinking", None),
        ("novel", None),
    ],
)
def test_our_own_words_have_a_channel_that_no_block_has(form: str, channel: Channel | None) -> None:
    assert channel_of(form, 4) == channel
    assert channel_of("text", 0) != Channel(0, "content")


def test_pictures_of_a_block_are_pictures_and_texts_hold_none() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    assert [one.kind for one in media_of({"type": "image", "source": source}, 0)] == ["picture"]
    assert [one.kind for one in media_of({"type": "web_fetch_tool_result", "content": {"source": source}}, 0)] == [
        "file"
    ]
    assert media_of({"type": "text", "text": "x", "source": source}, 0) == ()
    assert unread_of({"type": "image", "source": source}, 2) == ("content[2]",)


def test_each_text_of_a_citation_has_a_channel_that_no_other_has() -> None:
    citations = Citations()
    first = list(citations.read({"cited_text": "引", "url": "u", "title": "", "source": 5}))
    second = list(citations.read({"document_title": "题"}))
    assert [key for _, key in first + second] == ["cited_text", "url", "document_title"]
    assert len({channel for channel, _ in first + second}) == 3


def test_an_event_is_written_under_the_name_of_its_type() -> None:
    (event,) = EventBuffer().feed(sse({"type": "ping", "一": 1}))
    assert (event.name, orjson.loads(event.data or b"")) == ("ping", {"type": "ping", "一": 1})


@settings(parent=quick, max_examples=25)
@given(trees)
def test_any_event_is_frames_or_a_broken_upstream(tree: Any) -> None:
    for data in (
        tree,
        {"type": "content_block_start", "index": 0, "content_block": tree},
        piece("text_delta", text=tree),
    ):
        if not isinstance(data, dict):
            continue
        reader = EventReader("up")
        reader.read(b"", dict(START), Event(b"", b"", "message_start"))
        try:
            frames = reader.read(b"", data, Event(b"", b"", str(data.get("type"))))
        except UpstreamBroke:
            continue
        assert all(isinstance(delta.text, str) for frame in frames for delta in frame.deltas)
