"""A judge's categories mean risks; a policy may say which, and what is none is told with a suggestion."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detectors.judges.careful import Opinion
from gateway.detectors.judges.mapping import check_risk, opinions, reported, table_of
from gateway.errors import PolicyError

USUAL = {"Violent": ("violence",), "Jailbreak": ("attack.jailbreak",), "None": ()}


@pytest.mark.parametrize(
    ("options", "table"),
    [
        ({}, USUAL),
        ({"risks": {}}, USUAL),
        ({"risks": {"Jailbreak": "attack.injection"}}, {**USUAL, "Jailbreak": ("attack.injection",)}),
        ({"risks": {"Violent": ["a1.d", "violence"], "Jailbreak": []}}, {
            "Violent": ("a1.d", "violence"), "Jailbreak": (), "None": ()}),
    ],
)  # fmt: skip
def test_a_category_means_what_the_policy_says_and_else_what_it_usually_does(
    options: dict[str, Any], table: dict[str, tuple[str, ...]]
) -> None:
    assert table_of(options, USUAL) == table
    assert USUAL["Jailbreak"] == ("attack.jailbreak",)  # the usual one is nobody's to change


@pytest.mark.parametrize(
    ("category", "hint"),
    [("Jailbrake", "did you mean 'Jailbreak'"), ("暴力", "there are: Violent, Jailbreak, None")],
)
def test_a_category_that_there_is_not_is_told_unless_there_may_be_others(category: str, hint: str) -> None:
    with pytest.raises(PolicyError, match=rf"unknown category '{category}' — {hint}"):
        table_of({"risks": {category: "violence"}}, USUAL)
    assert table_of({"risks": {category: "violence"}}, USUAL, fixed=False)[category] == ("violence",)


@pytest.mark.parametrize("risk", ["violence", "a1.d", "pii.mobile_number", "x9._"])
def test_a_risk_is_small_letters_with_dots_between(risk: str) -> None:
    check_risk(risk)


@pytest.mark.parametrize("risk", ["", "Violence", "a1.", ".a1", "a..b", "暴力", "a b", "a1\n", "a-b"])
def test_what_is_no_risk_is_told(risk: str) -> None:
    with pytest.raises(PolicyError, match="is not a risk id — write small letters"):
        check_risk(risk)
    with pytest.raises(PolicyError, match="is not a risk id"):
        table_of({"risks": {"Violent": ["violence", risk]}}, USUAL)


def test_every_risk_of_a_table_is_reported_once() -> None:
    assert reported({**USUAL, "Other": ("violence", "abuse")}) == {"violence", "attack.jailbreak", "abuse"}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([], ()),
        ([("b", 0.2), ("a", 0.9), ("b", 0.7)], (Opinion("a", 0.9), Opinion("b", 0.7))),
        ([("a", 0.0), ("b", -1.0)], ()),
        ([("a", 0.0), ("a", 0.1)], (Opinion("a", 0.1),)),
    ],
)
def test_each_risk_is_said_once_with_its_highest_score_and_nought_is_no_opinion(
    pairs: list[tuple[str, float]], said: tuple[Opinion, ...]
) -> None:
    assert opinions(pairs) == said


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), max_size=8))
def test_the_order_in_which_categories_come_says_nothing(pairs: list[tuple[str, float]]) -> None:
    assert opinions(sorted(pairs)) == opinions(reversed(pairs)) == opinions(pairs)
