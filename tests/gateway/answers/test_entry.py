"""When an entry may speak, to whom, and in which language."""

import pytest

from gateway.answers.entry import Entry, is_day

BOTH = Entry("a", ("q",), zh="中", en="english", state="approved")


@pytest.mark.parametrize(
    ("entry", "day", "tenant", "speaks"),
    [
        (BOTH, "2026-11-26", "", True),
        (Entry("a", state="draft"), "2026-11-26", "", False),
        (Entry("a", state="retired"), "2026-11-26", "", False),
        (Entry("a", state="approved", valid_from="2026-11-26"), "2026-11-25", "", False),
        (Entry("a", state="approved", valid_from="2026-11-26"), "2026-11-26", "", True),
        (Entry("a", state="approved", valid_to="2026-11-26"), "2026-11-26", "", True),
        (Entry("a", state="approved", valid_to="2026-11-26"), "2026-11-27", "", False),
        (Entry("a", state="approved", tenant="x"), "2026-11-26", "x", True),
        (Entry("a", state="approved", tenant="x"), "2026-11-26", "y", False),
    ],
)
def test_only_what_is_approved_valid_and_for_the_caller_speaks(
    entry: Entry, day: str, tenant: str, speaks: bool
) -> None:
    assert entry.speaks(day, tenant) is speaks


@pytest.mark.parametrize(("question", "answer"), [("怎么退款", "中"), ("refund?", "english"), ("refund 退款", "中")])
def test_the_answer_is_in_the_language_of_the_question(question: str, answer: str) -> None:
    assert BOTH.answer(question) == answer


def test_the_only_answer_is_given_in_any_language() -> None:
    assert Entry("a", zh="中").answer("refund") == "中"
    assert Entry("a", en="english").answer("退款") == "english"


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Entry("a", valid_to="2026-01-31"), Entry("b", valid_from="2026-02-01"), False),
        (Entry("a", valid_to="2026-02-01"), Entry("b", valid_from="2026-02-01"), True),
        (Entry("a", tenant="x"), Entry("b", tenant="y"), False),
        (Entry("a", tenant="x"), Entry("b"), True),
    ],
)
def test_two_entries_meet_where_both_may_speak(one: Entry, other: Entry, meet: bool) -> None:
    assert one.meets(other) is other.meets(one) is meet


def test_the_digest_is_of_what_is_said_not_of_who_says_it() -> None:
    assert Entry("a", zh="x").digest == Entry("a", zh="x", author="y", version=3, state="approved").digest
    assert Entry("a", zh="x").digest != Entry("a", zh="y").digest


@pytest.mark.parametrize(
    ("said", "day"), [("2026-11-26", True), ("2026-02-30", False), ("20261126", False), ("明天", False), ("", False)]
)
def test_a_day_is_one_of_the_calendar(said: str, day: bool) -> None:
    assert is_day(said) is day
