"""Requests for pictures and speech: every text is found and can be changed, all else is checked or left alone."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.errors import RequestError, UpstreamBroke
from gateway.wire import made
from gateway.wire.images import Images
from gateway.wire.made import Made
from gateway.wire.speech import Speech


def raw(**body: Any) -> bytes:
    return orjson.dumps(body)


def test_the_prompt_is_what_was_asked_and_every_other_text_is_found() -> None:
    body = {"model": "m", "prompt": "一只猫", "size": "1x1", "negative_prompt": "dog", "extra": {"狗": ["x", 1]}}
    question = Images().read(raw(**body))
    slots = {slot.path: (slot.role, slot.kind, slot.text) for slot in question.slots}
    assert slots == {
        ("prompt",): ("user", "content", "一只猫"),
        ("negative_prompt",): ("user", "content", "dog"),
        ("extra", 0): ("user", "name", "狗"),
        ("extra", "狗", 0): ("user", "definition", "x"),
    }
    assert (question.dialect, question.model, question.stream, question.plain) == ("images", "m", False, False)
    assert question.wordless


def test_of_speech_the_words_and_the_instructions_are_found() -> None:
    question = Speech().read(raw(model="m", input="你好", instructions="calm", voice={"id": "v"}, user="u-1"))
    assert [(slot.path, slot.text) for slot in question.slots] == [(("input",), "你好"), (("instructions",), "calm")]
    assert (question.dialect, question.asked, question.user) == ("speech", "你好\ncalm", "u-1")


def test_only_what_was_changed_is_written_anew() -> None:
    body = b'{"model": "m", "prompt": "a 123", "seed": 1.50, "n": 2}'
    dialect = Images()
    question = dialect.read(body)
    assert question.choices == 2
    assert dialect.write(question, {}, model="m") == body
    changed = dialect.write(question, {("prompt",): "a ***"}, model="other")
    assert changed == b'{"model":"other","prompt":"a ***","seed":1.50,"n":2}'


WRONG: list[tuple[Any, dict[str, Any], str, str | None]] = [
    (Images, {"prompt": "x"}, "invalid_type", "model"),
    (Images, {"model": "m"}, "invalid_type", "prompt"),
    (Images, {"model": "m", "prompt": ""}, "invalid_type", "prompt"),
    (Images, {"model": "m", "prompt": ["x"]}, "invalid_type", "prompt"),
    (Images, {"model": "m", "prompt": "x", "n": 0}, "out_of_range", "n"),
    (Images, {"model": "m", "prompt": "x", "n": True}, "invalid_type", "n"),
    (Images, {"model": "m", "prompt": "x", "n": "2"}, "invalid_type", "n"),
    (Images, {"model": "m", "prompt": "x", "stream": True}, "stream_not_served", "stream"),
    (Speech, {"model": "m", "prompt": "x"}, "invalid_type", "input"),
    (Speech, {"model": "m", "input": "x", "stream_format": "sse"}, "stream_not_served", "stream_format"),
]


@pytest.mark.parametrize(("dialect", "body", "code", "param"), WRONG)
def test_a_wrong_request_is_told_what_and_where(dialect: Any, body: Any, code: str, param: str | None) -> None:
    with pytest.raises(RequestError) as caught:
        dialect().read(raw(**body))
    assert (caught.value.status, caught.value.code, caught.value.param) == (400, code, param)


def test_what_does_not_stream_may_say_so() -> None:
    assert not Images().read(raw(model="m", prompt="x", stream=False)).stream
    assert not Speech().read(raw(model="m", input="x", stream_format="audio")).stream


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b'{"model":"m","prompt":"x","prompt":"y"}', b"\xff"])
def test_what_is_no_json_object_is_refused(bad: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        Images().read(bad)
    assert caught.value.code == "invalid_json"


def test_errors_come_in_openais_envelope() -> None:
    body = orjson.loads(Speech().error(400, "content_filter", "no", param=None, extra={"sluice": {"request_id": "1"}}))
    assert body["error"] == {"message": "no", "type": "invalid_request_error", "param": None, "code": "content_filter"}
    assert body["sluice"] == {"request_id": "1"}


def test_an_answer_has_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "MOST_MADE", 10)
    answer = Made("up")
    answer.feed(b"12345")
    answer.feed(b"67890")
    assert answer.whole() == b"1234567890"
    with pytest.raises(UpstreamBroke, match="more than 10 bytes"):
        answer.feed(b"1")
