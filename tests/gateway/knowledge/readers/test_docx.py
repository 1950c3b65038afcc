"""Word documents are read by their styles, whatever language these have, tables in their place."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from kit.papers import word

from gateway.errors import KnowledgeError
from gateway.knowledge.readers.docx import read
from gateway.knowledge.readers.formats import read_document


def test_word_is_read_by_its_styles() -> None:
    document = read_document("a.docx", word())
    assert document.title == "售后政策"
    assert [(section.text, section.headings) for section in document.sections] == [
        ("七天内可以退货。", ("退货",)),
        ("茶 | 30 元", ("退货", "价格")),
    ]


def test_headings_in_chinese_styles_and_paragraphs_around_tables_keep_their_order() -> None:
    document: Any = Document()
    document.styles.add_style("标题 1", 1)
    document.add_paragraph("序 preface")
    document.add_paragraph("第一章", style="标题 1")
    document.add_paragraph("before 表")
    table = document.add_table(rows=2, cols=2)
    merged = table.cell(0, 0).merge(table.cell(0, 1))
    merged.text = "合并 merged"
    table.cell(1, 0).text, table.cell(1, 1).text = "甲", " b\n c "
    document.add_paragraph("after 表")
    document.add_paragraph("   ")
    out = io.BytesIO()
    document.save(out)
    title, sections = read(out.getvalue())
    assert title == "第一章"
    assert [(one.text, one.headings) for one in sections] == [
        ("序 preface", ()),
        ("before 表\n合并 merged\n甲 | b c\nafter 表", ("第一章",)),
    ]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken"])
def test_what_is_no_zip_file_is_told(data: bytes) -> None:
    with pytest.raises(KnowledgeError, match="damaged"):
        read(data)
