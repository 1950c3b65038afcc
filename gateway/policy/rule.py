"""Turns findings into a verdict: pure, in the order of the policy, the strongest action wins.

This is the hot path: it runs once a request and once for every settled piece of an answer that
holds a finding. Nothing found costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.exchange import Role
from gateway.policy.plan import NEVER, Rule, SidePlan
from gateway.verdict import PASS, Finding, Hit, Verdict, rank, strongest

UNJUDGED: Final = "unjudged"
"""Id of the rule that stands for ``unjudged: refuse``; no policy line may have it."""


class Judged(NamedTuple):
    """A text and what was found in it.

    Attributes:
        path: Where it stands, as hits name it.
        role: Who speaks; ``assistant`` for an answer.
        findings: Offsets into this text; ``detector`` is the id that the policy gave.
    """

    path: str
    role: Role
    findings: tuple[Finding, ...]


def decide(
    side: SidePlan,
    slots: Sequence[Judged],
    errors: Sequence[tuple[str, str]] = (),
    unjudged: Sequence[str] = (),
) -> Verdict:
    """Return the verdict on one side of an exchange.

    Args:
        side: The rules.
        slots: Every text that was judged; those without findings may be left out.
        errors: ``(detector, reason)`` for each detector that could not judge. Every rule that
            needs it and says ``on_error: refuse`` fires as a refusal; none passes silently.
        unjudged: Paths of parts that no detector can read.
    """
    scores: dict[str, float] = {}
    fired: dict[str, list[Hit]] = {}
    for slot in slots:
        if slot.findings:
            _judge(side, slot, scores, fired)
    if not scores and not errors and not unjudged:
        return PASS
    for detector, _ in errors:
        for rule in side.rules:
            if rule.on_error == "refuse" and detector in rule.detectors:
                hit = Hit(rule.id, "refuse", min(rule.risks), 0.0, detector, "", 0, 0)
                fired.setdefault(rule.id, []).append(hit)
    hits = [hit for rule in side.rules for hit in fired.get(rule.id, ())] if fired else []
    if side.unjudged == "refuse":
        hits.extend(Hit(UNJUDGED, "refuse", UNJUDGED, 0.0, "", path, 0, 0) for path in unjudged)
    action = strongest(hit.action for hit in hits)
    return Verdict(
        action=action,
        hits=tuple(hits),
        errors=tuple(f"{detector}: {reason}" for detector, reason in errors),
        unjudged=tuple(unjudged),
        scores=scores,
        rule=_deciding(hits, action),
    )


def _deciding(hits: Sequence[Hit], action: str) -> str | None:
    """Return the rule that decided: what was found decides before what could not be judged."""
    strong = [hit for hit in hits if hit.action == action]
    return min(strong, key=lambda hit: hit.is_failure or hit.rule == UNJUDGED).rule if strong else None


def rules_for(side: SidePlan, finding: Finding, role: Role) -> Rule | None:
    """Return the strongest rule that this one finding fires; of equals the first, or None."""
    if finding.score < side.lowest.get((finding.risk, finding.detector), NEVER):
        return None
    best: Rule | None = None
    for rule in side.by_risk.get(finding.risk, ()):
        if _fires(rule, finding, role) and (best is None or rank(rule.then) > rank(best.then)):
            best = rule
    return best


def _judge(side: SidePlan, slot: Judged, scores: dict[str, float], fired: dict[str, list[Hit]]) -> None:
    """Note the scores of one text and the rules that its findings fire, in the order of the text."""
    path, role, findings = slot
    get, lowest = scores.get, side.lowest.get
    firing: list[Finding] = []
    for finding in findings:
        _, _, risk, score, detector = finding
        if score > get(risk, -1.0):
            scores[risk] = score
        if score >= lowest((risk, detector), NEVER):
            firing.append(finding)
    for finding in sorted(firing):
        start, end, risk, score, detector = finding
        for rule in side.by_risk.get(risk, ()):
            if _fires(rule, finding, role):
                hit = Hit(rule.id, rule.then, risk, score, detector, path, start, end)
                fired.setdefault(rule.id, []).append(hit)


def _fires(rule: Rule, finding: Finding, role: Role) -> bool:
    return finding.score >= rule.score and finding.detector in rule.detectors and rule.heeds(role)
