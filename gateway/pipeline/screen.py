"""Judge a question before any model sees it: every slot, every turn, in one go.

Earlier turns are judged like the last one, but they cannot block a conversation for ever: what a
rule forbids there does not reach the model, and the conversation goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from gateway.exchange import Exchange, Path, Question, Reply, ReplyKind, Role, Slot
from gateway.masking import mask
from gateway.pipeline.judging import judge
from gateway.pipeline.rewrite import mask_json
from gateway.pipeline.shield import hidden_spans, shield_of
from gateway.pipeline.turns import join_results, join_turns
from gateway.policy.plan import BoundDetector, Plan, Rule, SidePlan
from gateway.policy.rule import Judged, decide, rules_for
from gateway.ports import Ports, Seen
from gateway.privacy.shield import Shield
from gateway.text import TextView
from gateway.verdict import PASS, Finding, Hit, Verdict, rank, silences

_JOINED: Final[tuple[Role, ...]] = ("user", "tool")
"""Whose words are read as one text over several turns."""

_KEY: Final = 16
"""Bytes of the digest under which it is remembered what was found in a text."""

_REPLY_KINDS: dict[str, ReplyKind] = {"refuse": "safe", "answer": "standard", "handoff": "handoff"}


class JudgedSlot(NamedTuple):
    """A slot and what was found in it; offsets into its text.

    Attributes:
        slot: Where and whose it is.
        findings: What was found.
        torn: Those that are a part of what was found across slots.
    """

    slot: Slot
    findings: tuple[Finding, ...]
    torn: frozenset[Finding] = frozenset()


class Examined(NamedTuple):
    """What came of judging a question.

    Attributes:
        verdict: What was decided.
        found: Every slot in which something was found.
        withheld: Paths of earlier turns that may not reach the model.
    """

    verdict: Verdict
    found: tuple[JudgedSlot, ...] = ()
    withheld: frozenset[str] = frozenset()


async def screen(exchange: Exchange, plan: Plan, ports: Ports) -> Exchange:
    """Judge the question; set the verdict, the rewritten slots, and the reply if there is one."""
    question = exchange.question
    verdict, found, withheld = await examine(question, plan, ports.seen, exchange.region)
    if verdict is PASS:
        return exchange
    side = plan.request.within(exchange.region)
    shield = shield_of(exchange, ports)
    return replace(
        exchange,
        request=verdict,
        rewritten=_rewrite(plan, found, withheld, exchange, shield) if _rewrites(verdict) else {},
        live=shield.live(),
        findings={item.slot.path: item.findings for item in found},
        reply=reply_for(plan, side, verdict, question),
        notices=_notices(verdict, found),
    )


async def examine(question: Question, plan: Plan, seen: Seen | None = None, region: str = "") -> Examined:
    """Judge a question and decide; the same online and offline.

    Args:
        question: What is asked.
        plan: Judges it.
        seen: Remembers texts that were judged before.
        region: Where the model stands; rules that hold outside of a region hold where nobody said.
    """
    side = plan.request.within(region)
    if not side.detectors and not question.unread:
        return Examined(PASS)
    over, errors = await judge_slots(question.slots, side.detectors, plan.digest, seen)
    for role in _JOINED:
        over, unable = await _over_turns(question.slots, role, side, (plan.digest, seen), over, failed=dict(errors))
        errors = list(dict([*errors, *unable]).items())
    found = tuple(over)
    if not found and not errors and not question.unread:
        return Examined(PASS)
    verdict, withheld = _verdict(side, found, errors, question.unread)
    return Examined(verdict, found, withheld)


async def judge_slots(
    slots: Sequence[Slot], detectors: tuple[BoundDetector, ...], digest: str, seen: Seen | None
) -> tuple[list[JudgedSlot], list[tuple[str, str]]]:
    """Let the detectors look at every slot; return those in which something was found, and who could not judge.

    Texts judged before under the same plan are remembered: a long conversation costs little more
    than its last turn.
    """
    looking = _Looking(detectors, digest, seen)
    if len(slots) > 1 and any(detector.judge is not None for detector in detectors):
        # Judges take their time: what they say of one text need not wait for what they say of another.
        found = [item for items in await asyncio.gather(*map(looking.at, _groups(slots))) for item in items]
    else:
        found = []
        for group in _groups(slots):
            known = looking.remembered(group)
            found += await looking.at(group) if known is None else known
    return found, list(looking.errors.items())


async def _over_turns(
    slots: Sequence[Slot],
    role: Role,
    side: SidePlan,
    known: tuple[str, Seen | None],
    judged: list[JudgedSlot],
    *,
    failed: Collection[str],
) -> tuple[list[JudgedSlot], list[tuple[str, str]]]:
    """Add what no slot says by itself but several of one role say together, where a rule forbids it.

    Only those are asked whose word can forbid it; what they say is remembered as theirs alone. A judge that has
    failed is not asked again: that costs the time it has for an answer once more, and changes nothing.
    """
    forbidding = side.forbidding(role)
    able = tuple([one for one in forbidding if one.judge is None or one.id not in failed])
    said = [slot for slot in slots if slot.role == role and slot.kind == "content"]
    if not forbidding or len(said) < 2:
        return judged, []
    own = [item for item in judged if item.slot.role == role and side.heeds(item.findings)]
    forbidden = {item.slot.path for item in own if any(_silencing(side, f, role) for f in item.findings)}
    if role == "tool":
        together = list(join_results(said, forbidden))
    else:
        together = [joined] if (joined := join_turns(said, forbidden)) is not None else []
    if not together:
        return judged, []
    digest, seen = known
    if len(forbidding) < len(side.detectors):
        digest += f"+{role}"  # what the others would say of the same text is not known
    items = {item.slot.path: item for item in judged}
    errors: list[tuple[str, str]] = []
    for joined in together:
        text = joined.seams[-1].slot._replace(text=joined.text, joined=False)
        # What was found without one that failed is not remembered: next time it may be there.
        told, unable = await judge_slots([text], able, digest, seen if able == forbidding else None)
        errors += unable
        crossing = [f for item in told for f in joined.crossing(item.findings) if _silencing(side, f, role)]
        for slot, part in (share for finding in crossing for share in joined.shares(finding)):
            item = items.get(slot.path) or JudgedSlot(slot, ())
            items[slot.path] = item._replace(findings=(*item.findings, part), torn=item.torn | {part})
    return [items[slot.path] for slot in slots if slot.path in items], errors


def _silencing(side: SidePlan, finding: Finding, role: Role) -> bool:
    rule = rules_for(side, finding, role)
    return rule is not None and silences(rule.then)


class _Looking:
    """Lets the detectors of one side look at slots; remembers who could not judge."""

    def __init__(self, detectors: tuple[BoundDetector, ...], digest: str, seen: Seen | None) -> None:
        self._detectors, self._seen = detectors, seen
        # What is judged through its escapes is another text than the same characters as they stand.
        # Whose word it is ends with a sign that no name of a plan or role holds: no text can begin like one.
        whose = digest.encode() + b"\0"
        self._keyed = {quoted: hashlib.sha256((b"q" if quoted else b"t") + whose) for quoted in (False, True)}
        self._picky = any(detector.roles is not None for detector in detectors)
        self.errors: dict[str, str] = {}

    def remembered(self, group: Sequence[Slot]) -> Sequence[JudgedSlot] | None:
        """Return what was found in slots that the model reads as one text, if they were looked at before."""
        findings = self._seen.get(self._key(group[0], _text(group))) if self._seen else None
        return None if findings is None else _share(group, findings)

    async def at(self, group: Sequence[Slot]) -> Sequence[JudgedSlot]:
        """Look at slots that the model reads as one text, if nobody has; return those in which something was found."""
        known = self.remembered(group)
        if known is not None:
            return known
        first, text = group[0], _text(group)
        detectors = self._detectors
        if self._picky:
            detectors = tuple([d for d in detectors if d.roles is None or first.role in d.roles])
        scans, failed = await judge(detectors, TextView(text, escaped=first.quoted))
        findings = tuple(sorted({finding for scan in scans for finding in scan.findings}))
        self.errors.update(failed)
        if self._seen and not failed:
            self._seen.put(self._key(first, text), findings)
        return _share(group, findings)

    def _key(self, first: Slot, text: str) -> bytes:
        hashed = self._keyed[first.quoted].copy()
        if self._picky:  # a judge that was not asked in one role has not spoken of the other
            hashed.update(first.role.encode() + b":")
        hashed.update(text.encode())
        return hashed.digest()[:_KEY]  # half of it tells texts apart as well, and is kept for each


def reply_for(plan: Plan, side: SidePlan, verdict: Verdict, question: Question) -> Reply | None:
    """Return the reply that a verdict calls for, in the language of the question."""
    if not silences(verdict.action):
        return None
    rule = replying(side, verdict)
    reply = make_reply(plan, rule, question)
    return reply if rule else replace(reply, rule=verdict.rule or "")


def replying(side: SidePlan, verdict: Verdict) -> Rule | None:
    """Return the rule whose reply is given; None where it only fired because something could not be judged.

    Words of comfort, or that a person will answer, are for what was found.
    """
    found = any(hit.rule == verdict.rule and not hit.is_failure for hit in verdict.hits)
    return next((rule for rule in side.rules if rule.id == verdict.rule), None) if found else None


def make_reply(plan: Plan, rule: Rule | None, question: Question) -> Reply:
    """Return the reply of a rule; the safe one for a failure or for parts that nobody can judge."""
    name = rule.reply if rule and rule.reply else "safe"
    kind = _REPLY_KINDS.get(rule.then, "safe") if rule else "safe"
    text = plan.replies[name].matching(question.asked)
    return Reply(kind, text, rule.id if rule else "", name)


def _notices(verdict: Verdict, found: Sequence[JudgedSlot]) -> tuple[str, ...]:
    """Return the ids of rules with action ``label`` that fired in this turn, each once."""
    if not any(hit.action == "label" for hit in verdict.hits):
        return ()
    now = {item.slot.place for item in found if item.slot.current}
    return tuple(dict.fromkeys(hit.rule for hit in verdict.hits if hit.action == "label" and hit.slot in now))


def _groups(slots: Sequence[Slot]) -> Iterator[Sequence[Slot]]:
    """Yield slots that the model reads as one text together."""
    size = len(slots)
    start = 0
    while start < size:
        end = start + 1
        while end < size and slots[end].joined:
            end += 1
        yield slots[start:end]
        start = end


def _text(group: Sequence[Slot]) -> str:
    return group[0].text if len(group) == 1 else "".join([slot.text for slot in group])


def _share(group: Sequence[Slot], findings: tuple[Finding, ...]) -> Sequence[JudgedSlot]:
    """Give each slot of a group its part of the findings; leave out those that have none."""
    if not findings:
        return ()
    return [JudgedSlot(group[0], findings)] if len(group) == 1 else list(_shares(group, findings))


def _shares(group: Sequence[Slot], findings: tuple[Finding, ...]) -> Iterator[JudgedSlot]:
    start = 0
    for slot in group:
        end = start + len(slot.text)
        inside, torn = [], []
        for finding in findings:
            if finding.start < end and finding.end > start:
                part = finding._replace(start=max(finding.start, start) - start, end=min(finding.end, end) - start)
                inside.append(part)
                if finding.start < start or finding.end > end:
                    torn.append(part)
        if inside:
            yield JudgedSlot(slot, tuple(inside), frozenset(torn))
        start = end


def _verdict(
    side: SidePlan, found: Sequence[JudgedSlot], errors: Sequence[tuple[str, str]], unjudged: Sequence[str]
) -> tuple[Verdict, frozenset[str]]:
    """Decide; return the verdict and the paths of earlier slots that may not reach the model."""
    # Only hits say where a text stands, and most texts of a long conversation hold nothing that a rule heeds.
    heeded = [side.heeds(item.findings) for item in found]
    judged = [
        Judged(slot.place if hit else "", slot.role, findings)
        for (slot, findings, _), hit in zip(found, heeded, strict=True)
    ]
    verdict = decide(side, judged, errors, unjudged)
    if not silences(verdict.action):
        return verdict, frozenset()
    earlier = {item.slot.place for item in found if not item.slot.current}
    if not earlier or not silences(verdict.action):
        return verdict, frozenset()
    withheld = frozenset(hit.slot for hit in verdict.hits if hit.slot in earlier and silences(hit.action))
    hits = tuple(
        replace(hit, action="mask") if hit.slot in withheld and silences(hit.action) else hit for hit in verdict.hits
    )
    top = _strongest(hits)
    return replace(verdict, hits=hits, action=top.action if top else "pass", rule=top.rule if top else None), withheld


def _strongest(hits: Sequence[Hit]) -> Hit | None:
    return max(hits, key=lambda hit: rank(hit.action), default=None)


def _rewrites(verdict: Verdict) -> bool:
    """Whether anything of the question is hidden from a model that is asked."""
    return not silences(verdict.action) and any(hit.action == "mask" for hit in verdict.hits)


def _rewrite(
    plan: Plan,
    found: Sequence[JudgedSlot],
    withheld: frozenset[str],
    exchange: Exchange,
    shield: Shield,
) -> dict[Path, str]:
    """Return the new text of every slot that a rule changes."""
    changes: dict[Path, str] = {}
    side = plan.request.within(exchange.region)
    for slot, findings, torn in found:
        if withheld and slot.place in withheld:
            changes[slot.path] = _withhold(slot, plan.withheld.matching(exchange.question.asked))
        elif side.heeds(findings) and (spans := hidden_spans(side, slot, findings, torn, shield)):
            changes[slot.path] = mask_json(slot.text, spans) if slot.quoted else mask(slot.text, spans)
    return changes


def _withhold(slot: Slot, words: str) -> str:
    return "{}" if slot.quoted else words
