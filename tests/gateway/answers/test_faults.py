"""What keeps an entry from doing its work is told, with what to do about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kit.shop import SHOP

from gateway.answers.bank import Bank, Thresholds
from gateway.answers.entry import Entry
from gateway.answers.faults import compiled, faults
from gateway.answers.read import read_bank
from gateway.errors import PolicyError, PolicyErrors

SOUND = Entry("a", ("怎么退款",), zh="点订单", row=3)


def told(*entries: Entry, thresholds: Thresholds | None = None) -> list[str]:
    return [str(one) for one in faults(Bank("b", entries, "b.yaml", thresholds))]


def test_of_what_does_its_work_nothing_is_told() -> None:
    assert told(SOUND, replace(SOUND, id="b"), thresholds=Thresholds(0.9, 0.4)) == []


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (replace(SOUND, id="a b"), "spaces"),
        (replace(SOUND, questions=()), "nothing leads to it"),
        (replace(SOUND, zh=""), "no answer"),
        (replace(SOUND, questions=("问" * 501,)), "more than 500 characters"),
        (replace(SOUND, zh="答" * 8001), "more than 8000 characters"),
        (replace(SOUND, author="王芳", approver="王芳"), "its author approved it"),
        (replace(SOUND, valid_from="2026-02-01", valid_to="2026-01-01"), "before it begins"),
        (replace(SOUND, valid_to="2026-02-30"), "there is no day 2026-02-30"),
        (replace(SOUND, patterns=("(",)), "see RE2's syntax"),
        (replace(SOUND, patterns=(".*",)), "fits every question"),
    ],
)
def test_a_fault_of_an_entry_is_told_with_its_place(entry: Entry, what: str) -> None:
    (said,) = told(entry)
    assert said.startswith(f"b.yaml:3: entry {entry.id!r}: ")
    assert what in said


def test_faults_of_the_whole_bank_are_told() -> None:
    (said,) = told(SOUND, thresholds=Thresholds(0.2, 0.5))
    assert "nothing would be asked back" in said
    (said,) = told(SOUND, SOUND)
    assert "is here twice" in said


def test_one_id_twice_in_yaml_is_an_error() -> None:
    twice = SHOP.replace("id: privacy", "id: refund")
    with pytest.raises(PolicyErrors, match="twice"):
        read_bank(twice.encode(), "a.yaml")


def test_a_pattern_that_looks_back_does_not_run_in_linear_time_and_is_none() -> None:
    assert compiled("退款").search("怎么退款")
    with pytest.raises(PolicyError, match="is none"):
        compiled("(?<=退)款")
