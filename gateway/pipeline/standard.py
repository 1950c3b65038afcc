"""Give a question its standard answer, ask back, or hand over to a person, before any model sees it.

The action order decides against what the rules found: an approved answer beats a refusal, asking back does not,
a rule that hands over beats both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from gateway.exchange import Exchange, Question, Reply, ReplyKind
from gateway.pipeline.screen import make_reply
from gateway.policy.plan import AnswersPlan, Plan
from gateway.ports import Ports, Standing
from gateway.telemetry import names
from gateway.verdict import Action, Hit, rank, silences

RULE: Final = "answers"
"""What hits and records call the banks."""
RISK: Final = "standard_answer"
_LONGEST: Final = 1000
"""Nobody asks for a standard answer in more characters than these."""


async def answered(exchange: Exchange, plan: Plan, ports: Ports) -> Exchange:
    """Return the exchange with the reply of an answer bank, if one has any and nothing stronger was decided."""
    wanted = plan.answers
    question = exchange.question
    asked = question.asked
    if wanted is None or question.wordless or not asked.strip() or len(asked) > _LONGEST:
        return exchange
    day = datetime.fromtimestamp(exchange.received, UTC).astimezone().date().isoformat()
    try:
        standing = await wanted.find(asked, tuple(_before(question)), exchange.caller.tenant, day)
    except Exception as error:
        # Its message may hold text: the type must do (law 6).
        return _failed(exchange, plan, wanted, type(error).__name__)
    if standing.fault:
        noted = replace(exchange.request, errors=(*exchange.request.errors, f"{RULE}: {standing.fault}"))
        exchange = replace(exchange, request=noted)
    said = _reply(standing, wanted, plan, asked)
    if said is None:
        return exchange
    action, reply = said
    verdict = exchange.request
    if rank(action) <= rank(verdict.action) and silences(verdict.action):
        return exchange
    if reply.name.startswith("ask-back:") and silences(verdict.action):
        return exchange
    ports.counters.add(names.STANDARD_ANSWERS, entry=reply.name)
    place = next((one.place for one in reversed(question.slots) if one.role == "user" and one.current), "")
    hit = Hit(RULE, action, RISK, round(standing.score, 4), RULE, place, 0, len(asked))
    return replace(
        exchange,
        request=replace(verdict, action=action, hits=(*verdict.hits, hit), rule=RULE),
        rewritten={},
        live={},
        reply=reply,
    )


def _reply(standing: Standing, wanted: AnswersPlan, plan: Plan, asked: str) -> tuple[Action, Reply] | None:
    kind: ReplyKind = "standard"
    if standing.decision == "answer" and standing.desk:
        kind = "handoff"
        words = wanted.waiting or plan.replies["safe"]
        return "handoff", Reply(kind, standing.text or words.matching(asked), RULE, standing.name, standing.desk)
    if standing.decision == "answer" and standing.text:
        return "answer", Reply(kind, standing.text, RULE, standing.name)
    if standing.decision == "ask" and wanted.ask is not None and standing.near:
        text = wanted.ask.matching(asked).replace("{questions}", " / ".join(standing.near))
        return "answer", Reply(kind, text, RULE, f"ask-back:{standing.name}")
    return None


def _failed(exchange: Exchange, plan: Plan, wanted: AnswersPlan, reason: str) -> Exchange:
    """Note that no answer could be looked for; what that means is the policy's word (law 4)."""
    verdict = exchange.request
    noted = replace(verdict, errors=(*verdict.errors, f"{RULE}: {reason}"))
    if wanted.on_error == "pass" or silences(verdict.action):
        return replace(exchange, request=noted)
    hit = Hit(RULE, "refuse", RISK, 0.0, RULE, "", 0, 0)
    refused = replace(noted, action="refuse", hits=(*noted.hits, hit), rule=RULE)
    reply = replace(make_reply(plan, None, exchange.question), rule=RULE)
    return replace(exchange, request=refused, rewritten={}, live={}, reply=reply)


def _before(question: Question) -> Iterator[str]:
    """Yield what the user said in earlier turns."""
    for slot in question.slots:
        if slot.role == "user" and slot.kind == "content" and not slot.current:
            yield slot.text
