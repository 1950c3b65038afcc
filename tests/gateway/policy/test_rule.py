"""Findings become a verdict: every line of the decision, one row each."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange import Role
from gateway.policy.plan import Rule, SidePlan
from gateway.policy.rule import Judged, decide, rules_for
from gateway.verdict import PASS, Action, Finding, Hit, OnError


def rule(id: str, then: Action, risks: str = "r", **more: object) -> Rule:
    given: dict[str, object] = {"score": 0.5, "on_error": "refuse", "detectors": frozenset({"d"}), **more}
    return Rule(id=id, risks=frozenset(risks.split()), then=then, **given)  # type: ignore[arg-type]


def side(*rules: Rule, unjudged: OnError = "pass") -> SidePlan:
    risks = {risk for one in rules for risk in one.risks}
    by_risk = {risk: tuple(one for one in rules if risk in one.risks) for risk in risks}
    return SidePlan(rules=rules, unjudged=unjudged, by_risk=by_risk)


def seen(score: float = 0.9, risk: str = "r", detector: str = "d", start: int = 2) -> Finding:
    return Finding(start, start + 3, risk, score, detector)


MASK, REFUSE, LABEL = rule("mask", "mask"), rule("refuse", "refuse"), rule("label", "label")
ANSWER, HANDOFF, LET = rule("answer", "answer"), rule("handoff", "handoff"), rule("let", "pass")


@pytest.mark.parametrize(
    ("rules", "finding", "action", "decides", "fired"),
    [
        ([MASK], seen(), "mask", "mask", ["mask"]),
        ([MASK], seen(score=0.5), "mask", "mask", ["mask"]),
        ([MASK], seen(score=0.49), "pass", None, []),
        ([MASK], seen(risk="other"), "pass", None, []),
        ([MASK], seen(detector="another"), "pass", None, []),
        ([LET], seen(), "pass", "let", ["let"]),
        ([LET, LABEL], seen(), "label", "label", ["let", "label"]),
        ([LABEL, MASK], seen(), "mask", "mask", ["label", "mask"]),
        ([MASK, REFUSE], seen(), "refuse", "refuse", ["mask", "refuse"]),
        ([REFUSE, MASK], seen(), "refuse", "refuse", ["refuse", "mask"]),
        ([REFUSE, ANSWER], seen(), "answer", "answer", ["refuse", "answer"]),
        ([HANDOFF, ANSWER], seen(), "handoff", "handoff", ["handoff", "answer"]),
        ([rule("first", "refuse"), rule("second", "refuse")], seen(), "refuse", "first", ["first", "second"]),
        ([rule("sure", "refuse", score=0.95), MASK], seen(), "mask", "mask", ["mask"]),
        ([rule("tools", "refuse", roles=frozenset({"tool"}))], seen(), "pass", None, []),
        ([rule("users", "refuse", roles=frozenset({"tool", "user"}))], seen(), "refuse", "users", ["users"]),
    ],
)
def test_a_finding_fires_the_rules_that_name_it_and_the_strongest_wins(
    rules: list[Rule], finding: Finding, action: Action, decides: str | None, fired: list[str]
) -> None:
    plan = side(*rules)
    verdict = decide(plan, [Judged("messages[0].content", "user", (finding,))])
    assert (verdict.action, verdict.rule, [hit.rule for hit in verdict.hits]) == (action, decides, fired)
    assert all(hit.slot == "messages[0].content" and (hit.start, hit.end) == (2, 5) for hit in verdict.hits)
    single = rules_for(plan, finding, "user")
    assert (single.id if single else None) == decides


def test_nothing_found_is_the_shared_pass_verdict() -> None:
    assert decide(side(MASK), []) is PASS
    assert decide(side(MASK), [Judged("a", "user", ()), Judged("b", "tool", ())]) is PASS


def test_hits_come_in_the_order_of_the_policy_and_then_of_the_text() -> None:
    plan = side(rule("one", "mask", "a"), rule("two", "mask", "b"))
    slots = [
        Judged("x", "user", (seen(risk="a", start=9), seen(risk="b", start=4), seen(risk="a", start=1))),
        Judged("y", "user", (seen(risk="a", start=0),)),
    ]
    hits = [(hit.rule, hit.slot, hit.start) for hit in decide(plan, slots).hits]
    assert hits == [("one", "x", 1), ("one", "x", 9), ("one", "y", 0), ("two", "x", 4)]


def test_scores_hold_the_highest_of_every_risk_also_without_a_rule() -> None:
    slots = [Judged("x", "user", (seen(0.3), seen(0.2, "other"))), Judged("y", "user", (seen(0.4), seen(0.1)))]
    verdict = decide(side(MASK), slots)
    assert verdict.scores == {"r": 0.4, "other": 0.2}
    assert (verdict.action, verdict.hits) == ("pass", ())


@pytest.mark.parametrize(
    ("on_error", "then", "action", "hits"),
    [
        ("refuse", "mask", "refuse", (Hit("x", "refuse", "a", 0.0, "d", "", 0, 0),)),
        ("refuse", "label", "refuse", (Hit("x", "refuse", "a", 0.0, "d", "", 0, 0),)),
        ("pass", "refuse", "pass", ()),
    ],
)
def test_a_failed_detector_means_what_the_rule_says(
    on_error: OnError, then: Action, action: Action, hits: tuple[Hit, ...]
) -> None:
    verdict = decide(side(rule("x", then, "b a", on_error=on_error)), [], [("d", "DetectorError")])
    assert (verdict.action, verdict.hits, verdict.errors) == (action, hits, ("d: DetectorError",))
    assert verdict.rule == ("x" if hits else None)


def test_the_failure_of_a_detector_that_a_rule_does_not_need_is_only_noted() -> None:
    verdict = decide(side(MASK), [], [("another", "Timeout")])
    assert (verdict.action, verdict.errors) == ("pass", ("another: Timeout",))


def test_a_failure_refuses_also_when_something_else_was_found() -> None:
    verdict = decide(
        side(MASK, rule("judge", "label", "b", detectors=frozenset({"j"}))),
        [Judged("x", "user", (seen(),))],
        [("j", "E")],
    )
    assert (verdict.action, verdict.rule, [hit.action for hit in verdict.hits]) == (
        "refuse",
        "judge",
        ["mask", "refuse"],
    )


@pytest.mark.parametrize(("unjudged", "action", "decides"), [("pass", "pass", None), ("refuse", "refuse", "unjudged")])
def test_what_nobody_can_read_is_noted_and_refused_if_the_policy_says_so(
    unjudged: OnError, action: Action, decides: str | None
) -> None:
    verdict = decide(side(MASK, unjudged=unjudged), [], [], ["messages[0].content[1]"])
    assert (verdict.action, verdict.rule, verdict.unjudged) == (action, decides, ("messages[0].content[1]",))
    assert [hit.slot for hit in verdict.hits] == (["messages[0].content[1]"] if decides else [])


RULES = st.builds(
    lambda number, then, score, risks, detectors, roles: rule(
        f"r{number}", then, risks, score=score, detectors=detectors, roles=roles
    ),
    st.integers(0, 9),
    st.sampled_from(["pass", "label", "mask", "refuse"]),
    st.sampled_from([0.2, 0.5, 0.8, 1.0]),
    st.sampled_from(["a", "b", "a b"]),
    st.frozensets(st.sampled_from("xy"), min_size=1),
    st.one_of(st.none(), st.frozensets(st.sampled_from(get_args(Role)), min_size=1)),
)
FOUND = st.builds(
    seen, st.sampled_from([0.1, 0.2, 0.5, 0.79, 0.8, 1.0]), st.sampled_from("abc"), st.sampled_from("xyz")
)


@given(st.lists(RULES, max_size=4), st.lists(FOUND, max_size=4))
def test_what_no_rule_heeds_fires_none_and_what_one_heeds_fires_in_somebodys_words(
    rules: list[Rule], found: list[Finding]
) -> None:
    plan = side(*rules)
    fired = [rules_for(plan, finding, role) for finding in found for role in get_args(Role)]
    hits = [decide(plan, [Judged("x", role, tuple(found))]).hits for role in get_args(Role)]
    assert plan.heeds(found) == any(fired) == any(hits)


def test_what_was_found_decides_before_what_could_not_be_judged() -> None:
    care, harm = rule("care", "refuse", detectors=frozenset({"judge"})), rule("harm", "refuse")
    both = decide(side(care, harm), [Judged("p", "user", (seen(),))], [("judge", "JudgeAway")])
    assert (both.rule, [(hit.rule, hit.is_failure) for hit in both.hits]) == ("harm", [("care", True), ("harm", False)])
    assert decide(side(care, harm), [], [("judge", "JudgeAway")]).rule == "care"
