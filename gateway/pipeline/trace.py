"""What happens to one exchange, collected as it happens, and the record that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.exchange import Attempt, Caller, Cost, Exchange, Outcome, Question, Record, Unlabelled, Usage
from gateway.labels.metadata import AigcLabel
from gateway.masking import Span, mask
from gateway.pipeline.classified import classified
from gateway.pipeline.guard import Guard
from gateway.pipeline.subjects import subjects_of
from gateway.policy.plan import Plan
from gateway.ports import Ports, Price
from gateway.verdict import PASS, Verdict

_MEANT: Final = "answers: EndpointError"
"""Every detector has judged; only answer banks had to know what is meant from another table."""


@dataclass(slots=True)
class Trace:
    """One exchange under way.

    Attributes:
        id: The exchange's id.
        received: When it came, seconds since the epoch.
        started: The same on the monotonic clock.
        waited: Seconds spent waiting for the upstream and for the client.
        stages: Milliseconds that each stage took.
        outcome: How it ended, as far as is known.
        status: The HTTP status that the client got; 0 if none.
        screened: The question was judged.
        label: What is done to say that AI made the answer.
        aigc: The answer's metadata label; None if it carries none.
        counting: Says what the answer has used so far, once there is one.
        price: What the upstream that answers costs; None if nobody said.
        currency: Of the prices.
        limits: What quotas and the measure against misuse did, for the record.
        standing: Headers that tell the client how it stands with its quota.
        attempts: Whom we asked.
        region: Where the upstream stands that was asked, if the model has some in several regions.
        ticket: Under which a person finds the question; empty if nobody takes over.
        ungrounded: Says why a judge could not say whether the answer is borne out by its sources.
    """

    id: str
    dialect: str
    caller: Caller
    plan: Plan
    received: float
    started: float
    waited: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    outcome: Outcome = "error"
    status: int = 0
    error: str | None = None
    upstream: str | None = None
    usage: Usage | None = None
    label: str = "none"
    aigc: AigcLabel | None = None
    gone: bool = False
    screened: bool = False
    exchange: Exchange | None = None
    guard: Guard | None = None
    reply_text: str = ""
    unlabelled: Unlabelled | None = None
    grounding: Mapping[str, float | int | None] = field(default_factory=dict)
    ungrounded: Callable[[], tuple[str, ...]] = tuple
    counting: Callable[[], Usage] | None = None
    price: Price | None = None
    currency: str = ""
    limits: list[str] = field(default_factory=list)
    standing: Mapping[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    region: str = ""
    ticket: str = ""

    def used(self) -> Usage:
        """Return the tokens so far; none while no answer has begun."""
        return self.usage or (self.counting() if self.counting else Usage())

    def cost(self) -> Cost | None:
        """Return what the answer cost; None if nobody said what the model costs."""
        if self.upstream is None:
            return Cost(0, self.currency) if self.usage is not None else None
        if self.price is None or self.usage is None:
            return None
        return Cost(self.price.micros(self.usage), self.currency)

    def overhead(self, now: float) -> float:
        """Return the milliseconds that were ours so far."""
        return (now - self.started - self.waited) * 1000

    def record(self, ports: Ports) -> Record:
        """Return the record of this exchange as it stands."""
        exchange = self.exchange
        question = exchange.question if exchange else None
        reply = exchange.reply if exchange else None
        asked, said = self._texts(ports, question)
        classes, level = classified(exchange, self.guard)
        return Record(
            id=self.id,
            received=self.received,
            finished=ports.clock(),
            dialect=self.dialect,
            tenant=self.caller.tenant,
            key=self.caller.key,
            user=question.user if question else None,
            model=question.model if question else "",
            upstream=self.upstream,
            stream=question.stream if question else False,
            policy=self.plan.name,
            plan=self.plan.digest,
            outcome=self.outcome,
            status=self.status,
            request=exchange.request if exchange else PASS,
            response=self.answered(),
            reply=reply.kind if reply else None,
            reply_name=reply.name if reply else None,
            label=self.label,
            usage=self.usage,
            stages=self.stages,
            overhead_ms=round(self.overhead(ports.ticker()), 3),
            error=self.error,
            client_gone=self.gone,
            text_mode=self.plan.record.text,
            request_text=asked,
            response_text=said,
            unlabelled=self.unlabelled,
            region=self.region or (exchange.region if exchange else ""),
            cost=self.cost(),
            limits=tuple(self.limits),
            attempts=tuple(self.attempts),
            ticket=self.ticket or None,
            subjects=subjects_of(exchange, self.plan, ports, went=self.upstream is not None) if exchange else (),
            sources=tuple(source.id for source in exchange.sources) if exchange else (),
            grounding=self.grounding,
            classes=classes,
            level=level,
        )

    def answered(self) -> Verdict:
        """Return the verdict on the answer so far, with what a judge of its sources could not judge."""
        verdict, errors = self.guard.verdict() if self.guard else PASS, self.ungrounded()
        return replace(verdict, errors=(*verdict.errors, *errors)) if errors else verdict

    def _texts(self, ports: Ports, question: Question | None) -> tuple[str | None, str | None]:
        """Return what the policy lets us keep of the words: nothing, masked, or sealed.

        What was not judged, or not by every detector, cannot be masked: it is not kept.
        """
        mode = self.plan.record.text
        if mode == "none" or question is None or self.exchange is None:
            return None, None
        if mode == "masked" and (not self.screened or any(one != _MEANT for one in self.exchange.request.errors)):
            return None, None
        found = self.exchange.findings
        asked = []
        for slot in question.slots:
            if slot.current and slot.kind != "definition":
                text = slot.text
                if mode == "masked":
                    pointed = self.plan.request.pointed(found.get(slot.path, ()))
                    text = mask(text, [Span(f.start, f.end) for f in pointed])
                asked.append(f"{slot.role}: {text}")
        said = [text for _, text in self.guard.kept()] if self.guard else [self.reply_text]
        texts = "\n".join(asked), "\n".join(said)
        if mode == "masked":
            return texts
        if ports.seal is None:  # wiring refuses such a plan before it is used
            return None, None
        return ports.seal(texts[0], self.id), ports.seal(texts[1], self.id)
