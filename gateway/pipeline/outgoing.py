"""What the client gets besides the answer itself: status, headers, errors, proper ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from gateway.errors import UpstreamRefused
from gateway.labels.metadata import header
from gateway.pipeline.trace import Trace
from gateway.ports import AnswerCodec, Reads, Ticker
from gateway.verdict import Verdict, strongest

_BLOCKED: Final = {
    "request": "The policy of this service does not allow this request.",
    "response": "The policy of this service does not allow the answer to this request.",
}


class Outlet(Protocol):
    """Where an answer goes: the client's connection."""

    async def start(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        """Send the status and the headers; nothing was sent before."""
        ...

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body."""
        ...

    async def finish(self) -> None:
        """The body is complete."""
        ...


class Outgoing:
    """Writes to the client, and chooses the status with the first piece that may leave.

    Args:
        trace: Knows the exchange; learns the status and how long the client made us wait.
        dialect: Writes errors in the client's envelope.
        outlet: The client's connection.
        ticker: A monotonic clock.

    Attributes:
        closing: Called when all of the body was written, before the client is told that it is complete.
    """

    def __init__(self, trace: Trace, dialect: Reads, outlet: Outlet, ticker: Ticker) -> None:
        self._trace, self._dialect, self._outlet, self._ticker = trace, dialect, outlet, ticker
        self.started = False
        self.finished = False
        self.closing: Callable[[], Awaitable[None]] | None = None

    async def start(self, status: int, content_type: str, extra: Mapping[str, str] | None = None) -> None:
        """Send status and headers; once."""
        trace = self._trace
        self.started = True
        trace.status = status
        request = trace.exchange.request if trace.exchange else Verdict()
        response = trace.answered()
        unjudged = sum(len(verdict.unjudged) + len(verdict.errors) for verdict in (request, response))
        headers = {
            "x-sluice-request-id": trace.id,
            "x-sluice-policy": f"{trace.plan.name}@{trace.plan.digest[:12]}",
            "x-sluice-verdict": strongest((request.action, response.action)),
            "x-sluice-unjudged": str(unjudged),
            "x-sluice-label": trace.label,
            "x-sluice-overhead-ms": f"{trace.overhead(self._ticker()):.2f}",
            **(dict((header(trace.aigc),)) if trace.aigc else {}),
            **({"x-sluice-handoff": trace.ticket} if trace.ticket else {}),
            **used(trace),
            **trace.standing,
            **(extra or {}),
        }
        await self._outlet.start(status, content_type, headers)

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body; waiting for the client is not our time."""
        mark = self._ticker()
        try:
            await self._outlet.write(piece)
        finally:
            self._trace.waited += self._ticker() - mark

    async def finish(self) -> None:
        """The body is complete. What the exchange used is counted first: the client may ask again at once."""
        self.finished = True
        if self.closing is not None:
            await self.closing()
        await self._outlet.finish()

    async def whole(self, body: bytes, content_type: str) -> None:
        """Send an answer in one go."""
        await self.start(200, content_type)
        await self.write(body)
        await self.finish()

    async def error(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        inside: Mapping[str, Any] | None = None,
        retry_after: str | None = None,
    ) -> None:
        """Send an error in the client's envelope; nothing was sent before, and no error is labelled."""
        self._trace.label, self._trace.aigc = "none", None
        own = {"sluice": {"request_id": self._trace.id, **(inside or {})}}
        body = self._dialect.error(status, code, message, param=param, extra=own)
        again = retry_after or ("5" if status == 503 else None)
        await self.start(status, "application/json", {"retry-after": again} if again else {})
        await self.write(body)
        await self.finish()

    async def broke(self, status: int, code: str, message: str, codec: AnswerCodec | None) -> None:
        """Tell the client that something broke: as an error, or as the end of what has begun."""
        if not self.started:
            await self.error(status, code, message)
        elif codec is not None and not self.finished:
            await self.write(codec.fail(code, message, id=self._trace.id))
            await self.finish()

    async def blocked(self, stage: str, verdict: Verdict) -> None:
        """Refuse with HTTP 400. Says which rule, never which words: they would teach an attacker."""
        plan = self._trace.plan
        risk = next((hit.risk for hit in verdict.hits if hit.rule == verdict.rule), "")
        inside = {"stage": stage, "rule": verdict.rule or "", "risk": risk, "policy": plan.name, "digest": plan.digest}
        if self._trace.ticket:
            inside["handoff"] = self._trace.ticket
        await self.error(400, "content_filter", _BLOCKED[stage], inside=inside)

    async def refused(self, error: UpstreamRefused, codec: AnswerCodec | None) -> None:
        """Pass the upstream's own refusal on; what it said is for the client, not for a log."""
        if self.started:
            await self.broke(error.status, error.code, str(error), codec)
            return
        if not error.body.lstrip().startswith(b"{"):
            await self.error(error.status, error.code, str(error), retry_after=error.retry_after)
            return
        await self.start(
            error.status, "application/json", {"retry-after": error.retry_after} if error.retry_after else {}
        )
        await self.write(error.body)
        await self.finish()


def used(trace: Trace) -> dict[str, str]:
    """Return the headers that tell what the answer used, as far as that is known."""
    if trace.usage is None or trace.upstream is None:
        return {}
    cost = trace.cost()
    tokens = {"x-sluice-tokens": f"{trace.usage.input}+{trace.usage.output}"}
    return {**tokens, "x-sluice-cost": str(cost)} if cost is not None else tokens
