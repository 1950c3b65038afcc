"""A row of a workbook is a sentence that names its columns, wherever in the sheet it stands."""

from __future__ import annotations

import io
import time

import pytest
from kit.papers import book
from openpyxl import Workbook

from gateway.errors import KnowledgeError
from gateway.knowledge.document import Section
from gateway.knowledge.readers import xlsx
from gateway.knowledge.readers.xlsx import read


def test_each_row_of_a_workbook_names_its_columns() -> None:
    rows = [["商品", "价格", None], ["茶", 30, "热"], [None, None, None], ["coffee", 18.5, None]]
    assert read(book(rows))[1] == (
        Section("商品：茶；价格：30；热", ("价目",), "价目 2"),
        Section("商品：coffee；价格：18.5", ("价目",), "价目 4"),
    )


def test_a_stray_cell_at_the_far_corner_of_a_sheet_costs_no_more_than_itself() -> None:
    made = Workbook()
    made.active.title = "价目"
    made.active.append(["商品", "price"])
    made.active.append(["茶", 30])
    made.active["XFD60000"] = "far"
    out = io.BytesIO()
    made.save(out)
    begun = time.process_time()
    sections = read(out.getvalue())[1]
    assert time.process_time() - begun < 10  # half a second; half a minute where every row is as wide as the sheet
    assert [(one.text, one.place) for one in sections] == [
        ("商品：茶；price：30", "价目 2"),
        ("far", "价目 60000"),
    ]


def test_each_sheet_has_its_own_head_and_the_workbook_its_title() -> None:
    made = Workbook()
    made.properties.title = "价目 2026"
    made.active.title = "茶"
    for row in ([None, None], ["名  称", "price"], ["龙\n井", 30]):  # the head is the first row that says something
        made.active.append(row)
    other = made.create_sheet("coffee")
    other.append(["only a head"])
    out = io.BytesIO()
    made.save(out)
    assert read(out.getvalue()) == ("价目 2026", (Section("名 称：龙 井；price：30", ("茶",), "茶 3"),))


def test_too_many_rows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    rows: list[list[object]] = [["head"], ["a"], ["b"]]
    assert len(read(book(rows))[1]) == 2
    with pytest.raises(KnowledgeError, match="more than 2 rows — split the workbook"):
        read(book([*rows, ["c"]]))
