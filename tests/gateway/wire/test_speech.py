"""Answers of a speech endpoint: one sound, whole, and no text in its place that nobody has judged."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kit.media import wav

from gateway.errors import UpstreamBroke
from gateway.exchange import Usage
from gateway.ports import AnswerCodec, Passage
from gateway.wire.speech import Speech, SpeechAnswer


def codec(**more: Any) -> AnswerCodec:
    dialect = Speech()
    return dialect.codec(dialect.read(orjson.dumps({"model": "m", "input": "x", **more})), stream=False, upstream="up")


def test_a_sound_is_one_medium_and_leaves_as_what_stands_in_its_place() -> None:
    answer = SpeechAnswer("up")
    data = wav(0.1)
    assert answer.feed(data[:50]) == answer.feed(data[50:]) == []
    (frame,) = answer.finish()
    assert answer.write(frame, Passage([])) == data
    (medium,) = frame.media
    assert (medium.kind, medium.form, frame.unread, frame.last) == ("sound", "bytes", ("audio",), True)
    medium.place[medium.key] = b"labelled"
    assert answer.write(frame, Passage([], relabelled=True)) == b"labelled"


@pytest.mark.parametrize("raw", [b"", b'{"text":"words"}', b" [1]", b"<html>words</html>"])
def test_text_in_place_of_a_sound_breaks(raw: bytes) -> None:
    answer = codec(response_format="mp3")
    answer.feed(raw)
    with pytest.raises(UpstreamBroke, match="sent no sound"):
        answer.finish()


def test_bare_samples_may_look_like_anything() -> None:
    answer = codec(response_format="pcm")
    answer.feed(b"{{{{")
    assert answer.write(answer.finish()[0], Passage([])) == b"{{{{"


def test_the_type_is_the_upstreams_and_nothing_is_said_in_place_of_a_sound() -> None:
    answer = codec()
    assert answer.content_type == ""
    assert answer.end(Usage()) == answer.fail("c", "m", id="1") == b""
    assert answer.reply("x", "stop", {}, id="1", created=0) == b""
