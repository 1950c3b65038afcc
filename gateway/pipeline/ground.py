"""Give the model passages of the knowledge base to answer from, and say after the answer what they bore out.

Passages are judged like what a tool has read before any model sees them: an order hidden in a document is no
order. They stand in the user's last words, by the policy's template; nothing else of the request changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from gateway.errors import DetectorError, KnowledgeError, RequestError
from gateway.exchange import Exchange, Reply, Slot, Source
from gateway.knowledge.citations import Grounding, held_against, uncertain
from gateway.pipeline.screen import judge_slots
from gateway.policy.plan import GroundPlan, Plan
from gateway.policy.rule import Judged, decide
from gateway.ports import Grounds, Ports
from gateway.telemetry import names
from gateway.verdict import silences

_HOLES: Final = re.compile(r"\{(passages|question)\}")
_FEW: Final = 12
"""A question of fewer characters is looked up together with the one before it: “那退货呢？”"""


async def ground(exchange: Exchange, plan: Plan, ports: Ports) -> Exchange:
    """Put passages before the question, or set the reply that the policy has for a question without sources.

    Raises:
        RequestError: The knowledge base cannot be asked (503): without sources nothing is answered.
    """
    wanted, slot = plan.ground, _question(exchange)
    if wanted is None or ports.knowledge is None or slot is None:
        return exchange
    caller = exchange.caller
    try:
        found = await ports.knowledge(caller.tenant, _looked_up(exchange), wanted.passages, caller.labels)
    except KnowledgeError:
        ports.counters.add(names.KNOWLEDGE_FAILURES)
        message = "The knowledge base cannot be asked at present, so nothing is answered."
        raise RequestError(message, status=503, code="knowledge_unavailable") from None
    good = [source for source in found if source.confidence >= wanted.confidence]
    sources = await _usable(good, plan, exchange, ports)
    if not sources:
        return _without(exchange, plan, wanted)
    said = exchange.rewritten.get(slot.path, slot.text)
    template = wanted.template.matching(exchange.question.asked)
    filled = {"passages": _numbered(sources), "question": said}
    text = _HOLES.sub(lambda hole: filled[hole[1]], template)
    return replace(exchange, sources=tuple(sources), rewritten={**exchange.rewritten, slot.path: text})


def _question(exchange: Exchange) -> Slot | None:
    """Return the place of the user's last words; None where nobody asks in words."""
    for slot in reversed(exchange.question.slots):
        if slot.role == "user" and slot.kind == "content" and slot.current and not slot.quoted and slot.text.strip():
            return slot
    return None


def _looked_up(exchange: Exchange) -> str:
    """Return what is looked up: the question, with the one before it where it says little by itself."""
    asked = exchange.question.asked
    if len(asked) >= _FEW:
        return asked
    earlier = (
        slot.text
        for slot in reversed(exchange.question.slots)
        if slot.role == "user" and slot.kind == "content" and not slot.current
    )
    return "\n".join([*([before] if (before := next(earlier, "")) else []), asked])


async def _usable(found: Sequence[Source], plan: Plan, exchange: Exchange, ports: Ports) -> list[Source]:
    """Return the passages that no rule for what tools have read keeps from the model."""
    side = plan.request.within(exchange.region)
    if not found or not side.detectors:
        return list(found)
    slots = [Slot(("sources", at), "tool", "content", source.text) for at, source in enumerate(found)]
    judged, errors = await judge_slots(slots, side.detectors, plan.digest, ports.seen)
    bad = set()
    for item in judged:
        verdict = decide(side, [Judged(item.slot.place, "tool", item.findings)], errors, ())
        if silences(verdict.action):
            bad.add(item.slot.path[1])
    if errors and silences(decide(side, [], errors, ()).action):
        bad.update(range(len(found)))
    if bad:
        ports.counters.add(names.PASSAGES_WITHHELD, len(bad))
    return [source for at, source in enumerate(found) if at not in bad]


def _without(exchange: Exchange, plan: Plan, wanted: GroundPlan) -> Exchange:
    if wanted.unsourced != "reply":
        return replace(exchange, unsourced=True)
    words = plan.replies[wanted.reply].matching(exchange.question.asked)
    return replace(exchange, unsourced=True, reply=Reply("standard", words, "ground", wanted.reply))


