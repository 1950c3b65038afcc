"""What a policy says that cannot be meant is found in all of it, with the line that says it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from kit.small_policies import MASK, START, compiled, rules

from gateway.errors import ConfigError
from gateway.policy.check import (
    check_answers,
    check_ground,
    check_misuse,
    check_pairs,
    check_risks,
    check_rules,
    finds_persons,
    in_group,
    warnings,
)
from gateway.policy.load import Policy, load_policy
from gateway.policy.plan import Rule
from gateway.verdict import Action


def test_a_detector_that_no_rule_uses_is_a_warning(tmp_path: Path) -> None:
    plan = compiled(tmp_path, rules(MASK))
    told = warnings(load_policy(tmp_path / "x.yaml"), plan)
    assert [warning.removeprefix(f"{tmp_path}/") for warning in told] == [
        "x.yaml:8:5: no rule uses the detector 'list' — it is left out",
        "x.yaml:9:5: no rule uses the detector 'ask' — it is left out",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "{zh: 人工智能生成, en: AI-generated}",
            ["x.yaml:12:36: the label's en words have no Chinese form — GB 45438"],
        ),
        ("{zh: 人工智能生成, en: AI-generated · AI生成}", []),
    ],
)
def test_an_english_label_without_a_chinese_form_is_a_warning(tmp_path: Path, words: str, told: list[str]) -> None:
    text = rules("{id: a, when: {risk: [pii, abuse, a1]}, then: mask, on_error: pass}")
    text = text.replace("request:", f"label: {{position: end, words: {words}}}\nrequest:", 1)
    plan = compiled(tmp_path, text)
    found = [line.removeprefix(f"{tmp_path}/") for line in warnings(load_policy(tmp_path / "x.yaml"), plan)]
    found = [line for line in found if "no rule uses" not in line]
    assert len(found) == len(told)
    assert all(
        line.partition(":")[2].partition(" ")[2].startswith(want.partition(":")[2].partition(" ")[2])
        for line, want in zip(found, told, strict=True)
    ), found


@pytest.mark.parametrize(
    ("other", "warned"),
    [
        ("{id: b, when: {risk: abuse, score: 0.9}, then: refuse, on_error: refuse}", True),
        ("{id: b, when: {risk: abuse, score: 0.9}, then: refuse, on_error: pass}", False),
        ("{id: b, when: {risk: pii, detectors: [phone]}, then: mask, on_error: refuse}", False),
    ],
)
def test_letting_pass_where_another_rule_refuses_is_a_warning(tmp_path: Path, other: str, warned: bool) -> None:
    text = rules("{id: a, when: {risk: abuse, detectors: [ask]}, then: refuse, on_error: pass}", other)
    plan = compiled(tmp_path, text)
    told = [line for line in warnings(load_policy(tmp_path / "x.yaml"), plan) if "no rule uses" not in line]
    what = "rule 'a' says on_error: pass, but rule 'b' heeds the judge 'ask' too and refuses when it fails"
    assert [what in line and "x.yaml:12:" in line for line in told] == [True] * warned


def read(folder: Path, text: str) -> Policy:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    return load_policy(folder / "x.yaml")


def told(problems: Iterable[ConfigError]) -> list[str]:
    """Line and column, and what is wrong, of every problem."""
    return [str(one).partition("x.yaml:")[2] for one in problems]


@pytest.mark.parametrize(
    ("risk", "group", "inside"),
    [
        ("pii.email", "pii", True),
        ("pii", "pii", True),
        ("piii.email", "pii", False),
        ("pii", "pii.email", False),
        ("a1.d", "a1", True),
        ("a11.d", "a1", False),
    ],
)
def test_a_group_holds_itself_and_its_kinds_and_no_name_that_only_begins_alike(
    risk: str, group: str, inside: bool
) -> None:
    assert in_group(risk, group) is inside


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ("{id: a, when: {risk: pii}, then: mask, on_error: pass}", []),
        ("{id: a, when: {risk: pii}, then: label, on_error: pass}", ["12:34: rule 'a': label needs words"]),
        ("{id: a, when: {risk: pii}, then: answer, on_error: pass}", ["12:34: rule 'a': answer needs a reply"]),
        (
            "{id: a, when: {risk: pii}, then: refuse, reply: saef, on_error: pass}",
            ["12:48: rule 'a': there is no reply named 'saef' — did you mean 'safe'?"],
        ),
        (
            "{id: a, when: {risk: pii, detectors: [phnoe]}, then: mask, on_error: pass}",
            ["12:45: rule 'a' names an unknown detector 'phnoe' — did you mean 'phone'?"],
        ),
        (
            "{id: unjudged, when: {risk: pii}, then: pass, keep: [1, 1], on_error: pass}",
            ["12:8: rule 'unjudged': 'unjudged' is the name", "12:53: rule 'unjudged': keep goes with mask"],
        ),
        (
            "{id: a, when: {risk: pii}, then: mask, release: hold, on_error: pass}",
            ["12:46: rule 'a': release is for answers — remove it, or move the rule to response"],
        ),
    ],
)
def test_keys_that_do_not_go_with_the_action_or_the_side_are_told(
    tmp_path: Path, said: str, problems: list[str]
) -> None:
    policy = read(tmp_path, rules(said))
    found = told(check_rules(policy, "request"))
    assert len(found) == len(problems)
    assert all(one.startswith(start) for one, start in zip(found, problems, strict=True)), found
    assert told(check_rules(policy, "response")) == []


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("release: follow, then: mask", "what has left cannot be masked"),
        ("release: follow, then: refuse", ""),
        ("then: mask", ""),
    ],
)
def test_what_has_left_cannot_be_masked(tmp_path: Path, said: str, problem: str) -> None:
    text = rules(f"{{id: a, when: {{risk: pii}}, {said}, on_error: pass}}", side="response")
    found = told(check_rules(read(tmp_path, text), "response"))
    assert len(found) == bool(problem)
    assert all(problem in one for one in found)


KNOWN = {
    "phone": frozenset({"pii.mobile_number"}),
    "mail": frozenset({"pii.email"}),
    "list": frozenset({"a1.d", "fraud"}),
    "ask": frozenset({"abuse"}),
}


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ("{risk: pii}", ""),
        ("{risk: pii.email, detectors: [mail]}", ""),
        ("{risk: pii.email, detectors: [phone]}", "none of its detectors reports 'pii.email' — 'mail' does: add it"),
        ("{risk: fruad}", "no detector of the policy reports 'fruad' — did you mean 'fraud'?"),
        ("{risk: violence}", "no detector of the policy reports 'violence' — add a detector: {id: t, use: t}"),
        ("{risk: qqqq}", "no detector of the policy reports 'qqqq' — see the risks"),
        ("{risk: pii, detectors: [gone]}", ""),  # the detector itself is wrong, and told elsewhere
    ],
)
def test_a_rule_that_can_never_fire_is_told_with_a_way_out(tmp_path: Path, when: str, problem: str) -> None:
    policy = read(tmp_path, rules(f"{{id: a, when: {when}, then: mask, on_error: pass}}"))
    found = told(check_risks(policy, "request", KNOWN, {"t": frozenset({"violence"})}))
    assert len(found) == bool(problem)
    assert all(f"12:22: rule 'a' can never fire: {problem}" in one for one in found), found


def made(id: str, then: Action, score: float = 0.5, **more: Any) -> Rule:
    given: dict[str, Any] = {"risks": frozenset({"pii"}), "detectors": frozenset({"phone"}), **more}
    return Rule(id, score=score, then=then, on_error="refuse", **given)


@pytest.mark.parametrize(
    ("strong", "weak", "problem"),
    [
        (made("a", "refuse"), made("b", "mask", 0.8), "rule 'b' never decides"),
        (made("a", "refuse"), made("b", "mask", 0.4), ""),
        (made("a", "mask"), made("b", "label", 0.8), ""),  # a mask lets the model speak
        (made("a", "refuse", roles=frozenset({"user"})), made("b", "mask", 0.8), ""),
        (made("a", "refuse", roles=frozenset({"user"})), made("b", "mask", 0.8, roles=frozenset({"user"})), "never"),
        (made("a", "refuse", release="follow"), made("b", "mask", 0.8), ""),
        (made("a", "refuse", outside=frozenset({"cn"})), made("b", "mask", 0.8), ""),
        (made("a", "refuse"), made("b", "mask", 0.8, detectors=frozenset({"phone", "mail"})), ""),
        (made("a", "refuse"), made("b", "mask", 0.8, risks=frozenset({"pii", "x"})), ""),
        (made("a", "refuse"), made("b", "mask"), "says mask where that says refuse"),
        (made("a", "mask"), made("b", "mask"), "says the same — keep one of them"),
    ],
)
def test_a_rule_that_another_one_always_overrules_is_told(
    tmp_path: Path, strong: Rule, weak: Rule, problem: str
) -> None:
    lines = [f"{{id: {id}, when: {{risk: pii}}, then: mask, on_error: pass}}" for id in "ab"]
    found = told(check_pairs(read(tmp_path, rules(*lines)), "request", [strong, weak]))
    assert len(found) == bool(problem)
    assert all(one.startswith("13:") and problem in one for one in found), found


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ("", []),
        ("misuse: {rules: [a], reply: care}\n", []),
        ("misuse: {reply: care}\n", ["misuse counts no rule"]),
        ("misuse: {rules: [b], reply: care}\n", ["misuse counts 'b', which is no rule of the request that refuses"]),
        ("misuse: {rules: [a], reply: cera}\n", ["there is no reply named 'cera'"]),
        ("misuse: {rules: [a]}\n", ["misuse names no reply"]),
    ],
)
def test_users_are_suspended_for_refusals_and_told_why(tmp_path: Path, more: str, problems: list[str]) -> None:
    refuse = MASK.replace("mask", "refuse")
    policy = read(tmp_path, rules(refuse, "{id: b, when: {risk: a1}, then: mask, on_error: pass}") + more)
    found = told(check_misuse(policy))
    assert len(found) == len(problems)
    assert all(what in one for one, what in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ("ground: {template: {zh: '{passages}{question}', en: '{question} {passages}'}}\n", []),
        ("ground: {passages: 3}\n", ["ground has no template"]),
        ("ground: {template: {zh: '{passages}', en: '{passages}{question}{question}'}}\n", [
            "the template has not one {question}", "the template has not one {question}"]),
        ("answers: {banks: [a], on_error: pass, ask: {zh: 问, en: '{questions}'}}\n", ["ask has not one {questions}"]),
    ],
)  # fmt: skip
def test_words_with_a_hole_have_it_once(tmp_path: Path, more: str, problems: list[str]) -> None:
    policy = read(tmp_path, START + more)
    found = told([*check_ground(policy), *check_answers(policy)])
    assert len(found) == len(problems)
    assert all(what in one for one, what in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(("risks", "finds"), [({"pii.email"}, True), ({"pii"}, False), ({"abuse"}, False)])
def test_persons_are_found_where_a_rule_needs_them(risks: set[str], finds: bool) -> None:
    assert finds_persons([made("a", "mask", risks=frozenset(risks))]) is finds
    assert not finds_persons([])
