"""Say whether one plan is at least as strict as another: what a client may ask for instead of its own.

Rule by rule and risk by risk, on both sides: whatever the one forbids, hides or tells, the other forbids, hides or
tells at the same score or a lower one, of everybody and everywhere that the one does. Where that cannot be seen, the
answer is no.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.policy.plan import Plan, Rule, SidePlan
from gateway.verdict import rank

_RELEASE: Final = {"follow": 0, "hold": 1, "buffer": 1}
_FORM: Final = {"withheld": 0, "masked": 1, "raw": 2}
_ERROR: Final = {"pass": 0, "refuse": 1}


def weaker(than: Plan, plan: Plan) -> Iterator[str]:
    """Yield every way in which ``plan`` is weaker than another; nothing if it is at least as strict.

    Args:
        than: The plan that holds otherwise.
        plan: The plan that somebody asks for.
    """
    for name, own, other in (("request", than.request, plan.request), ("response", than.response, plan.response)):
        if _ERROR[other.unjudged] < _ERROR[own.unjudged]:
            yield f"{name}: it lets pass what cannot be judged"
        for rule in own.rules:
            yield from (f"{name}: {what}" for what in _missing(rule, other))
    if _ERROR[plan.record.on_failure] < _ERROR[than.record.on_failure]:
        yield "record: it lets pass what cannot be recorded"
    if than.record.text != "none" and plan.record.text == "none":
        yield "record: it keeps no text"
    if _FORM[plan.handoff.question] > _FORM[than.handoff.question]:
        yield "handoff: it shows people more of a question"
    own_label, label = than.label, plan.label
    marks = ("words", "metadata", "text_mark", "pictures", "sounds", "videos")
    lost = [mark for mark in marks if getattr(own_label, mark) and not getattr(label, mark)]
    if own_label.position != "none" and label.position == "none":
        lost.append("position")
    if own_label.files not in ("none", label.files):
        lost.append("files")
    if lost:
        yield f"label: it leaves out {', '.join(lost)}"


def _missing(rule: Rule, other: SidePlan) -> Iterator[str]:
    """Yield the risks of a rule for which no rule of the other side is as strict."""
    if rule.then == "pass" and rule.on_error == "pass":
        return
    there = {detector.id for detector in other.detectors}
    gone = sorted(rule.detectors - there)
    if gone:
        yield f"rule {rule.id}: its detector {gone[0]} is not there"
        return
    for risk in sorted(rule.risks):
        if not any(_covers(candidate, rule) for candidate in other.by_risk.get(risk, ())):
            yield f"rule {rule.id}: {risk} is treated more mildly"
            return


def _covers(candidate: Rule, rule: Rule) -> bool:
    """Whether a rule does at least what another does, wherever that one does it."""
    return (
        rank(candidate.then) >= rank(rule.then)
        and candidate.score <= rule.score
        and (candidate.roles is None or (rule.roles is not None and candidate.roles >= rule.roles))
        and (candidate.outside is None or (rule.outside is not None and candidate.outside <= rule.outside))
        and _ERROR[candidate.on_error] >= _ERROR[rule.on_error]
        and _RELEASE[candidate.release] >= _RELEASE[rule.release]
        and candidate.detectors >= rule.detectors
    )
