"""Rows of CSV files and workbooks come as text with their numbers, and what is no such file is told with its place."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.document import sheets
from gateway.document.sheets import MOST_COLUMNS, Rows, cells, decoded, sheet, workbook
from gateway.errors import PolicyError


def book(*tabs: tuple[str, list[list[object]]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, rows in tabs:
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def written(rows: Rows) -> list[tuple[int, list[str]]]:
    """The rows without the empty cells at their ends: a workbook's rows are all as wide as a table may be."""
    return [(number, "\t".join(row).rstrip("\t").split("\t")) for number, row in rows]


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        ("词,word\n".encode(), "词,word\n", "utf-8"),
        (b"\xef\xbb\xbfplain", "plain", "utf-8"),
        ("词语,mixed".encode("gb18030"), "词语,mixed", "gb18030"),
        ("𠮷".encode("gb18030"), "𠮷", "gb18030"),
        (b"", "", "utf-8"),
    ],
)
def test_text_is_utf_8_or_gb18030(content: bytes, text: str, encoding: str) -> None:
    assert decoded(content, "f.csv") == (text, encoding)


UTF, GBK = ["杀猪盘,fraud", "骗保,fraud", "plain,fraud", "刷单 scam,fraud"], "赌球,fraud".encode("gb18030")


@pytest.mark.parametrize(
    ("lines", "line", "what"),
    [
        ([*map(str.encode, UTF), GBK], 5, "the line is not UTF-8, but 3 are"),
        ([GBK, *map(str.encode, UTF)], 1, "the line is not UTF-8, but 3 are"),
        (["賭場,fraud".encode("big5"), *map(str.encode, UTF)], 1, "the line is not UTF-8, but 3 are"),
        ([*map(str.encode, UTF), GBK, b"x", GBK], 5, "this line and 1 more are not UTF-8, but 3 are"),
        ([*map(str.encode, UTF), "骗".encode()[:2]], 5, "the line is not UTF-8, but 3 are"),
        (["\ufeffterm,risk".encode(), GBK], 2, "the line is not UTF-8, but 1 are"),
        ([GBK, GBK, "杀猪盘".encode(), GBK], 3, "the line is UTF-8, but 3 are not"),
        ([GBK, GBK, GBK, "a 刷单".encode(), "骗保".encode()], 4, "this line and 1 more are UTF-8, but 3 are not"),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_that_are_written_unlike_the_others_are_named(
    lines: list[bytes], line: int, what: str, end: bytes
) -> None:
    with pytest.raises(PolicyError) as told:
        decoded(end.join(lines), "f.csv")
    hint = "write it anew, and save the file as UTF-8"
    assert str(told.value) == f"f.csv:{line}: {what} — {hint}"


@pytest.mark.parametrize(
    "text",
    [
        "词语,mixed\nplain\n杀猪盘\n",
        "一\n二\n三\n",  # two bytes each, and UTF-8 of Cyrillic letters, too
        "他说：“刷单”——假的！（第①条）\n",
        "這是繁體字的詞表\n賭場詐騙\n電話號碼\n",
        "é à ü\n洗钱",
        "网上刷单\n冒充客服\n信用卡套现\n統一代办\n",  # which Big5 reads to the end, too
    ],
)
def test_a_whole_file_of_gb18030_is_read_as_such(text: str) -> None:
    assert decoded(text.encode("gb18030"), "f.csv") == (text, "gb18030")


@pytest.mark.parametrize(
    "text", ["關鍵詞,風險\n賭場,a1.d\n詐騙集團,fraud\n", "term,risk\n人口販賣,a1.h\n洗錢 money,fraud\n"]
)
def test_big5_is_not_read_as_what_it_is_not(text: str) -> None:
    with pytest.raises(PolicyError, match=r"^f\.csv: the file may be Big5 as well as GB18030 text — save it as UTF-8$"):
        decoded(text.encode("big5"), "f.csv")


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"PK\x03\x04\0\0", "词\0".encode("gb18030"), b"a\0b"])
def test_bytes_that_are_no_text_are_told(content: bytes) -> None:
    with pytest.raises(PolicyError, match=r"^f\.csv: the file is neither UTF-8 nor GB18030 text — save it as UTF-8$"):
        decoded(content, "f.csv")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("词,word\r\n二,two", [(1, ["词", "word"]), (2, ["二", "two"])]),
        ('"a\nb",c\nd', [(2, ["a\nb", "c"]), (3, ["d"])]),
        ('"他说""好""",x', [(1, ['他说"好"', "x"])]),
        ("a\n\nb", [(1, ["a"]), (2, []), (3, ["b"])]),
    ],
)
def test_a_row_has_the_number_of_the_line_that_it_ends_in(text: str, rows: list[tuple[int, list[str]]]) -> None:
    assert list(cells(text, "f.csv")) == rows


