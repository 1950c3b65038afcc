"""Decide what stands in the place of what was found in a question, all findings together (law 1).

Findings that overlap are one stretch, and nothing of it goes on as it was. The rule of the longest
finding says what stands there; of equals the surer one, then the earlier one. What was torn by two
slots has no value to come back to: it is hidden, whatever its rule says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.exchange import Exchange, Slot
from gateway.masking import Span
from gateway.policy.plan import Rule, SidePlan
from gateway.policy.rule import rules_for
from gateway.ports import Ports
from gateway.privacy.shield import Shield
from gateway.verdict import Finding

NOBODY = (bytes(32),)
"""A key for texts that go nowhere."""


class _Masked(NamedTuple):
    """A finding that a rule hides."""

    finding: Finding
    rule: Rule


def shield_of(exchange: Exchange, ports: Ports) -> Shield:
    """Return what replaces the values of this exchange; made before anything is replaced, kept nowhere."""
    question, caller = exchange.question, exchange.caller
    if ports.keys is None:
        return Shield(NOBODY, ())
    opening = "" if question.lasting else question.opening
    conversation = caller.conversation or hashlib.sha256(opening.encode("utf-8", "replace")).hexdigest()
    keys = ports.keys(caller.tenant, conversation, exchange.received)
    return Shield(keys, (slot.text for slot in question.slots))


def hidden_spans(
    side: SidePlan, slot: Slot, findings: Sequence[Finding], torn: frozenset[Finding], shield: Shield
) -> list[Span]:
    """Return the stretches of a slot that rules hide, and what stands in the place of each.

    Args:
        side: The rules.
        slot: The slot,
        findings: what was found in it,
        torn: and which of that is a part of what was found across slots.
        shield: Replaces values.
    """
    masked = [
        _Masked(finding, rule)
        for finding in findings
        if (rule := rules_for(side, finding, slot.role)) and rule.then == "mask"
    ]
    if not any(one.rule.how for one in masked):
        # Of what stands in two slots no end is kept readable: each has an end that is none.
        return [Span(f.start, f.end, (0, 0) if f in torn else rule.keep) for f, rule in masked]
    return [_span(group, slot, torn, shield) for group in _overlapping(masked)]


def _overlapping(masked: Sequence[_Masked]) -> Iterator[Sequence[_Masked]]:
    """Yield findings that overlap, together."""
    group: list[_Masked] = []
    end = 0
    for one in sorted(masked, key=lambda one: one.finding):
        if group and one.finding.start >= end:
            yield group
            group = []
        group.append(one)
        end = max(end, one.finding.end) if len(group) > 1 else one.finding.end
    if group:
        yield group


def _span(group: Sequence[_Masked], slot: Slot, torn: frozenset[Finding], shield: Shield) -> Span:
    start, end = group[0].finding.start, max(one.finding.end for one in group)
    if any(one.finding in torn for one in group):
        return Span(start, end)
    best = max(group, key=lambda one: (one.finding.end - one.finding.start, one.finding.score))
    technique = best.rule.how
    if technique is None:
        alone = all((one.finding.start, one.finding.end) == (start, end) for one in group)
        heads, tails = zip(*(one.rule.keep for one in group), strict=True)
        return Span(start, end, (min(heads), min(tails)) if alone else (0, 0))
    value = slot.text[start:end]
    if slot.quoted:
        value = _unquoted(value)
    return Span(start, end, instead=shield.replace(value, best.finding.risk, technique))


def _unquoted(text: str) -> str:
    """Return what a stretch of a JSON string says; as it stands if it is no stretch of one string."""
    try:
        said = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    return said if isinstance(said, str) else text
