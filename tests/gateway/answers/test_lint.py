"""Duplicates, conflicts and shadows, each with the row that it is about."""

import pytest

from gateway.answers.lint import doubts
from gateway.answers.read import read_bank


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("a,怎么退款,x,\nb,怎么换货,y,\n", []),
        ("a,怎么退款,x,\nb,如何退款,x,\n", [("duplicate", 3, "b", "a")]),
        ("a,怎么退款,x,\nb,如何退款,y,\n", [("conflict", 3, "b", "a")]),
        ("a,怎么退款,x,\na,如何退款,,\n", [("duplicate", 2, "a", "a")]),
        ("a,怎么退款,x,\nb,随便,y,退款\n", [("shadow", 2, "a", "b")]),
    ],
)
def test_what_is_doubtful_is_found(rows: str, found: list[tuple[str, int, str, str]]) -> None:
    bank = read_bank(f"id,question,answer,keywords_any\n{rows}".encode(), "a.csv")
    assert [doubt[:4] for doubt in doubts(bank)] == found
