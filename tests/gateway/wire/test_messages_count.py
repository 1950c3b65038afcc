"""A count is the upstream's number or an estimate that says so; it brings no words of anybody."""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import UpstreamBroke
from gateway.exchange import Question, Slot, Usage
from gateway.ports import Passage
from gateway.wire.messages_count import _MOST, Count, estimate, estimate_of

ASKED = Question(
    "count_tokens",
    b"{}",
    {},
    "m",
    False,
    (Slot(("a",), "user", "content", "你好"), Slot(("b",), "user", "content", "abc")),
)


def relayed(raw: bytes, size: int = 7) -> bytes:
    count = Count(ASKED, "up")
    for at in range(0, len(raw), size):
        assert count.feed(raw[at : at + size]) == []
    (frame,) = count.finish()
    assert (frame.last, frame.usage, frame.deltas) == (True, Usage(), ())
    return count.write(frame, Passage([])) + count.end(Usage())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"input_tokens": 12}, {"input_tokens": 12}),
        ({"input_tokens": 0, "cache": 3, "note": "密 secret", "more": {"a": 1}}, {"input_tokens": 0, "cache": 3}),
    ],
)
def test_only_numbers_of_a_count_go_on(said: dict[str, object], told: dict[str, int]) -> None:
    assert orjson.loads(relayed(orjson.dumps(said))) == told


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "a count that is not JSON"),
        (b'"secret"', "a count that is not a JSON object"),
        (b"{}", "a count that is no number"),
        (b'{"input_tokens": "secret"}', "a count that is no number"),
        (b'{"input_tokens": true}', "a count that is no number"),
        (b'{"input_tokens": 1.5}', "a count that is no number"),
    ],
)
def test_what_is_no_count_broke_and_is_not_quoted(raw: bytes, says: str) -> None:
    with pytest.raises(UpstreamBroke, match=says) as error:
        relayed(raw)
    assert "secret" not in str(error.value)


def test_a_count_without_end_broke() -> None:
    count = Count(ASKED, "up")
    count.feed(b" " * _MOST)
    with pytest.raises(UpstreamBroke, match="a count of more than 65536 bytes"):
        count.feed(b" ")


def test_a_request_that_is_refused_has_a_size_too() -> None:
    assert orjson.loads(Count(ASKED, "").reply("拒绝", "stop", {}, id="x", created=0)) == {
        "input_tokens": 3,
        "estimated": True,
    }


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("中文", 2), ("中a", 2), ("\ud800", 1)]
)
def test_an_estimate_is_three_bytes_a_token_and_says_that_it_is_one(text: str, tokens: int) -> None:
    assert orjson.loads(estimate(text)) == {"input_tokens": tokens, "estimated": True}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, ""),
        ({"system": "守则", "messages": [{"role": "user", "content": "你好 you"}]}, "守则你好 you"),
        ({"system": [{"type": "text", "text": "abc"}]}, "abc"),
        ({"messages": [{"role": "user", "content": [
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 999}},
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "结果"}]}]}, "结果"),
        ({"messages": [{"role": "assistant", "content": [
            {"type": "tool_use", "id": "t", "name": "find", "input": {"q": ["甲", 5]}}]}]}, "find甲"),
        ({"tools": [{"name": "f", "description": "查", "input_schema": {"type": "object"}}], "model": "m"}, "f查"),
        ({"messages": [{"role": "assistant", "content": [
            {"type": "thinking", "thinking": "想", "signature": "S" * 99}]}]}, "想"),
    ],
)  # fmt: skip
def test_every_text_of_a_request_is_estimated_and_no_picture_or_seal(body: dict[str, object], text: str) -> None:
    assert estimate_of(orjson.dumps(body)) == estimate(text)
