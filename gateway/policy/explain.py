"""Says in words why a verdict is what it is: ids, scores and offsets, never the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from gateway.policy.plan import Plan, Rule
from gateway.policy.rule import UNJUDGED
from gateway.verdict import Action, Hit, Verdict

Language = Literal["zh", "en"]

ACTIONS: Final[Mapping[Language, Mapping[Action, str]]] = {
    "en": {
        "pass": "Passed",
        "label": "Passed with a notice",
        "mask": "Passed with parts masked",
        "refuse": "Refused",
        "answer": "Answered with a standard answer",
        "handoff": "Handed over to a person",
    },
    "zh": {
        "pass": "放行",
        "label": "放行并附提示",
        "mask": "部分遮盖后放行",
        "refuse": "拒答",
        "answer": "以标准答案代答",
        "handoff": "转人工",
    },
}
"""What becomes of a text, for people."""
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "by": "{action} by rule {rule} of policy {policy}.",
        "free": "{action}: no rule of policy {policy} fired.",
        "hit": "- {rule} ({action}): {detector} saw {risk} at {score:.2f} ≥ {needed:.2f}, {slot} {start}–{end}",
        "error": "- {rule} (refuse): {detector} could not judge; the rule says on_error: refuse",
        "failed": "- could not judge: {error}",
        "blind": "- not judged, no detector can read it: {path}",
        "blocked": "- unjudged (refuse): no detector can read {path}; the policy says unjudged: refuse",
        "below": "- seen, but no rule fired: {risk} at {score:.2f}",
    },
    "zh": {
        "by": "{action}：依据方案 {policy} 的规则 {rule}。",
        "free": "{action}：方案 {policy} 没有规则命中。",
        "hit": "- {rule}（{action}）：{detector} 发现 {risk}，得分 {score:.2f} ≥ {needed:.2f}，{slot} {start}–{end}",
        "error": "- {rule}（拒答）：{detector} 无法判断，规则写明 on_error: refuse",
        "failed": "- 无法判断：{error}",
        "blind": "- 未判断，没有检测器能读取：{path}",
        "blocked": "- unjudged（拒答）：没有检测器能读取 {path}，方案写明 unjudged: refuse",
        "below": "- 有发现但没有规则命中：{risk}，得分 {score:.2f}",
    },
}


Classed = Callable[[str], str]
"""Says of a risk what stands behind it in a line for people: its classes and level, or nothing."""


def unclassed(risk: str) -> str:
    """Say nothing of any risk."""
    del risk
    return ""


def explain(
    plan: Plan, verdict: Verdict, language: Language, classed: Classed = unclassed, *, below: bool = True
) -> str:
    """Return why ``verdict`` is what it is, a line for each rule that fired.

    Args:
        plan: The plan that decided.
        verdict: What it decided.
        language: ``zh`` or ``en``.
        classed: Says of a risk what stands behind its hit.
        below: Whether to say also what was seen and fired no rule.
    """
    words, actions = _WORDS[language], ACTIONS[language]
    policy = f"{plan.name}@{plan.digest[:12]}"
    head = words["by"] if verdict.rule else words["free"]
    lines = [head.format(action=actions[verdict.action], rule=verdict.rule, policy=policy)]
    rules = {rule.id: rule for side in (plan.response, plan.request) for rule in side.rules}
    lines += [_hit(hit, rules.get(hit.rule), language) + classed(hit.risk) for hit in verdict.hits]
    lines += [words["failed"].format(error=error) for error in verdict.errors]
    blocked = {hit.slot for hit in verdict.hits if hit.rule == UNJUDGED}
    lines += [words["blind"].format(path=path) for path in verdict.unjudged if path not in blocked]
    fired = {hit.risk for hit in verdict.hits}
    if below:
        quiet = [(risk, score) for risk, score in sorted(verdict.scores.items()) if risk not in fired]
        lines += [words["below"].format(risk=risk, score=score) + classed(risk) for risk, score in quiet]
    return "\n".join(lines)


def _hit(hit: Hit, rule: Rule | None, language: Language) -> str:
    words = _WORDS[language]
    if hit.rule == UNJUDGED:
        return words["blocked"].format(path=hit.slot)
    if not hit.slot:
        return words["error"].format(rule=hit.rule, detector=hit.detector)
    return words["hit"].format(
        rule=hit.rule,
        action=hit.action if language == "en" else ACTIONS["zh"][hit.action],
        detector=hit.detector,
        risk=hit.risk,
        score=hit.score,
        needed=rule.score if rule else 0.0,
        slot=hit.slot,
        start=hit.start,
        end=hit.end,
    )
