"""HTML: a parser finds the meta element in the head, and no other byte changes."""

from __future__ import annotations

import io
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kit.specimens import LABEL, OTHER, html

from gateway.errors import LabelError
from gateway.labels.carrier import Reading
from gateway.labels.carriers.html import Html
from gateway.labels.files import write_bytes
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import examine


def read(data: bytes) -> Reading:
    return Html().read(io.BytesIO(data))


class Metas(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta":
            self.found.append(dict(attrs))


@pytest.mark.parametrize(
    ("page", "before"),
    [
        (html().decode(), "<head>"),
        ("<html lang=zh><HEAD class='a>b'>x</HEAD>", "<HEAD class='a>b'>"),
        ("<!-- <head> --><html><body>x", "<html>"),
        ("<!DOCTYPE html><p>x", "<!DOCTYPE html>"),
        ("<html><script>'<head>'</script></html>", "<html>"),
        ("<p>x", ""),
    ],
)
def test_the_element_joins_the_head_and_nothing_else_changes(page: str, before: str) -> None:
    after = write_bytes(page.encode(), LABEL, name="a.html").decode()
    start = page.index(before) + len(before)
    assert after.startswith(page[:start] + '<meta name="AIGC"')
    assert after.endswith(page[start:])
    (mine,) = [one for one in Metas(after).found if one.get("name") == "AIGC"]
    assert mine["content"] == LABEL.dump()


@pytest.mark.parametrize("code", ["utf-8", "gbk", "big5"])
def test_a_page_in_any_encoding_keeps_its_bytes(code: str) -> None:
    page = "<html><head><title>題</title></head></html>".encode(code)
    after = write_bytes(page, LABEL, name="a.html")
    assert "題".encode(code) in after


@pytest.mark.parametrize(
    "element",
    [
        "<meta name='AIGC' content='{}'>",
        "<META CONTENT='{}' NAME=AIGC />",
        "<meta property=AIGC content='{}'>",
        "<meta name='other' content='{}'>",
    ],
)
def test_a_label_however_written_is_found_and_replaced(element: str) -> None:
    page = f"<html><head>{element.format(LABEL.dump())}</head>".encode()
    assert len(read(page).fields) == 1
    assert [one.text for one in read(write_bytes(page, OTHER, replace=True)).fields] == [OTHER.dump()]


def test_what_only_looks_like_an_element_is_none() -> None:
    meta = f"<meta name='AIGC' content='{LABEL.dump()}'>"
    assert (
        read(f'<html><!-- {meta} --><script>{meta}</script><p title="{meta.replace(chr(34), "")}">'.encode()).fields
        == ()
    )


def test_a_visible_label_is_a_trace_and_a_script_is_not_read() -> None:
    assert [one.kind for one in read("<html><body><p>本内容由人工智能生成</p><p>x</p>".encode()).traces] == [
        "visible-text"
    ]
    assert read("<html><body><script>// 人工智能生成\n</script><p>x</p>".encode()).traces == ()


@pytest.mark.parametrize("page", ["<html>".encode("utf-16"), b"<html>\0"])
def test_a_page_whose_tags_are_no_ascii_is_told(page: bytes) -> None:
    assert "NUL" in read(page).faults[0]
    with pytest.raises(LabelError, match="NUL"):
        write_bytes(page, LABEL, name="a.html")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"])))
def test_any_words_in_a_label_come_back_as_they_were(words: str) -> None:
    label = AigcLabel("1", words, words, "", "p", "1", "")
    (field,) = read(write_bytes(html(), label, name="a.html", replace=True)).fields
    assert examine(field.text).label == label


@given(st.text(alphabet="<>/!-'\"= metahdscripnAIGC{}"))
def test_whatever_the_page_is_the_label_is_read_back_and_nothing_else_changed_or_it_is_refused(page: str) -> None:
    if read(page.encode()).fields:
        with pytest.raises(LabelError, match="carries a label already"):
            write_bytes(page.encode(), LABEL, name="a.html")
        return
    assume(page)  # an empty file is refused, and told elsewhere
    after = write_bytes(page.encode(), LABEL, name="a.html").decode()
    start = after.index('<meta name="AIGC"')
    assert after[:start] + after[start + len(after) - len(page) :] == page
    (field,) = read(after.encode()).fields
    assert examine(field.text).label == LABEL


def test_a_megabyte_that_never_closes_is_read_in_a_moment() -> None:
    for piece in ("<", "<!--", "<meta ", "<script>", "<meta a='", '<a "'):
        assert read((piece * (1_000_000 // len(piece))).encode()).fields == ()
