"""Banks as people have them: three kinds of files, two encodings, every fault with its row and column."""

from __future__ import annotations

import contextlib
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.answers.bank import Bank, merged, read_bank, set_state, table_of, write_csv, write_yaml
from gateway.answers.entry import Entry, Keywords
from gateway.errors import ConfigError, PolicyErrors

CSV = "编号,问题,答案\nrefund,怎么退款,点订单\nrefund,我要退款,\nexchange,怎么换货,点换货\n"
YAML = """answers: 1
name: shop
thresholds: {answer: 0.9, ask: 0.4}
entries:
- id: refund
  state: approved
  questions: [怎么退款, how do i get a refund]
  answer: {zh: 点订单, en: Tap orders}
  keywords: {all: [退款], any: [怎么, 流程], none: [拒绝]}
  valid: {from: 2026-01-01, to: 2026-12-31}
  author: 王芳
  approver: 李强
- id: privacy
  patterns: ['隐私(政策|条款)']
  answer: {zh: 见隐私政策}
"""


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


def test_yaml_says_all_that_an_entry_can() -> None:
    bank = read_bank(YAML.encode(), "a.yaml")
    refund, privacy = bank.entries
    assert refund.keywords == Keywords(("退款",), ("怎么", "流程"), ("拒绝",))
    assert (refund.valid_from, refund.valid_to, refund.row) == ("2026-01-01", "2026-12-31", 5)
    assert privacy.state == "draft"
    assert bank.thresholds is not None
    assert bank.thresholds.answer == 0.9


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


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.pdf", b"", "what kind of file"),
        ("a.csv", b"\xff\xfe\x00", "UTF-8 nor GB18030"),
        ("a.xlsx", b"PK\x03\x04", "cannot be read"),
        ("a.yaml", b"answers: 1\nentries: [{id: a, questoins: [b]}]", "questions"),
        ("a.yaml", b"answers: 1\nthresholds: {answer: 0.2, ask: 0.5}\nentries: []", "nothing would be asked back"),
        ("a.yaml", b"answers: 1\nentries: [{id: a, answer: {zh: x}}]", "nothing leads to it"),
        (
            "a.yaml",
            b"answers: 1\nentries: [{id: a, questions: [q], answer: {zh: x}, valid: {to: 2026-02-30}}]",
            "no day",
        ),
    ],
)
def test_what_is_no_bank_is_an_error(name: str, content: bytes, what: str) -> None:
    with pytest.raises(PolicyErrors, match=what):
        read_bank(content, name)


def test_one_id_twice_in_yaml_is_an_error() -> None:
    twice = YAML.replace("id: privacy", "id: refund")
    with pytest.raises(PolicyErrors, match="twice"):
        read_bank(twice.encode(), "a.yaml")


def plainly(bank: Bank) -> list[Entry]:
    from dataclasses import replace

    return [replace(entry, row=0) for entry in bank.entries]


def test_what_is_written_reads_back_the_same() -> None:
    bank = read_bank(YAML.encode(), "a.yaml")
    again = read_bank(write_yaml(bank).encode(), "a.yaml")
    assert (plainly(again), again.thresholds) == (plainly(bank), bank.thresholds)
    assert plainly(read_bank(write_csv(bank).encode(), "a.csv")) == plainly(bank)
    assert plainly(read_bank(workbook(*map(tuple, table_of(bank))), "a.xlsx")) == plainly(bank)


def test_what_changes_is_a_draft_again_with_its_history() -> None:
    old = read_bank(YAML.encode(), "a.yaml")
    new = read_bank("id,question,answer\nrefund,怎么退款,走售后\nnew,新问题,新答案\n".encode(), "b.csv")
    bank = merged(old, new, by="赵", day="2026-11-26")
    refund, privacy, fresh = bank.entries
    assert (refund.version, refund.state, refund.zh, refund.approver) == (2, "draft", "走售后", "")
    assert [(one.what, one.by, one.version) for one in refund.history] == [("changed", "赵", 2)]
    assert privacy == old.entries[1]
    assert fresh.history[0].what == "created"
    assert merged(bank, new, by="赵", day="2026-11-27").entries == bank.entries  # nothing changed: nothing happens


def test_nobody_approves_what_they_wrote() -> None:
    bank = read_bank(YAML.encode(), "a.yaml")
    with pytest.raises(ConfigError, match="somebody else"):
        set_state(bank, "refund", "approved", by="王芳", day="2026-11-26")
    with pytest.raises(ConfigError, match="refund"):
        set_state(bank, "refunt", "approved", by="李强", day="2026-11-26")
    approved = set_state(bank, "privacy", "approved", by="李强", day="2026-11-26").entries[1]
    assert (approved.state, approved.approver, approved.history[-1].what) == ("approved", "李强", "approved")


def test_the_version_changes_with_what_may_be_said() -> None:
    bank = read_bank(YAML.encode(), "a.yaml")
    assert bank.version == read_bank(YAML.encode(), "elsewhere.yaml").version
    assert bank.version != read_bank(YAML.replace("点订单", "点售后").encode(), "a.yaml").version
    assert bank.version != read_bank(YAML.replace("state: approved", "state: retired").encode(), "a.yaml").version


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.sampled_from(["a.csv", "a.yaml", "a.xlsx"]))
def test_whatever_is_read_is_a_bank_or_an_error_that_says_so(content: bytes, name: str) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(read_bank(content, name), Bank)
