"""The demonstration's pictures and sounds are what other programs read as such, and the same each time."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import orjson
import pytest
from kit.media import read

from gateway.providers.demonstration import images, speech, vectors


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


def embedded(*texts: Any, **more: Any) -> list[list[float]]:
    answer = orjson.loads(vectors(orjson.dumps({"model": "echo", "input": list(texts), **more})))
    assert [row["index"] for row in answer["data"]] == list(range(len(texts)))
    return [row["embedding"] for row in answer["data"]]


def near(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("text", "like", "unlike"),
    [
        ("退货要几天", "请问退货要几天？", "今天天气真好"),
        ("How do I return a parcel?", "how do i return this parcel", "The cat sleeps."),
        ("订单 order 状态", "order 状态 查询", "猫 and dog"),
    ],
)
def test_texts_with_the_same_words_are_near_each_other(text: str, like: str, unlike: str) -> None:
    one, same, again, other = embedded(text, like, text, unlike)
    assert one == again
    assert near(one, one) == pytest.approx(1)
    assert near(one, same) > near(one, other) + 0.2


@pytest.mark.parametrize(("asked", "size"), [(None, 256), (8, 8), (0, 1), (10**9, 4096), ("x", 256)])
def test_vectors_have_the_size_that_was_asked_for_within_bounds(asked: Any, size: int) -> None:
    (vector,) = embedded("你好", **({"dimensions": asked} if asked is not None else {}))
    assert len(vector) == size


def test_tokens_and_nothing_have_vectors_too() -> None:
    one, other, nothing = embedded([1, 2, 3], [7, 8, 9], "")
    assert one != other
    assert len(nothing) == len(one)
    single = orjson.loads(vectors(orjson.dumps({"model": "echo", "input": [1, 2, 3]})))
    assert [row["embedding"] for row in single["data"]] == [one]
