"""Banks as tables: two kinds of files, two encodings, every fault with its row and column."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from kit.shop import SHOP

from gateway.answers.bank import Bank
from gateway.answers.entry import Entry
from gateway.answers.read import read_bank
from gateway.answers.table_file import table_of, write_csv
from gateway.errors import PolicyErrors

CSV = "编号,问题,答案\nrefund,怎么退款,点订单\nrefund,我要退款,\nexchange,怎么换货,点换货\n"


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV.encode()),
        ("a.csv", CSV.encode("utf-8-sig")),
        ("a.csv", CSV.encode("gb18030")),
        ("a.CSV", CSV.replace("\n", "\r\n").encode()),
        ("a.xlsx", workbook(*(line.split(",") for line in CSV.splitlines()))),
    ],
)
def test_a_table_is_read_whatever_it_is_written_with(name: str, content: bytes) -> None:
    bank = read_bank(content, name)
    assert [(one.id, one.questions, one.zh, one.state) for one in bank.entries] == [
        ("refund", ("怎么退款", "我要退款"), "点订单", "approved"),
        ("exchange", ("怎么换货",), "点换货", "approved"),
    ]


@pytest.mark.parametrize(
    ("rows", "place", "what"),
    [
        ("id,answer\na,b\n", "a.csv:1", "no column 'question'"),
        ("id,question\na,b\n", "a.csv:1", "no column 'answer'"),
        ("id,question,answer\n,怎么退款,x\n", "a.csv:2:1", "no id"),
        ("id,question,answer\na,退款,x\na,退货,y\n", "a.csv:3:3", "row 2 says something else"),
        ("id,question,answer,valid_from\na,退款,x,明天\n", "a.csv:2:4", "no date"),
        ("id,question,answer,state\na,退款,x,aproved\n", "a.csv:2:4", "approved"),
        ("id,question,answer,version\na,退款,x,0\n", "a.csv:2:4", "no version"),
        ("id,question,answer\na,退款,\n", "a.csv:2", "no answer"),
        ("id,question,answer,patterns\na,退款,x,(\n", "a.csv:2", "RE2"),
        ("id,question,answer,patterns\na,退款,x,.*\n", "a.csv:2", "fits every question"),
        ("id,question,answer,valid_from,valid_to\na,退款,x,2026-02-01,2026-01-01\n", "a.csv:2", "before it begins"),
        ("id,question,answer,author,approver\na,退款,x,王芳,王芳\n", "a.csv:2", "author approved"),
        ('id,question,answer\na,"退款,x\n', "a.csv:2", "not CSV"),
        ("id,question,answer\n", "a.csv", "no entries"),
        ("", "a.csv:1", "no column 'id'"),
        ("id,question,answer\na b,退款,x\n", "a.csv:2", "spaces"),
    ],
)
def test_a_fault_is_told_with_its_row_and_column(rows: str, place: str, what: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        read_bank(rows.encode(), "a.csv")
    assert str(caught.value).startswith(f"{place}: ")
    assert what in str(caught.value)


def plainly(bank: Bank) -> list[Entry]:
    return [replace(entry, row=0) for entry in bank.entries]


def test_what_is_written_reads_back_the_same() -> None:
    bank = read_bank(SHOP.encode(), "a.yaml")
    assert plainly(read_bank(write_csv(bank).encode(), "a.csv")) == plainly(bank)
    assert plainly(read_bank(workbook(*map(tuple, table_of(bank))), "a.xlsx")) == plainly(bank)
