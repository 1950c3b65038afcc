"""The text layer of a PDF is read page by page; a scan, a password and a file without end are told."""

from __future__ import annotations

import pytest
from kit.papers import pdf

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section
from gateway.knowledge.readers import pdf as pdf_reader
from gateway.knowledge.readers.formats import read_document
from gateway.knowledge.readers.pdf import _joined, read


def sections(name: str, data: bytes) -> list[tuple[str, tuple[str, ...], str]]:
    return [(section.text, section.headings, section.place) for section in read_document(name, data).sections]


def test_pdf_is_read_page_by_page_and_broken_lines_are_joined() -> None:
    found = sections("a.pdf", pdf(["Returns are accepted\nwithin thirty days.", "", "Page three."]))
    assert found == [("Returns are accepted within thirty days.", (), "p. 1"), ("Page three.", (), "p. 3")]


def test_two_hundred_pages_are_read() -> None:
    assert len(sections("a.pdf", pdf([f"Page {at}." for at in range(200)]))) == 200


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("七天内\n可以退货。", "七天内可以退货。"),
        ("一、 \n 二", "一、二"),
        ("第一句。\n第二句", "第一句。\n第二句"),
        ("within\nthirty days", "within thirty days"),
        ("agree-\nment", "agreement"),
        ("A-\nB", "A-\nB"),
        ("End.\nNew line", "End.\nNew line"),
        ("项目\nitem", "项目\nitem"),
        ("a\0b ", "ab"),
    ],
)
def test_lines_that_a_pages_width_has_broken_are_joined_and_no_others(text: str, joined: str) -> None:
    assert _joined(text) == joined


def test_a_page_without_words_is_left_out_and_a_file_of_such_pages_is_a_scan() -> None:
    assert read(pdf(["", "two"])) == ("", (Section("two", (), "p. 2"),))
    with pytest.raises(KnowledgeError, match=r"none of its 3 pages .*: a scan"):
        read(pdf(["", "", ""]))


def test_too_many_pages_are_told_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "MOST_PAGES", 2)
    assert len(read(pdf(["a", "b"]))[1]) == 2
    with pytest.raises(KnowledgeError, match="3 pages are more than 2 — split the document"):
        read(pdf(["a", "b", "c"]))


def test_a_password_is_told() -> None:
    with pytest.raises(KnowledgeError, match="encrypted — save it without a password"):
        read(pdf(["x"], password="secret"))
