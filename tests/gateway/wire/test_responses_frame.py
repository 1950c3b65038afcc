"""Every text of a whole response is found, with its place, and what nobody can read is named.

Mutants killed: an item of an unknown kind that is passed over; a key of an unknown part; an error's words.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import UpstreamBroke
from gateway.exchange import Usage
from gateway.wire.responses_frame import hidden_in_response, read_whole, usage_of


def texts(*items: dict[str, Any], **more: Any) -> tuple[list[str], list[str]]:
    found, _ = read_whole({"output": list(items), **more}, "up")
    assert [place[key] for place, key in found.places] == [delta.text for delta in found.deltas]
    return [delta.text for delta in found.deltas], found.unread


def test_messages_thoughts_and_calls_are_read_in_their_order() -> None:
    said, unread = texts(
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "短"}], "content": None},
        {"type": "message", "content": [{"type": "output_text", "text": "好", "annotations": []}]},
        {"type": "message", "content": [{"type": "refusal", "refusal": "不 no"}]},
        {"type": "function_call", "name": "f", "arguments": '{"a": "b"}'},
    )
    assert (said, unread) == (["短", "好", "不 no", '{"a": "b"}'], [])


def test_an_item_that_nobody_knows_is_read_to_its_last_string() -> None:
    said, unread = texts({"type": "new_call", "action": {"query": "问", "more": ["bare"]}, "image_url": "data:x"})
    assert said == ["问"]
    assert unread == ["output[0].action.more[0]", "output[0].image_url"]


def test_what_stands_beside_the_known_keys_is_named() -> None:
    _, unread = texts({"type": "message", "content": [{"type": "output_text", "text": "x", "extra": "y"}], "new": "z"})
    assert unread == ["output[0].content[0].extra", "output[0].new"]
    assert hidden_in_response({"id": "x", "output": [], "novel": "words", "count": 3}) == ("novel",)


def test_words_of_ours_may_stand_in_the_last_text_and_nowhere_else() -> None:
    text = {"type": "output_text", "text": "x"}
    assert read_whole({"output": [{"type": "message", "content": [text]}]}, "up")[1] is text
    call = {"type": "function_call", "arguments": "{}"}
    assert read_whole({"output": [{"type": "message", "content": [text]}, call]}, "up")[1] is None


def test_the_words_of_an_error_are_read() -> None:
    assert texts(error={"code": "x", "message": "说明"})[0] == ["x", "说明"]


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "content": "x"},
        {"type": "message", "content": [{"type": "novel", "text": "x"}]},
        {"type": "message", "content": [{"type": "output_text", "text": 1}]},
        {"type": "function_call", "arguments": {}},
    ],
)
def test_an_item_that_does_not_fit_broke(item: dict[str, Any]) -> None:
    with pytest.raises(UpstreamBroke):
        read_whole({"output": [item]}, "up")


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        (None, None),
        ([], None),
        ({}, Usage()),
        ({"input_tokens": 7, "output_tokens": 5}, Usage(7, 5)),
        ({"input_tokens": -1, "output_tokens": "5"}, Usage()),
    ],
)
def test_tokens_are_numbers_from_0_on(usage: Any, read: Usage | None) -> None:
    assert usage_of(usage) == read
