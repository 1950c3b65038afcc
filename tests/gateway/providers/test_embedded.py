"""Embeddings in OpenAI's shape: the numbers survive base64, and one that is base64 already is not written twice."""

from __future__ import annotations

import base64
import struct

import orjson
import pytest

from gateway.providers.embedded import embeddings


def rows(*vectors: list[float] | str, form: object) -> list[object]:
    answer = orjson.loads(embeddings("m", vectors, 7, form))
    assert (answer["model"], answer["usage"]) == ("m", {"prompt_tokens": 7, "total_tokens": 7})
    return [row["embedding"] for row in answer["data"]]


@pytest.mark.parametrize("form", [None, "float", 5])
def test_numbers_stay_numbers(form: object) -> None:
    assert rows([0.5, -1.0], [2.0, 3.0], form=form) == [[0.5, -1.0], [2.0, 3.0]]


def test_base64_holds_32_bit_floats() -> None:
    (written,) = rows([0.5, -1.0], form="base64")
    assert struct.unpack("<2f", base64.b64decode(str(written))) == (0.5, -1.0)
    assert rows("AAAAPwAAgL8=", form="base64") == ["AAAAPwAAgL8="]
