"""Rows of JSON as they come; what is wrong with one is said without a word of it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gateway.cli.rows import RowError, lines_of, parsed


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (b"", []),
        (b'{"a": 1}', ["<stdin>:1"]),
        (b'{"a": 1}\n\n  \r\n{"a": 1}\r\n', ["<stdin>:1", "<stdin>:4"]),
        (b'\xef\xbb\xbf{"a": 1}\n{"a": 1}', ["<stdin>:1", "<stdin>:2"]),
        (b'\xef\xbb\xbf\n{"a": 1}', ["<stdin>:2"]),
    ],
)
def test_lines_come_with_their_places_and_without_a_mark(content: bytes, places: list[str]) -> None:
    lines = list(lines_of(io.BytesIO(content)))
    assert [place for place, _ in lines] == places
    assert [parsed(line) for _, line in lines] == [{"a": 1}] * len(places)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"text": "你好"}\r\n'.encode(), {"text": "你好"}),
        ('{"text": "a\u2028b"}\n'.encode(), {"text": "a\u2028b"}),
        (rb'{"text": "\ud83d\ude00"}', {"text": "😀"}),
        (b"[1]", [1]),
    ],
)
def test_a_line_says_what_it_says(line: bytes, value: Any) -> None:
    assert parsed(line) == value


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"text": \n', "the line is not JSON (column 10): write one object a line"),
        (b"word", "the line is not JSON (column 1): write one object a line"),
        ("{“text”: 1}".encode(), "the line is not JSON (column 2): write one object a line"),
        ('{"text": "你好"}'.encode("gb18030"), "the line is not UTF-8: save the file as UTF-8"),
        ('{"text": "你好"}'.encode("utf-16"), "the line is not UTF-8: save the file as UTF-8"),
        ('{"text": "hi"}'.encode("utf-16-be"), "the line is not UTF-8: save the file as UTF-8"),
        (rb'{"text": "\udc00"}', "the row holds what is no text: half a surrogate pair"),
    ],
)
def test_what_is_wrong_is_said_without_a_word_of_it(line: bytes, said: str) -> None:
    with pytest.raises(RowError) as error:
        parsed(line)
    assert str(error.value) == said
