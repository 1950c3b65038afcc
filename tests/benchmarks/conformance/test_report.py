"""A report counts what passed and names what did not, with its trap in both languages."""

from __future__ import annotations

import json

import pytest

from benchmarks.conformance.case import load_cases
from benchmarks.conformance.report import as_json, as_table
from benchmarks.conformance.run import Outcome

CASES = load_cases()
CHATS, MESSAGES = ([case for case in CASES if case.dialect == name] for name in ("chat", "messages"))
FEW = [*CHATS[:2], MESSAGES[0]]


def outcomes(*problems: tuple[str, ...]) -> list[Outcome]:
    return [Outcome(case, told) for case, told in zip(FEW, problems, strict=True)]


def test_everything_is_there_for_programs_in_the_order_of_the_cases() -> None:
    said = json.loads(json.dumps(as_json(outcomes((), ("text: 错 wrong",), ()), {"base_url": "u"})))
    assert (said["base_url"], said["passed"], said["failed"]) == ("u", 2, 1)
    assert said["dialects"] == {"chat": {"passed": 1, "of": 2}, "messages": {"passed": 1, "of": 1}}
    assert [(one["id"], one["passed"], one["problems"]) for one in said["cases"]] == [
        (FEW[0].id, True, []),
        (FEW[1].id, False, ["text: 错 wrong"]),
        (FEW[2].id, True, []),
    ]


def test_a_person_sees_what_failed_and_why_it_matters() -> None:
    shown = as_table(outcomes((), ("text: 错 wrong",), ()))
    trap = FEW[1].file.trap
    for words in (f"✗ {FEW[1].id}", trap.zh, trap.en, "text: 错 wrong", "2 / 3", "(67%)"):
        assert words in shown
    assert FEW[0].id not in shown


@pytest.mark.parametrize(("told", "share"), [(((), (), ()), "(100%)"), ((("x",),) * 3, "(0%)")])
def test_all_or_nothing_is_told_as_such(told: tuple[tuple[str, ...], ...], share: str) -> None:
    assert share in as_table(outcomes(*told))


def test_of_no_cases_nothing_has_passed() -> None:
    assert "0 / 0  (0%)" in as_table([])
