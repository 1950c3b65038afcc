"""Hand a question over to a person: a ticket is kept before the client hears of it, and a person's answer judged.

A promise that cannot be kept is not made: where no ticket can be kept, the client gets other words than those that
tell it to wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import anyio

from gateway.errors import RecordError
from gateway.exchange import Channel, Delta, Exchange, Reply
from gateway.masking import Span, mask
from gateway.pipeline.guard import Guard
from gateway.pipeline.standard import RULE
from gateway.policy.plan import Plan
from gateway.ports import Form, Ports, Ticket
from gateway.telemetry import names
from gateway.text import is_chinese

HOLE: Final = "{ticket}"
"""In the words of a reply: where the ticket's id goes."""
NOT_KEPT: Final = "handoff_not_kept"
"""What a record says of an exchange that could not be handed over."""
_LONGEST: Final = 8000
_PERSONAL: Final = ("pii.", "secret.")


async def handed_over(reply: Reply, exchange: Exchange, plan: Plan, ports: Ports) -> Reply:
    """Return the reply with its ticket, which is on disk then; other words and no ticket if it could not be kept.

    Args:
        reply: Any reply; those that hand nothing over come back as they are.
        exchange: What was asked.
        plan: Says how a person sees it.
        ports: Keep the ticket; where they have no place for it, nothing is kept and nothing told.
    """
    if reply.kind != "handoff":
        return reply
    if ports.handoffs is None:
        return replace(reply, text=reply.text.replace(HOLE, "—"))
    asked = exchange.question.asked
    form, question = _shown(exchange, plan, ports)
    ticket = Ticket(
        id=ports.ids(),
        exchange=exchange.id,
        created=ports.clock(),
        tenant=exchange.caller.tenant,
        key=exchange.caller.key,
        policy=plan.name,
        plan=plan.digest,
        rule=reply.rule,
        entry=reply.name if reply.rule == RULE else "",
        desk=reply.desk,
        language="zh" if is_chinese(asked) else "en",
        form=form,
        question=question,
    )
    try:
        # A client that leaves now has asked for a person all the same.
        with anyio.CancelScope(shield=True):
            await ports.handoffs.open(ticket)
    except RecordError:
        ports.counters.add(names.HANDOFFS_LOST)
        words = plan.handoff.unavailable or plan.replies["safe"]
        return Reply("safe", words.matching(asked), reply.rule, NOT_KEPT)
    ports.counters.add(names.HANDOFFS, rule=reply.rule, entry=ticket.entry)
    return replace(reply, text=reply.text.replace(HOLE, ticket.id), ticket=ticket.id)


def _shown(exchange: Exchange, plan: Plan, ports: Ports) -> tuple[Form, str | None]:
    """Return how a person sees the question, and what of it.

    What was not judged by every detector cannot be masked: it is withheld.
    """
    form = plan.handoff.question
    if form == "withheld" or (form == "masked" and exchange.request.errors):
        return "withheld", None
    text = "\n".join(_turn(exchange, plan, hide=form == "masked"))[:_LONGEST]
    if form == "masked":
        return form, text
    if ports.seal is None:  # wiring refuses such a plan before it is used
        return "withheld", None
    return form, ports.seal(text, exchange.id)


def _turn(exchange: Exchange, plan: Plan, *, hide: bool) -> Iterator[str]:
    """Yield what the user said in this turn."""
    masked = {risk for rule in plan.request.rules if rule.then == "mask" for risk in rule.risks}
    for slot in exchange.question.slots:
        if slot.role == "user" and slot.kind == "content" and slot.current:
            found = exchange.findings.get(slot.path, ()) if hide else ()
            spans = [Span(f.start, f.end) for f in found if f.risk.startswith(_PERSONAL) or f.risk in masked]
            yield mask(slot.text, spans)


async def passed(answer: str, ticket: Ticket, plan: Plan) -> tuple[str, str]:
    """Judge what a person answers as what a model says is judged.

    Args:
        answer: The person's words.
        ticket: What was asked is judged with it, where it is kept in the clear.
        plan: Its rules for answers hold.

    Returns:
        The words as they may leave, and an empty text; or no words, and the rule that does not let them leave
        (``unjudged`` where a detector could not judge).
    """
    question = ticket.question if ticket.form == "masked" else None
    guard = Guard(plan.response, question or "", whole=True)
    channel = Channel(0, "content")
    pieces = [await guard.push(Delta(channel, answer)), *await guard.close(0)]
    for piece in pieces:
        if piece.stop or piece.failed:
            return "", piece.stop.id if piece.stop else "unjudged"
    return "".join(piece.text for piece in pieces), ""
