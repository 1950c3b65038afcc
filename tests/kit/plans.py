"""Small plans made by hand, and detectors that show one idea each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import regex

from gateway.policy.plan import BoundDetector, LabelPlan, Plan, RecordPlan, Rule, SidePlan, Words
from gateway.ports import Detector, Scan
from gateway.text import TextView
from gateway.verdict import Finding

SAFE = Words("抱歉，这个问题我不能回答。", "Sorry, I cannot help with that.")
WITHHELD = Words("（此处内容不予提供）", "(withheld)")
LABEL = Words("（本内容由人工智能生成）", "(AI-generated content · 人工智能生成)")


@cache
def shipped(name: str) -> Plan:
    """A policy that ships with Sluice; its word lists and weights are long, so each is read once a process."""
    from gateway.wiring import load_plan  # most tests that make plans need nothing of it

    return load_plan(name)


def pattern(risk: str, expression: str) -> Detector:
    """Report every match of a bounded expression; hold what may still become one."""
    compiled = regex.compile(expression)

    def scan(view: TextView) -> Scan:
        folded = view.folded
        findings, still_open = [], len(folded.text)
        for match in compiled.finditer(folded.text, folded.start, partial=not view.final):
            if match.partial or (not view.final and match.end() == len(folded.text)):
                still_open = min(still_open, match.start())
            if not match.partial and match.end() > match.start():
                findings.append(Finding(*folded.span(match.start(), match.end()), risk, 1.0, "pattern"))
        return Scan(tuple(findings), folded.offset(still_open))

    return scan


def sentence(risk: str, words: str) -> Detector:
    """Report every clause that holds all of ``words``; a clause is certain when it has ended."""

    def scan(view: TextView) -> Scan:
        text, start = view.folded.text, view.folded.start
        findings = []
        for match in regex.finditer(r"[^。\n]*[。\n]", text, pos=start):
            if all(word in match.group() for word in words):
                findings.append(Finding(*view.folded.span(match.start(), match.end()), risk, 1.0, "sentence"))
            start = match.end()
        if view.final and start < len(text) and all(word in text[start:] for word in words):
            findings.append(Finding(*view.folded.span(start, len(text)), risk, 1.0, "sentence"))
        return Scan(tuple(findings), view.folded.offset(start))

    return scan


def whole(risk: str, word: str) -> Detector:
    """Report a word of the text once all of the text is there."""

    def scan(view: TextView) -> Scan:
        at = view.text.find(word, view.start)
        if not view.final or at < 0:
            return Scan((), view.start)
        return Scan((Finding(at, at + len(word), risk, 1.0, "whole"),), len(view.text))

    return scan


def raising(_: TextView) -> Scan:
    """Fail as a broken detector does, with text in its message."""
    raise RuntimeError("detector broke on: 身份证 11010519491231002X")


def side(detectors: Mapping[str, Detector], rules: Sequence[Rule], *, unjudged: str = "pass") -> SidePlan:
    """Bind detectors to the risks of their own name and index the rules."""
    bound = tuple(BoundDetector(id, "span", frozenset([id]), scan=scan) for id, scan in detectors.items())
    risks = {risk for rule in rules for risk in rule.risks}
    by_risk = {risk: tuple(rule for rule in rules if risk in rule.risks) for risk in risks}
    return SidePlan(bound, tuple(rules), unjudged, by_risk)  # type: ignore[arg-type]


def rule(risk: str, then: str, **more: object) -> Rule:
    """A rule of the risk's own name."""
    given: dict[str, object] = {
        "id": f"{then}-{risk}",
        "risks": frozenset([risk]),
        "score": 0.5,
        "then": then,
        "on_error": "refuse",
        "detectors": frozenset([risk]),
        "reply": "safe" if then in ("refuse", "answer", "handoff") else "",
    }
    return Rule(**{**given, **more})  # type: ignore[arg-type]


def plan(
    request: SidePlan | None = None,
    response: SidePlan | None = None,
    *,
    block: str = "safe_reply",
    label: LabelPlan | None = None,
    record: RecordPlan | None = None,
    replies: Mapping[str, Words] | None = None,
) -> Plan:
    """A plan with these sides and the kit's words."""
    return Plan(
        name="kit",
        digest="0" * 64,
        request=request or SidePlan(),
        response=response or SidePlan(),
        block=block,  # type: ignore[arg-type]
        replies={"safe": SAFE, **(replies or {})},
        withheld=WITHHELD,
        label=label or LabelPlan(),
        record=record or RecordPlan(),
    )
