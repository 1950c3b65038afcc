"""Regular expressions that operators write."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import whole_scan

from gateway.detectors.registry import registry
from gateway.errors import PolicyError
from gateway.ports import Detector
from gateway.text import TextView

BESIDE = {"digit": "[0-9]", "word": "[0-9a-zA-Z_]", "none": "(?!)"}


def pattern(pattern: str, **options: object) -> Detector:
    scan = registry()["pattern"].build({"pattern": pattern, "risk": "x.y", **options}, lambda name: b"").scan
    assert scan is not None
    return scan


@pytest.mark.parametrize(
    ("expression", "edges", "text", "found"),
    [
        (r"工号\d{4,6}", "none", "我的工号12345，你的工号1234567", ["工号12345", "工号123456"]),
        (r"工号\d{4,6}", "digit", "我的工号12345，你的工号1234567", ["工号12345"]),
        (r"[A-Z]{2}\d{4}", "word", "号码AB1234在XAB1234和AB12345外", ["AB1234"]),
        (r"[A-Z]{2}\d{4}", "word", "ab1234 ｃｄ１２３４ _ef1234", ["ab1234", "ｃｄ１２３４"]),
        (r"合同：\d{3}", "none", "合同：123 合同:456", ["合同：123", "合同:456"]),
        ("（内部）", "none", "（内部）(内部)内部", ["（内部）", "(内部)"]),
        ("[０-９]{2}年", "none", "26年２６年", ["26年", "２６年"]),
        ("ab|abc", "none", "abcab", ["abc", "ab"]),
        ("ab|abc", "word", "abc abx ab", ["abc", "ab"]),
        (r"\d{2}", "digit", "12 34,567 89", ["12", "34", "89"]),
        (r"\d{2}", "none", "12345", ["12", "34"]),
        (r"第\d{2}号", "digit", "第12号第34号5", ["第12号"]),
        (r"第\d{2}号", "word", "第12号第34号，", ["第12号", "第34号"]),
        ("秘.密", "none", "秘\n密秘a密", ["秘a密"]),
    ],
)
def test_the_longest_match_between_its_edges_is_found(expression: str, edges: str, text: str, found: list[str]) -> None:
    _, findings = whole_scan(pattern(expression, edges=edges), text)
    assert [text[f.start : f.end] for f in findings] == found


def test_risk_and_score_are_the_policys() -> None:
    _, findings = whole_scan(pattern("ab", score=0.3), "ab")
    assert [(f.risk, f.score, f.detector) for f in findings] == [("x.y", 0.3, "pattern")]
    assert whole_scan(pattern("ab"), "ab")[1][0].score == 1.0


def longest_matches(expression: str, edges: str, text: str) -> list[tuple[int, int]]:
    """Return the matches by trying every place and length."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        ends = [
            end
            for end in range(at + 1, len(text) + 1)
            if re.fullmatch(expression, text[at:end], re.IGNORECASE)
            and not re.match(BESIDE[edges], text[end : end + 1])
            and not (at and re.match(BESIDE[edges], text[at - 1]))
        ]
        if ends:
            spans.append((at, ends[-1]))
        at = ends[-1] if ends else at + 1
    return spans


@given(
    st.sampled_from(["ab|b1a", r"\d{1,2}", "a(?:b|1){0,3}", r"1{2}-?|1-a", "密[码b]{1,2}", r"\w{2,3}", "b.1"]),
    st.sampled_from(["digit", "word", "none"]),
    st.text("ab1-密码 _", max_size=16),
)
def test_matches_are_those_that_trying_everything_finds(expression: str, edges: str, text: str) -> None:
    expression = expression.replace(r"\w", "[0-9a-z_]")
    spans = [(f.start, f.end) for f in whole_scan(pattern(expression, edges=edges), text)[1]]
    assert spans == longest_matches(expression, edges, text)


@pytest.mark.parametrize(
    ("text", "held"),
    [("他的工", "工"), ("他的工号", "工号"), ("工号1234", "工号1234"), ("工号123456", ""), ("今天很好", "")],
)
def test_only_what_may_still_become_a_match_is_held(text: str, held: str) -> None:
    scan = pattern(r"工号\d{4,6}")(TextView(text, final=False))
    assert text[scan.open :] == held


@pytest.mark.parametrize(
    ("expression", "what", "hint"),
    [
        ("a{1,257}", "257 characters", "{1,64}"),
        (r"\d+", "without an end", "{1,64}"),
        (r"\bab\b", "anchors", "edges"),
        ("a?", "empty text", "required"),
        ("(?:(?:|){50}){50}b", "too large", "shorter"),
    ],
)
def test_a_pattern_that_cannot_be_bounded_is_refused(expression: str, what: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        pattern(expression)
    assert what in caught.value.what
    assert hint in caught.value.hint


def test_a_pattern_that_makes_others_backtrack_for_ever_takes_linear_time() -> None:
    text = "a" * 1_000_000
    scan = pattern("(?:a?){60}(?:a|aa){30}b")
    assert whole_scan(scan, text)[1] == []
    assert scan(TextView(text, final=False)).open == len(text) - 120


def test_the_version_names_what_the_pattern_does() -> None:
    spec = registry()["pattern"]

    def version(**options: object) -> str:
        return spec.build({"pattern": "ab", "risk": "x", **options}, lambda name: b"").version

    assert version() == version(edges="none", score=1.0)
    assert len({version(), version(edges="word"), version(score=0.5), version(pattern="ac"), version(risk="y")}) == 5


def test_what_may_begin_inside_of_a_match_does_not_hold_the_match() -> None:
    scan = pattern("abc|bcd|cde")(TextView("xabc", final=False))
    assert [(f.start, f.end) for f in scan.findings] == [(1, 4)]
    assert scan.open == 4
