"""Whose identifiers stood in a question: keyed digests, so that a person's records can be found and erased."""

from __future__ import annotations

from typing import Final

from gateway.exchange import Exchange, Subject
from gateway.policy.plan import Plan
from gateway.policy.rule import rules_for
from gateway.ports import Ports
from gateway.privacy.classes import CLASSES

MOST: Final = 256
"""Identifiers noted of one exchange: a list of thousands of people is a file, not a question."""

_SURE: Final = 0.5
_DIRECT: Final = frozenset(risk for risk, one in CLASSES.items() if one.identifier == "direct")


def subjects_of(exchange: Exchange, plan: Plan, ports: Ports, *, went: bool) -> tuple[Subject, ...]:
    """Return the identifiers in the current turn, each once.

    Args:
        exchange: The exchange, screened.
        plan: Says what was hidden.
        ports: Gives the digests; without a key nothing is noted.
        went: Whether anything went to the model.
    """
    if ports.subject is None or not exchange.findings:
        return ()
    side = plan.request.within(exchange.region)
    slots = {slot.path: slot for slot in exchange.question.slots if slot.current}
    found: dict[tuple[str, str], bool] = {}
    for path, findings in exchange.findings.items():
        slot = slots.get(path)
        for finding in findings if slot else ():
            if slot is None or finding.risk not in _DIRECT or finding.score < _SURE or len(found) >= MOST:
                continue
            rule = rules_for(side, finding, slot.role)
            left = went and (rule is None or rule.then != "mask")
            digest = ports.subject(exchange.caller.tenant, slot.text[finding.start : finding.end])
            key = digest, finding.risk
            found[key] = left or found.get(key, False)
    return tuple(Subject(digest, risk, left) for (digest, risk), left in found.items())
