"""Every question has exactly one record, or what is wrong is said."""

from __future__ import annotations

import pytest

from benchmarks.soak.clients import Begun
from benchmarks.soak.records import Row, missing, outcomes

ASKED = [Begun("a", "1", left=False), Begun("b", "2", left=True), Begun("c", "", left=True)]
KEPT = [Row("1", "a", "answered"), Row("2", "b", "client_gone"), Row("3", "c", "client_gone")]


def test_a_record_for_each_question_is_nothing_wrong() -> None:
    assert missing(ASKED, KEPT) == []
    assert missing([], []) == []


def test_who_left_before_its_question_was_read_has_a_record_without_a_user() -> None:
    assert missing(ASKED, [*KEPT[:2], Row("3", None, "client_gone")]) == []


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (KEPT[1:], "a was answered as 1, which has no record"),
        ([KEPT[0], KEPT[2]], "b was answered as 2, which has no record"),
        (KEPT[:2], "3 questions were asked, and there are 2 records"),
        ([*KEPT, Row("4", "a", "answered")], "a has 2 records"),
        ([*KEPT, Row("4", "z", "answered")], "z has a record, and never asked"),
        ([Row("1", "b", "answered"), Row("2", "a", "client_gone"), KEPT[2]], "1, which is the record of b"),
        ([*KEPT[:2], Row("3", "c", "error")], "c failed by a fault of ours"),
        ([Row("1", "a", "answered"), Row("9", None, "client_gone"), KEPT[2]], "b was answered as 2"),
        ([*KEPT, Row("4", None, "client_gone")], "0 questions have no record of their own, and 1 records have no user"),
    ],
)
def test_whatever_else_there_is_is_said(kept: list[Row], said: str) -> None:
    assert any(said in line for line in missing(ASKED, kept))


def test_a_client_that_stayed_cannot_be_the_one_without_a_record() -> None:
    asked = [Begun("a", "", left=False)]
    assert missing(asked, [Row("1", None, "client_gone")]) == ["a stayed for its answer, and has no record"]


def test_outcomes_are_counted_the_most_frequent_first() -> None:
    assert outcomes([*KEPT, Row("4", "d", "client_gone")]) == {"client_gone": 3, "answered": 1}
