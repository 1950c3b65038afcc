"""Answers of an images endpoint: every picture and every word is found, what changed is written, all else stays."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Usage
from gateway.ports import Frame, Passage
from gateway.wire.images import Images, ImagesAnswer

BODY = {
    "created": 1,
    "data": [
        {"b64_json": "AAAA", "revised_prompt": "a cat"},
        {"url": "https://a.example/1.png", "b64_json": None, "note": "hm"},
    ],
    "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8},
}
RAW = orjson.dumps(BODY)


def frame_of(raw: bytes) -> Frame:
    codec = ImagesAnswer("up")
    assert codec.feed(raw) == []
    (frame,) = codec.finish()
    return frame


def test_pictures_words_and_what_nobody_reads_are_found() -> None:
    frame = frame_of(RAW)
    assert [(one.choice, one.key, one.form, one.kind) for one in frame.media] == [
        (0, "b64_json", "base64", "picture"),
        (1, "url", "url", "picture"),
    ]
    assert [(delta.channel, delta.text) for delta in frame.deltas] == [(Channel(0, "content"), "a cat")]
    assert frame.unread == ("data[0].b64_json", "data[1].url", "data[1].note")
    assert (frame.usage, frame.last) == (Usage(3, 5), True)


def test_what_did_not_change_leaves_as_it_came() -> None:
    frame = frame_of(RAW)
    assert ImagesAnswer("up").write(frame, Passage(["a cat"])) == RAW


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        (Passage(["a ***"]), {**BODY, "data": [{**BODY["data"][0], "revised_prompt": "a ***"}, BODY["data"][1]]}),  # type: ignore[index,dict-item]
        (Passage(["a cat"], fields={"aigc": {"Label": "1"}}), {**BODY, "aigc": {"Label": "1"}}),
    ],
)
def test_changed_words_and_fields_are_written(passage: Passage, expected: dict[str, Any]) -> None:
    assert orjson.loads(ImagesAnswer("up").write(frame_of(RAW), passage)) == expected


def test_a_labelled_picture_is_written() -> None:
    frame = frame_of(RAW)
    frame.media[0].place[frame.media[0].key] = "BBBB"
    written = orjson.loads(ImagesAnswer("up").write(frame, Passage(["a cat"], relabelled=True)))
    assert written["data"][0] == {"b64_json": "BBBB", "revised_prompt": "a cat"}


WRONG = [b"", b"{", b"[]", b"{}", b'{"data":{}}', b'{"data":[]}', b'{"data":[1]}', b'{"data":[{}]}']


@pytest.mark.parametrize("raw", [*WRONG, b'{"data":[{"b64_json":""}]}', b'{"data":[{"b64_json":1}]}'])
def test_what_is_no_answer_breaks_without_a_word_of_it(raw: bytes) -> None:
    with pytest.raises(UpstreamBroke, match="'up'"):
        frame_of(raw)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["data", "b64_json", "url", "revised_prompt", "usage"]), inner)
        ),
    )
)
def test_whatever_an_upstream_sends_is_an_answer_or_a_clear_error(body: Any) -> None:
    try:
        frame = frame_of(orjson.dumps(body))
    except UpstreamBroke:
        return
    assert frame.media
    assert len(frame.deltas) == len(frame.places)


def test_nothing_is_said_in_place_of_a_picture() -> None:
    question = Images().read(b'{"model":"m","prompt":"x"}')
    codec = Images().codec(question, stream=False, upstream="up")
    assert codec.content_type == "application/json"
    assert codec.end(Usage()) == codec.fail("c", "m", id="1") == codec.reply("x", "stop", {}, id="1", created=0) == b""
