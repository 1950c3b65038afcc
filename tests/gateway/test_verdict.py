"""The order of actions, and what a verdict is before anything was judged."""

from __future__ import annotations

import itertools

import pytest

from gateway.verdict import ACTIONS, PASS, Action, Finding, Verdict, rank, silences, strongest


def test_actions_go_from_weak_to_strong() -> None:
    assert ACTIONS == ("pass", "label", "mask", "refuse", "answer", "handoff")
    assert [rank(action) for action in ACTIONS] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("weak", "strong"), [*itertools.combinations(ACTIONS, 2)])
def test_the_stronger_of_two_wins_in_either_order(weak: Action, strong: Action) -> None:
    assert strongest([weak, strong]) == strongest([strong, weak]) == strong


def test_of_nothing_the_strongest_is_pass() -> None:
    assert strongest([]) == "pass"


@pytest.mark.parametrize(
    ("action", "silent"),
    [("pass", False), ("label", False), ("mask", False), ("refuse", True), ("answer", True), ("handoff", True)],
)
def test_from_refuse_on_the_model_does_not_speak(action: Action, silent: bool) -> None:
    assert silences(action) is silent


def test_pass_is_a_verdict_without_anything() -> None:
    assert Verdict("pass", (), (), (), {}, None) == PASS


def test_findings_sort_by_where_they_are() -> None:
    late, early = Finding(3, 4, "a", 0.1, "d"), Finding(1, 9, "b", 0.9, "d")
    assert sorted([late, early]) == [early, late]
