"""Lists as people have them: three kinds of files, two encodings, and every fault with its row and column."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detectors.intake import Filling, Taken, take_in
from gateway.detectors.wordlist import DEFAULT, Entry
from gateway.errors import PolicyError

FILLING = Filling("fraud", "0.5", "mine", "2026-11-25")


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


SHEET = workbook(
    ("序号", "关键词", "风险类别", "权重"), (1, "贩賣毒品", "a1.h", 0.9), (None,) * 4, (2, "骗保", "fraud", None)
)
CSV = "序号,关键词,风险类别,权重\n1,贩賣毒品,a1.h,0.9\n,,,\n2,骗保,fraud,\n"
WANTED = (
    Entry("贩卖毒品", "a1.h", 0.9, DEFAULT, "mine", "2026-11-25"),
    Entry("骗保", "fraud", 0.5, DEFAULT, "mine", "2026-11-25"),
)


@pytest.mark.parametrize(
    ("name", "content", "encoding"),
    [
        ("a.csv", CSV.encode(), "utf-8"),
        ("a.csv", CSV.encode("utf-8-sig"), "utf-8"),
        ("a.CSV", CSV.encode("gb18030"), "gb18030"),
        ("a.csv", CSV.replace("\n", "\r\n").encode(), "utf-8"),
        ("a.xlsx", SHEET, "xlsx"),
    ],
)
def test_a_list_is_read_whatever_it_is_written_with(name: str, content: bytes, encoding: str) -> None:
    assert take_in(content, name, FILLING) == Taken(WANTED, (), 0, encoding)


def test_a_text_file_is_a_term_a_line() -> None:
    taken = take_in("\ufeff# 骗术\n骗保\n\n 骗保 \n杀猪盘\n".encode(), "a.txt", FILLING)
    assert [entry.term for entry in taken.entries] == ["骗保", "杀猪盘"]
    assert (taken.repeated, taken.problems) == (1, ())


@pytest.mark.parametrize(
    ("row", "place", "what"),
    [
        (",a1.d,0.5,s,2026-11-25,", "a.csv:3:1", "the term is empty"),
        ("长" * 257 + ",a1.d,0.5,s,2026-11-25,", "a.csv:3:1", "257 characters"),
        ("词,A1,0.5,s,2026-11-25,", "a.csv:3:2", "'A1' is not a risk id"),
        ("词,a1.d,2,s,2026-11-25,", "a.csv:3:3", "the weight '2'"),
        ("词,a1.d,0.5,s,昨天,", "a.csv:3:5", "'昨天' is not a date"),
        ("词,a1.d,0.5,s,2026-11-25,nosuch", "a.csv:3:6", "'nosuch' is not a view"),
        ('"词"x,a1.d,0.5,s,2026-11-25,', "a.csv:3", "not CSV"),
        ("词,a1.d,0.5,s,2026-11-25,,more", "a.csv:3:7", "the line has 7 cells instead of 6"),
        ("你好,世界,a1.d,0.5,s,2026-11-25,exact", "a.csv:3:7", "the line has 7 cells instead of 6"),
    ],
)
def test_what_is_wrong_is_named_with_row_and_column_and_the_rest_is_read(row: str, place: str, what: str) -> None:
    head = "term,risk,weight,source,date,view\n好词,a1.d,0.5,s,2026-11-25,\n"
    taken = take_in(f"{head}{row}\n".encode(), "a.csv", Filling())
    assert [entry.term for entry in taken.entries] == ["好词"]
    (problem,) = taken.problems
    assert str(problem).startswith(f"{place}: ")
    assert what in problem.what
    assert problem.hint


@pytest.mark.parametrize(
    ("rows", "terms", "wrong"),
    [
        ("关键词\n你好,世界\n骗保\n", ["骗保"], [2]),
        ("关键词\nhello, world\nsecond\n", ["second"], [2]),
        ("关键词,备注\n骗保,见附件,二\n刷单,x\n", ["刷单"], [2]),
        ('关键词\n"你好,世界"\n', ["你好,世界"], []),
        ("关键词\n骗保,,\n刷单, ,\n", ["骗保", "刷单"], []),  # a table program fills rows up
    ],
)
def test_a_term_is_never_cut_at_its_comma(rows: str, terms: list[str], wrong: list[int]) -> None:
    taken = take_in(rows.encode(), "a.csv", FILLING)
    assert [entry.term for entry in taken.entries] == terms
    assert [problem.where.line for problem in taken.problems if problem.where] == wrong


def test_a_note_beside_the_columns_of_a_workbook_is_no_part_of_a_term() -> None:
    taken = take_in(workbook(("词",), ("骗保", "note"), ("刷单",)), "a.xlsx", FILLING)
    assert ([entry.term for entry in taken.entries], taken.problems) == (["骗保", "刷单"], ())


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\x1c"])
def test_a_term_of_a_text_file_ends_where_its_line_does(inside: str) -> None:
    terms = [entry.term for entry in take_in(f"杀猪{inside}盘\r\n骗保\r刷单\n".encode(), "a.txt", FILLING).entries]
    assert len(terms) == 3
    assert terms[1:] == ["骗保", "刷单"]
    assert "杀猪" not in terms


def test_a_cell_that_is_missing_is_named_unless_something_stands_in_for_it() -> None:
    taken = take_in("词\n骗保\n".encode(), "a.csv", Filling(weight="0.5", date="2026-11-25"))
    assert str(taken.problems[0]) == "a.csv:2: there is no risk — fill the column risk, or say --risk"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.docx", b"", "cannot tell from the ending '.docx'"),
        ("a", b"", "cannot tell from the ending ''"),
        ("a.txt", b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        ("a.txt", b"a\0b", "neither UTF-8 nor GB18030"),
    ],
)
def test_a_file_that_is_no_list_is_refused(name: str, content: bytes, what: str) -> None:
    with pytest.raises(PolicyError, match=what):
        take_in(content, name, FILLING)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", b"keywrod,risk\nx,y\n", "names no column of terms"),
        ("a.csv", b"", "names no column of terms"),
        ("a.xlsx", b"PK no workbook", "cannot be read"),
        ("a.xlsx", SHEET[:-200], "cannot be read"),
    ],
)
def test_a_file_without_terms_is_told(name: str, content: bytes, what: str) -> None:
    taken = take_in(content, name, FILLING)
    assert taken.entries == ()
    assert what in taken.problems[0].what


def outcome(content: bytes, name: str) -> Taken | str:
    try:
        return take_in(content, name, FILLING)
    except PolicyError as error:
        return str(error)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=60).map(str.encode), st.sampled_from(["a.csv", "a.txt", "a.xlsx"]))
def test_whatever_the_bytes_there_are_entries_or_clear_errors(content: bytes, name: str) -> None:
    for head in (b"", "词,risk\n".encode()):
        said = outcome(head + content, name)
        if isinstance(said, str):
            assert said.startswith(name)
        else:
            assert all(str(problem).startswith(name) for problem in said.problems)
            assert all(entry.term and 0 < entry.weight <= 1 for entry in said.entries)
