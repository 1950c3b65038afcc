"""Documents as people have them: Markdown, Word, workbooks, PDF, and a bomb in a ZIP file."""

from __future__ import annotations

import io
import zipfile
from typing import Any

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


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    return out.getvalue()
