"""The measure against misuse (TC260-003 §7): a user who keeps asking what is not allowed is suspended.

Not the key and not the tenant: others use the same ones. Whoever names no user is not counted.
"""

from __future__ import annotations

from typing import Final

from gateway.exchange import Exchange, Reply
from gateway.pipeline.trace import Trace
from gateway.policy.plan import MisusePlan, Plan
from gateway.ports import Ports
from gateway.telemetry import names
from gateway.verdict import Verdict, silences

_ASKS_NOTHING: Final = frozenset({"count_tokens"})
"""Dialects whose requests are no questions: the same text comes again as one."""


def reply_to_suspended(exchange: Exchange, plan: Plan, ports: Ports, trace: Trace) -> Reply | None:
    """Return what a user is told who is suspended; None for anybody else."""
    user, misuse = _user(exchange), plan.misuse
    if misuse is None or ports.conduct is None or not user:
        return None
    if not ports.conduct.suspended(exchange.caller.tenant, user):
        return None
    trace.limits.append("user.refused")
    ports.counters.add(names.SUSPENDED, policy=plan.name)
    return Reply("safe", plan.replies[misuse.reply].matching(exchange.question.asked), "", misuse.reply)


async def note(exchange: Exchange, plan: Plan, ports: Ports, trace: Trace) -> None:
    """Count a question that was judged; it is answered as it would be, what follows is for the next one."""
    user, misuse = _user(exchange), plan.misuse
    if misuse is None or ports.conduct is None or not user or exchange.question.dialect in _ASKS_NOTHING:
        return
    illegal = is_illegal(exchange.request, misuse)
    conducted = await ports.conduct.note(
        exchange.caller.tenant, user, illegal=illegal, terms=misuse.terms, policy=plan.name
    )
    if illegal:
        trace.limits.append(f"user.illegal.{conducted.consecutive}.{conducted.today}")
    if conducted.suspended:
        trace.limits.append("user.suspended")
    if not conducted.shared:
        trace.limits.append("user.counted_alone")


def is_illegal(verdict: Verdict, misuse: MisusePlan) -> bool:
    """Whether a rule that counts refuses the question; what an earlier turn said was counted then.

    A detector that could not judge says nothing about the user.
    """
    return any(hit.rule in misuse.rules and silences(hit.action) and not hit.is_failure for hit in verdict.hits)


def _user(exchange: Exchange) -> str:
    return exchange.caller.user or exchange.question.user or ""
