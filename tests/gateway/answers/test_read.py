"""Whatever kind of file is read: it is a bank that can do its work, or an error that says what it is not."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.answers.bank import Bank
from gateway.answers.read import read_bank, read_file
from gateway.errors import ConfigError, PolicyErrors


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


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot read the file: No such file.* — check the path"):
        read_file(tmp_path / "none.yaml")
    (tmp_path / "a.csv").write_text("id,question,answer\na,怎么退款,点订单\n", "utf-8")
    assert [entry.id for entry in read_file(tmp_path / "a.csv").entries] == ["a"]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.sampled_from(["a.csv", "a.yaml", "a.xlsx"]))
def test_whatever_is_read_is_a_bank_or_an_error_that_says_so(content: bytes, name: str) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(read_bank(content, name), Bank)