def _numbered(sources: Sequence[Source]) -> str:
    """Return the passages as the model sees them; what looks like another passage's number is not one."""
    return "\n\n".join(
        f"[{number}] {_title(source)}\n{source.text.strip()}" for number, source in enumerate(sources, 1)
    )


def _title(source: Source) -> str:
    return f"{source.title} ({source.place})" if source.place else source.title


class Sourced:
    """Follows the choices of one answer that was given passages, and says what they bore out.

    Args:
        plan: How answers are grounded.
        exchange: Whose answer it is.

    Attributes:
        errors: Why a judge could not judge, as ``ground: JudgeTimeout``.
    """

    def __init__(self, plan: GroundPlan, exchange: Exchange) -> None:
        self._plan, self._exchange = plan, exchange
        self.errors: list[str] = []
        self._said: dict[int, list[str]] = {}
        self._held: dict[int, Grounding] = {}

    def saw(self, choice: int, text: str) -> None:
        """Take words of the answer on their way out."""
        self._said.setdefault(choice, []).append(text)

    async def weigh(self, choice: int) -> None:
        """A choice is about to end: ask the judge about what words do not tell, if there is one."""
        judge = self._plan.judge
        if judge is None or not self._exchange.sources:
            return
        held = self._against(choice)
        texts = tuple(source.text for source in self._exchange.sources)
        asked = uncertain(held, texts, judge.low, judge.high)
        if not asked:
            return
        claims = tuple(held.claims[at].text for at in asked)
        grounds = Grounds(self._exchange.question.asked, texts, "".join(self._said.get(choice, ())), claims)
        try:
            said = await judge.weigh(grounds)
        except DetectorError as error:
            self.errors.append(f"ground: {type(error).__name__}")
            self._held[choice] = held.unweighed(asked, doubted=judge.on_error == "unsupported")
            return
        self._held[choice] = held.weighed(asked, said)

    def _against(self, choice: int) -> Grounding:
        """Return how the words of a choice stand against its passages; once it was looked at, as it was then."""
        if choice not in self._held:
            exchange = self._exchange
            relevant = max(source.confidence for source in exchange.sources)
            texts = [source.text for source in exchange.sources]
            said = "".join(self._said.get(choice, ()))
            self._held[choice] = held_against(said, texts, exchange.question.asked, relevant)
        return self._held[choice]

    def end(self, choice: int) -> list[str]:
        """A choice ends: return what follows its words."""
        exchange, asked = self._exchange, self._exchange.question.asked
        if not exchange.sources:
            lacking = self._plan.notice if exchange.unsourced and self._plan.unsourced == "notice" else None
            return ["\n\n" + lacking.matching(asked)] if lacking else []
        held = self._against(choice)
        told = []
        if self._plan.unsupported and (held.unsupported or held.unknown):
            told.append("\n\n" + self._plan.unsupported.matching(asked))
        if self._plan.heading and held.cited:
            lines = [f"[{number}] {_linked(exchange.sources[number - 1])}" for number in held.cited]
            told.append("\n\n" + "\n".join([self._plan.heading.matching(asked), *lines]))
        return told

    def fields(self) -> dict[str, Any]:
        """Return the field ``sources`` of the answer's body: our own, beside the dialect's."""
        if not self._exchange.sources:
            return {}
        cited = {number for held in self._held.values() for number in held.cited}
        return {
            "sources": [
                {
                    "number": number,
                    "id": source.id,
                    "title": source.title,
                    **({"place": source.place} if source.place else {}),
                    **({"link": source.link} if source.link else {}),
                    **({"cited": number in cited} if self._held else {}),
                }
                for number, source in enumerate(self._exchange.sources, 1)
            ]
        }

    def scores(self) -> dict[str, float | int | None]:
        """Return how the first choice stood against its passages, for the record; empty if it did not end."""
        return dict(self._held[min(self._held)].scores()) if self._held else {}


def _linked(source: Source) -> str:
    return f"{_title(source)} {source.link}".rstrip()
