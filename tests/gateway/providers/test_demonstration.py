"""The demonstration's pictures and sounds are what other programs read as such, and the same each time."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import orjson
import pytest
from kit.media import read

from gateway.providers.demonstration import images, speech


def drawn(**more: Any) -> list[bytes]:
    body = orjson.loads(images(orjson.dumps({"prompt": "猫", **more}), 7))
    assert body["created"] == 7
    return [base64.b64decode(row["b64_json"]) for row in body["data"]]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (None, (256, 256)),
        ("300x200", (300, 200)),
        ("1x9999", (64, 1024)),
        ("auto", (256, 256)),
        (5, (256, 256)),
    ],
)
def test_a_picture_has_the_size_that_was_asked_for_within_bounds(size: Any, expected: tuple[int, int]) -> None:
    (data,) = drawn(size=size)
    assert read(data).size == expected
    assert read(data).format == "PNG"


def test_pictures_differ_by_number_and_prompt_and_by_nothing_else() -> None:
    assert drawn(n=2) == drawn(n=2)
    assert len({*drawn(n=3), *drawn(prompt="dog")}) == 4
    assert len(drawn(n=128)) == 10


def test_speech_is_a_wav_of_one_second() -> None:
    data = speech(orjson.dumps({"input": "你好"}))
    with wave.open(io.BytesIO(data)) as opened:
        assert (opened.getnchannels(), opened.getsampwidth(), opened.getframerate()) == (1, 2, 16_000)
        assert opened.getnframes() == 16_000
        assert max(opened.readframes(16_000)) > 0
    assert data != speech(orjson.dumps({"input": "hello"}))
    assert data == speech(orjson.dumps({"input": "你好"}))
