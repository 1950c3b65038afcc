"""Text is read in the encodings of China, a section for each stretch between empty lines."""

from __future__ import annotations

import pytest

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section
from gateway.knowledge.readers.plain import decoded, read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_plain_text_is_read_in_the_encodings_of_china(encoding: str) -> None:
    text = "第一段，繁體也行。\r\n\r\n第二段 second.\r\n"
    assert read(text.encode(encoding)) == ("", (Section("第一段，繁體也行。"), Section("第二段 second.")))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("中文 mixed".encode(), "中文 mixed"),
        ("中文".encode("gb18030"), "中文"),
        ("\ufeff中文".encode("utf-16-le"), "中文"),
        ("\ufeff中文".encode("utf-16-be"), "中文"),
        (b"\xef\xbb\xbfplain", "plain"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"tab\tand\x0bfeed\x0c", "tab\tand\x0bfeed\x0c"),
        (b"", ""),
    ],
)
def test_bytes_become_text_with_line_feeds(data: bytes, text: str) -> None:
    assert decoded(data) == text


@pytest.mark.parametrize("data", [b"a\0b", b"\x1b[0m", b"\xff", b"\xef\xbb\xbf\xff", "\ufeff中\0".encode("utf-16-le")])
def test_bytes_that_are_no_text_are_told(data: bytes) -> None:
    with pytest.raises(KnowledgeError, match="neither UTF-8 nor GB18030 — save it as UTF-8"):
        decoded(data)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("一段\n还是它\n\n第二段", ["一段\n还是它", "第二段"]),
        ("one\n \t\u3000\ntwo\n\n\n\nthree\n", ["one", "two", "three"]),
        (" \n\n\u3000\n", []),
    ],
)
def test_sections_stand_between_empty_lines(text: str, pieces: list[str]) -> None:
    assert read(text.encode()) == ("", tuple(Section(piece) for piece in pieces))
