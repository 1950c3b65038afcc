"""Documents of every format are read alike; what cannot be read says what it is and what to do."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import KnowledgeError
from gateway.knowledge.readers import formats
from gateway.knowledge.readers.formats import READERS, read_document

MARKDOWN = """\
---
layout: page
---
# 售后政策

七天内可以**退货**。
运费由买家承担。

## 价格

| 商品 | 价格 |
|---|---|
| 茶 | 30 元 |

- 第一条
- Second item

```
code
```
"""
HTML = """\
<html><head><title>售后 政策</title><style>p {color: red}</style></head><body><nav>首页</nav>
<h1>退货</h1><p>七天内可以<b>退货</b>。</p><script>alert(1)</script>
<h2>价格</h2><table><tr><th>商品</th><th>价格</th></tr><tr><td>茶</td><td>30 元</td></tr></table></body></html>
"""


def word() -> bytes:
    from docx import Document as Word

    document: Any = Word()
    document.core_properties.title = "售后政策"
    document.add_heading("退货", 1)
    document.add_paragraph("七天内可以退货。")
    document.add_heading("价格", 2)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "茶", "30 元"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def book(rows: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    made = Workbook()
    made.active.title = "价目"
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf(pages: list[str], password: str = "") -> bytes:
    """A PDF whose pages say something, made without a library that draws."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in text.split("\n")) if text else ""
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 250 Td {lines}ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    assert PdfReader
    return out.getvalue()


def sections(name: str, data: bytes) -> list[tuple[str, tuple[str, ...], str]]:
    return [(section.text, section.headings, section.place) for section in read_document(name, data).sections]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_plain_text_is_read_in_the_encodings_of_china(encoding: str) -> None:
    text = "第一段，繁體也行。\r\n\r\n第二段 second.\r\n"
    assert sections("a.txt", text.encode(encoding)) == [("第一段，繁體也行。", (), ""), ("第二段 second.", (), "")]


def test_markdown_is_read_by_its_headings() -> None:
    document = read_document("政策.md", MARKDOWN.encode())
    assert document.title == "售后政策"
    assert [(section.text, section.headings) for section in document.sections] == [
        ("七天内可以退货。\n运费由买家承担。", ("售后政策",)),
        ("商品 | 价格\n茶 | 30 元\n第一条\nSecond item\ncode", ("售后政策", "价格")),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_html_is_read_without_its_scripts(encoding: str) -> None:
    page = HTML.replace("<title>", f"<meta charset={'gbk' if encoding == 'gb18030' else 'utf-8'}><title>")
    document = read_document("p.html", page.encode(encoding))
    assert document.title == "售后 政策"
    assert [(section.text, section.headings) for section in document.sections] == [
        ("七天内可以退货。", ("退货",)),
        ("商品 | 价格\n茶 | 30 元", ("退货", "价格")),
    ]


def test_word_is_read_by_its_styles() -> None:
    document = read_document("a.docx", word())
    assert document.title == "售后政策"
    assert [(section.text, section.headings) for section in document.sections] == [
        ("七天内可以退货。", ("退货",)),
        ("茶 | 30 元", ("退货", "价格")),
    ]


def test_each_row_of_a_workbook_names_its_columns() -> None:
    rows = [["商品", "价格", None], ["茶", 30, "热"], [None, None, None], ["coffee", 18.5, None]]
    assert sections("a.xlsx", book(rows)) == [
        ("商品：茶；价格：30；热", ("价目",), "价目 2"),
        ("商品：coffee；价格：18.5", ("价目",), "价目 4"),
    ]


def test_pdf_is_read_page_by_page_and_broken_lines_are_joined() -> None:
    found = sections("a.pdf", pdf(["Returns are accepted\nwithin thirty days.", "", "Page three."]))
    assert found == [("Returns are accepted within thirty days.", (), "p. 1"), ("Page three.", (), "p. 3")]


def test_two_hundred_pages_are_read() -> None:
    assert len(sections("a.pdf", pdf([f"Page {at}." for at in range(200)]))) == 200


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.exe", b"MZ", "nobody reads files of this kind"),
        ("a", b"text", "nobody reads"),
        ("a.txt", b"%PDF-1.7", "rename it"),
        ("a.pdf", b"PK\x03\x04", "rename it"),
        ("a.doc.docx", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.txt", b"", "holds no text"),
        ("a.txt", b"\xff\xff\xff\x00", "neither UTF-8 nor GB18030"),
        ("a.txt", b"a\x00b", "neither UTF-8 nor GB18030"),
        ("a.docx", b"PK\x03\x04 broken", "damaged"),
        ("a.docx", bomb(), "zip bomb"),
        ("a.xlsx", bomb(), "zip bomb"),
        ("a.xlsx", word(), "damaged"),
        ("a.docx", book([["a"]]), "damaged"),
        ("a.pdf", b"%PDF-1.7 broken", "damaged"),
        ("a.pdf", pdf(["", ""]), "2 pages has a text layer"),
        ("a.pdf", pdf(["x"], password="secret"), "encrypted"),
        ("a.xlsx", book([["only", "a head"]]), "holds no text"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(name: str, data: bytes, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message) as told:
        read_document(name, data)
    assert str(told.value).startswith(name)


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_BYTES", 10)
    with pytest.raises(KnowledgeError, match="split the document"):
        read_document("a.txt", b"0123456789 ")


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(READERS)), data=st.binary(max_size=200), cut=st.integers(0, 3000))
def test_rubbish_and_torn_files_are_named_errors_or_text(name: str, data: bytes, cut: int) -> None:
    whole = {".docx": _WORD, ".xlsx": _BOOK, ".pdf": _PDF}.get(name, MARKDOWN.encode())
    for bad in (data, whole[:cut], whole[:cut] + data + whole[cut:]):
        try:
            document = read_document(f"a{name}", bad)
        except KnowledgeError as error:
            assert str(error).startswith(f"a{name}: ")  # noqa: PT017
        else:
            assert all(section.text.strip() for section in document.sections)


_WORD, _BOOK, _PDF = word(), book([["a", "b"], [1, 2]]), pdf(["hello"])
