"""Files in parts of answers are found by their shapes, and nothing else is taken for one.

Mutants killed: a text source taken for base64; ``data`` without a kind beside it; only the first file found; a place
that is a copy; an address taken for bytes.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gateway.wire.enclosed import enclosed

B64 = "UEsDBA=="
URL = f"data:application/pdf;base64,{B64}"

FOUND: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"type": "file", "file": {"filename": "报告.pdf", "file_data": URL}}, [("url", "报告.pdf")]),
    ({"type": "file", "file": {"filename": "a.docx", "file_data": B64}}, [("base64", "a.docx")]),
    ({"source": {"type": "base64", "media_type": "application/pdf", "data": B64}}, [("base64", "")]),
    ({"title": "t", "source": {"type": "base64", "media_type": "text/markdown", "data": B64}}, [("base64", "t.md")]),
    ({"content": [{"type": "image", "data": B64, "mimeType": "image/png"}]}, [("base64", "")]),
    ({"resource": {"uri": "file:///n.md", "mimeType": "text/markdown", "blob": B64}}, [("base64", "file:///n.md")]),
    ({"type": "input_audio", "input_audio": {"data": B64, "format": "wav"}}, [("base64", "")]),
    ({"type": "image_generation_call", "result": B64}, [("base64", "")]),
    ({"outputs": [{"b64_json": B64}, {"image": URL}]}, [("base64", ""), ("url", "")]),
    ({"files": [URL, {"x": URL}]}, [("url", ""), ("url", "")]),
    ({"page": f"data:text/html;charset=utf-8;base64,{B64}"}, [("url", "file.html")]),
]


@pytest.mark.parametrize(("part", "expected"), FOUND)
def test_files_are_found_where_they_stand(part: Any, expected: list[tuple[str, str]]) -> None:
    part = copy.deepcopy(part)
    found = list(enclosed(part, 3))
    assert [(one.form, one.name) for one in found] == expected
    assert {(one.kind, one.choice) for one in found} == {("file", 3)}
    assert all(one.place[one.key].endswith(B64) for one in found)
    for one in found:
        one.place[one.key] = "labelled"
    assert B64 not in str(part), "the places are the part's own"


NONE: list[Any] = [
    {"source": {"type": "text", "media_type": "text/plain", "data": "plain words"}},
    {"type": "redacted_thinking", "data": B64},
    {"type": "code_execution_output", "file_id": "file_1"},
    {"type": "web_search_result", "url": "https://a.example/a.pdf", "encrypted_content": B64},
    {"file_data": "https://a.example/a.pdf"},
    {"type": "url_citation", "url_citation": {"url": "data:text/plain,hello", "title": "t"}},
    {"result": B64, "type": "other"},
    {"b64_json": "", "files": ["words", 3, None]},
]


@pytest.mark.parametrize("part", NONE)
def test_ids_addresses_and_words_are_no_files(part: Any) -> None:
    assert not list(enclosed(part))


def test_only_the_keys_that_are_asked_for_are_looked_at() -> None:
    part = {"one": {"b64_json": B64}, "other": {"b64_json": B64}, "b64_json": B64}
    (found,) = enclosed(part, only=("one",))
    assert found.place is part["one"]
