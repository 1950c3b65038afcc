"""The story of a text: signs under what was found, reasons where a detector has them, every rule accounted for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kit.plans import pattern, plan, rule, side

from gateway.policy.plan import Plan
from gateway.policy.rule import Judged, decide
from gateway.policy.tell import goes_on, tell
from gateway.ports import Evidence
from gateway.text import TextView
from gateway.verdict import Finding

SIDE = side({"drug": pattern("drug", "毒品"), "x": pattern("x", "x")}, [rule("drug", "refuse"), rule("x", "mask")])


def told(text: str, *findings: Finding, given: Plan | None = None, role: Any = "user", language: Any = "en") -> str:
    made = given or plan(SIDE)
    judged = Judged("text", role, findings)
    verdict = decide(made.request, [judged])
    return tell(made, made.request, TextView(text), judged, verdict=verdict, language=language)


def found(start: int, end: int, risk: str = "drug", score: float = 0.9) -> Finding:
    return Finding(start, end, risk, score, risk)


def test_signs_stand_under_wide_and_narrow_characters_of_each_line() -> None:
    lines = told("a毒品b\nnothing\n毒x", found(1, 3), found(14, 15, "x")).splitlines()
    assert lines[lines.index("  a毒品b") + 1] == "   ^^^^"
    assert lines[lines.index("  毒x") + 1] == "    ^"
    assert "  nothing" not in lines


def test_a_detector_that_can_explain_gives_its_reasons() -> None:
    def why(view: TextView, finding: Finding) -> list[Evidence]:
        return [Evidence(finding.start, finding.end, 1.25, "a known word"), Evidence(0, 1, -0.5, "a")]

    detectors = tuple(replace(d, explain=why if d.id == "drug" else None) for d in SIDE.detectors)
    said = told("a毒品", found(1, 3), given=plan(replace(SIDE, detectors=detectors)))
    assert "      because of “毒品” a known word (+1.25)" in said
    assert "      because of “a”  (-0.50)" in said.replace("“a” (", "“a”  (")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "because of “a毒品” as a sentence (+2.00)",
                "because of “毒品” read apart (+1.50)",
                "because of the question (+1.00)",
            ],
        ),
        ("zh", ["依据：“a毒品” 整句来读（+2.00）", "依据：“毒品” 单独来读（+1.50）", "依据：所答的问题（+1.00）"]),
    ],
)
def test_reasons_that_are_no_stretch_of_the_text_are_told_in_the_reader_s_language(
    language: str, lines: list[str]
) -> None:
    def why(view: TextView, finding: Finding) -> list[Evidence]:
        return [Evidence(0, 3, 2, "as a sentence"), Evidence(1, 3, 1.5, "read apart"), Evidence(1, 1, 1, "question")]

    detectors = tuple(replace(d, explain=why) for d in SIDE.detectors)
    said = told("a毒品", found(1, 3), given=plan(replace(SIDE, detectors=detectors)), language=language)
    for line in lines:
        assert f"      {line}\n" in said


@pytest.mark.parametrize(
    ("kind", "language", "line"),
    [
        ("a1.h", "en", "      for the reasons of [2]: this only says which kind of harm it is"),
        ("a1", "en", "      for the reasons of [2]: this only says which kind of harm it is"),
        ("a5.b", "zh", "      依据同 [2]：这里说的是它属于哪一类"),
    ],
)
def test_a_kind_of_harm_points_to_the_harm_for_its_reasons(kind: str, language: str, line: str) -> None:
    seen = [Finding(0, 3, risk, score, "drug") for risk, score in ((kind, 0.4), ("harm", 0.9))]
    said = told("a毒品", *seen, language=language).splitlines()
    at = next(at for at, one in enumerate(said) if one.startswith("[1]"))
    assert said[at + 1] == line
    assert said[at + 2].startswith("[2]")


@pytest.mark.parametrize(
    "other",
    [
        Finding(0, 2, "harm", 0.9, "drug"),
        Finding(0, 3, "harm", 0.9, "x"),
        Finding(0, 3, "abuse", 0.9, "drug"),
    ],
)
def test_another_harm_is_no_reason(other: Finding) -> None:
    assert "for the reasons of" not in told("a毒品", Finding(0, 3, "a1.h", 0.4, "drug"), other)
    assert "for the reasons of" not in told("a毒品", Finding(0, 3, "a1x", 0.4, "drug"), other._replace(end=3))


def test_a_shadow_of_a_doubt_is_listed_but_marks_nothing() -> None:
    said = told("a毒品b", found(0, 4, "x", 0.03), found(1, 3, "drug", 0.29), found(3, 4, "y", 0.3))
    lines = said.splitlines()
    assert lines[lines.index("  a毒品b") + 1] == "       ^"
    assert "[1] x saw x at 0–4, score 0.03" in lines
    assert "^" not in told("a毒品b", found(0, 4, "x", 0.03))


def test_what_a_rule_fired_for_is_marked_however_weak_it_is() -> None:
    eager = plan(side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse", score=0.1)]))
    assert "\n   ^^^^\n" in told("a毒品b", found(1, 3, "drug", 0.2), given=eager)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "✓ refuse-drug：drug 得分 0.90 ≥ 0.50（drug）→ 拒答"),
        ("en", "✓ refuse-drug: drug at 0.90 ≥ 0.50 (drug) → refuse"),
    ],
)
def test_what_a_rule_does_is_said_in_the_reader_s_language(language: str, line: str) -> None:
    assert line in told("毒品", found(0, 2), language=language).splitlines()


def test_one_that_fails_to_explain_costs_no_more_than_its_reasons() -> None:
    def broken(view: TextView, finding: Finding) -> list[Evidence]:
        raise RuntimeError(view.text)

    detectors = tuple(replace(d, explain=broken) for d in SIDE.detectors)
    said = told("a毒品", found(1, 3), given=plan(replace(SIDE, detectors=detectors)))
    assert "(why cannot be said: RuntimeError)" in said
    assert "✓ refuse-drug" in said


def test_rules_that_did_not_fire_say_why() -> None:
    rules = [rule("drug", "refuse", roles=frozenset(["tool"])), rule("x", "mask", score=0.95)]
    said = told("毒品x", found(0, 2), found(2, 3, "x"), given=plan(replace(SIDE, rules=tuple(rules), by_risk={})))
    assert "· refuse-drug: only in the words of tool" in said
    assert "· mask-x: x at 0.90 < 0.95" in said


def test_nothing_seen_is_said() -> None:
    assert "没有发现。" in told("好", language="zh")
    assert goes_on("a", "a", None, "en") == "The text goes on as it is."
    assert goes_on("a", "*", None, "zh") == "文本将这样发出：\n  *"