@pytest.mark.parametrize(
    ("text", "line"),
    [('a\n"b', 2), ('a\nb\n"c" d', 3), ("a\n" + "x" * ((1 << 20) + 1), 2)],
    ids=["a quote that is not closed", "text after a quote", "a cell without end"],
)
def test_a_line_that_is_no_csv_is_told_with_its_number(text: str, line: int) -> None:
    with pytest.raises(PolicyError, match=rf"^f\.csv:{line}: the line is not CSV"):
        list(cells(text, "f.csv"))


@pytest.mark.parametrize("text", ["a,b\n", '"'])
def test_how_long_a_cell_may_be_elsewhere_is_left_as_it_was(text: str) -> None:
    usual = csv.field_size_limit(77_777)
    try:
        with contextlib.suppress(PolicyError):
            list(cells(text, "f.csv"))
        assert csv.field_size_limit() == 77_777
    finally:
        csv.field_size_limit(usual)


def test_a_sheet_is_read_as_text_with_the_number_of_each_row() -> None:
    rows: list[list[object]] = [["词", "word"], [None, 1.5], [datetime(2026, 1, 2, 3), True]]
    assert written(workbook(book(("一", rows), ("二", [["other"]])), "f.xlsx")) == [
        (1, ["词", "word"]),
        (2, ["", "1.5"]),
        (3, ["2026-01-02", "True"]),
    ]


def test_a_sheet_is_found_by_its_title_and_one_that_is_missing_is_told_with_those_there_are() -> None:
    content = book(("一", [["first"]]), ("答案", [["好"]]))
    assert written(sheet(content, "f.xlsx", "答案")) == [(1, ["好"])]
    with pytest.raises(PolicyError, match=r"^f\.xlsx: the workbook has no sheet '三' — it has: 一, 答案$"):
        list(sheet(content, "f.xlsx", "三"))


def test_no_more_columns_are_read_than_a_table_has() -> None:
    ((_, row),) = workbook(book(("一", [["x"] * (MOST_COLUMNS + 9)])), "f.xlsx")
    assert len(row) == MOST_COLUMNS


def test_a_workbook_that_unpacks_without_end_is_refused_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    content = book(("一", [["x"]]))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        size = sum(part.file_size for part in parts.infolist())
    monkeypatch.setattr(sheets, "_LARGEST", size)
    assert written(workbook(content, "f.xlsx")) == [(1, ["x"])]
    monkeypatch.setattr(sheets, "_LARGEST", size - 1)
    with pytest.raises(PolicyError, match=r"too large once unpacked — cut it into several files$"):
        list(workbook(content, "f.xlsx"))


GOOD = book(("一", [["密语 secret", 1]]))


@pytest.mark.parametrize(
    "content",
    [b"", b"no workbook", "密语,secret".encode(), GOOD[: len(GOOD) // 2], GOOD.replace(b"PK\x01\x02", b"PK\x01\x03")],
)
def test_what_is_no_workbook_is_told_without_what_stands_in_it(content: bytes) -> None:
    with pytest.raises(PolicyError, match=r"^f\.xlsx: the workbook cannot be read \(\w+\) — open it") as error:
        list(workbook(content, "f.xlsx"))
    assert "secret" not in str(error.value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text("a词,\"' \t", max_size=4), min_size=1, max_size=3), max_size=4))
def test_what_csv_writes_is_read_as_it_was(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    assert [row for _, row in cells(out.getvalue(), "f.csv")] == rows
