"""A plan knows which of its rules hold where, for whom, and which findings point at words."""

from __future__ import annotations

import pytest

from gateway.exchange import Role
from gateway.policy.plan import Band, BoundDetector, Rule, SidePlan, Words
from gateway.verdict import Action, Finding


def rule(id: str, then: Action, risks: str = "r", **more: object) -> Rule:
    given: dict[str, object] = {"score": 0.5, "on_error": "refuse", "detectors": frozenset({"d"}), **more}
    return Rule(id=id, risks=frozenset(risks.split()), then=then, **given)  # type: ignore[arg-type]


def seen(score: float = 0.9, risk: str = "r", detector: str = "d", start: int = 2) -> Finding:
    return Finding(start, start + 3, risk, score, detector)


def test_only_what_points_at_words_or_is_masked_is_hidden_in_a_record() -> None:
    spans = BoundDetector("words", "span", frozenset({"r"}))
    clauses = BoundDetector("clauses", "sentence", frozenset({"r"}))
    found = [seen(detector="words"), seen(detector="clauses")]
    plan = SidePlan(detectors=(spans, clauses), rules=(rule("refuse", "refuse", detectors=frozenset({"clauses"})),))
    assert plan.pointed(found) == [found[0]]
    plan = SidePlan(detectors=(spans, clauses), rules=(rule("mask", "mask", detectors=frozenset({"clauses"})),))
    assert plan.pointed(found) == found


ZH_EN = Words("抱歉", "Sorry")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("你好", "抱歉"),
        ("hello", "Sorry"),
        ("hello 你", "抱歉"),
        ("", "Sorry"),
        ("こんにちは", "Sorry"),
        ("123", "Sorry"),
    ],
)
def test_words_follow_the_language_of_the_question(text: str, words: str) -> None:
    assert ZH_EN.matching(text) == words


def test_words_can_be_had_by_language() -> None:
    assert (ZH_EN.named("zh"), ZH_EN.named("en")) == ("抱歉", "Sorry")


@pytest.mark.parametrize(
    ("roles", "role", "heeds"),
    [
        (None, "tool", True),
        (frozenset({"user"}), "user", True),
        (frozenset({"user"}), "tool", False),
        (frozenset(), "user", False),
    ],
)
def test_a_rule_heeds_the_words_of_those_that_it_names(roles: frozenset[Role] | None, role: Role, heeds: bool) -> None:
    assert rule("a", "mask", roles=roles).heeds(role) is heeds


def test_a_region_that_no_rule_names_has_all_of_them() -> None:
    home = SidePlan(rules=(rule("a", "mask"),))
    side = SidePlan(rules=(rule("a", "mask"), rule("b", "refuse")), at_home={"cn": home})
    assert side.within("cn") is home
    assert side.within("eu") is side.within("") is side


def test_only_detectors_whose_word_can_forbid_what_a_role_says_are_left() -> None:
    def bound(name: str, ask: Band | None = None) -> BoundDetector:
        return BoundDetector(name, "span", frozenset({"r"}), ask=ask)

    band = Band(frozenset({"r"}), 0.2, 0.8, frozenset({"cheap"}))
    side = SidePlan(
        detectors=(bound("masks"), bound("users"), bound("tools"), bound("cheap"), bound("judge", band)),
        rules=(
            rule("a", "mask", detectors=frozenset({"masks"})),
            rule("b", "refuse", detectors=frozenset({"users"}), roles=frozenset({"user"})),
            rule("c", "handoff", detectors=frozenset({"tools"}), roles=frozenset({"tool"})),
            rule("d", "answer", detectors=frozenset({"judge"})),
        ),
    )
    assert [one.id for one in side.forbidding("user")] == ["users", "cheap", "judge"]
    assert [one.id for one in side.forbidding("tool")] == ["tools", "cheap", "judge"]
