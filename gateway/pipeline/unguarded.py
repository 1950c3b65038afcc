"""Hand on what nobody judges, because the operator says so: files, batches. Counted, recorded, told as unjudged.

A policy that says ``unjudged: refuse`` refuses it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from gateway.errors import RequestError, UpstreamBroke
from gateway.exchange import Exchange, Question, Usage
from gateway.pipeline.guard import Guard
from gateway.pipeline.outgoing import Outlet
from gateway.pipeline.quota import check_model
from gateway.pipeline.run import Passing, Recorded
from gateway.pipeline.trace import Trace
from gateway.policy.rule import decide
from gateway.ports import Call, Ports, Reads
from gateway.telemetry import names
from gateway.verdict import silences

_BODY: Final = ("body",)
_MOST: Final = 64 * 1024 * 1024


class Request(NamedTuple):
    """A request that is handed on.

    Attributes:
        under: The path of the settings that it stands under.
        model: The model whose server gets it.
        method: Its method.
        path: Below the server's base URL, with the query.
        content_type: Of its body, or empty.
    """

    under: str
    model: str
    method: str
    path: str
    content_type: str


class Unguarded(Recorded):
    """Hands on one request.

    Args:
        errors: Writes errors.
        ports: Everything outside.
        request: What is asked for.
    """

    def __init__(self, errors: Reads, ports: Ports, request: Request) -> None:
        super().__init__(_Named(errors), ports)
        self._request = request

    def passing(self, trace: Trace, outlet: Outlet) -> Passing:
        """Return what takes the request on and its answer back."""
        return _Handing(trace, self._reads, self._ports, outlet, request=self._request)


class _Named:
    """The name under which such exchanges are recorded."""

    name = "unguarded"

    def __init__(self, errors: Reads) -> None:
        self._errors = errors

    def read(self, raw: bytes) -> Question:
        """Read nothing: nobody knows what stands there."""
        return Question(self.name, raw, {}, "", stream=False, slots=(), unread=_BODY, plain=False)

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in the API's envelope."""
        return self._errors.error(status, code, message, param=param, extra=extra)


class _Handing(Passing):
    """One request on its way."""

    def __init__(self, trace: Trace, reads: Reads, ports: Ports, outlet: Outlet, *, request: Request) -> None:
        super().__init__(trace, reads, ports, outlet)
        self._request, self._reads = request, reads

    async def _pass(self, raw: bytes) -> None:
        trace, ports, plan, asked = self._trace, self._ports, self._trace.plan, self._request
        if trace.caller.dry_run:
            text = "Nothing is judged at this path, so there is no verdict on it; leave out x-sluice-dry-run."
            raise RequestError(text, code="nothing_judged", param="x-sluice-dry-run")
        question = replace(self._reads.read(raw), model=asked.model)
        check_model(asked.model, trace.caller.grant)
        route = ports.resolve(asked.model)
        verdict = decide(plan.request.within(route.region), (), (), _BODY)
        exchange = Exchange(trace.id, trace.received, plan.digest, plan.name, trace.caller, question, route.region)
        trace.exchange = replace(exchange, request=verdict)
        await self.metering.reserve_uncounted(question)
        trace.screened = True
        ports.counters.add(names.UNGUARDED, path=asked.under)
        if silences(verdict.action):
            trace.outcome = "replied"
            await self._out.blocked("request", verdict)
            return
        trace.guard = Guard(plan.response, whole=True)
        refused = trace.guard.unread(_BODY)
        mark = self._stage("receive", trace.started)
        trace.upstream, trace.usage = route.name, Usage()
        headers = dict(trace.caller.passing)
        if asked.content_type:
            headers["content-type"] = asked.content_type
        call = Call(trace.id, asked.path, route.model, raw, False, headers, method=asked.method)
        upstream = await route.provider.open(call)
        pieces: list[bytes] = []
        size = 0
        try:
            async for piece in upstream.chunks():
                size += len(piece)
                if size > _MOST:
                    message = f"The upstream {route.name} sent an answer of more than {_MOST} bytes."
                    raise UpstreamBroke(message, upstream=route.name)
                pieces.append(piece)
        finally:
            await upstream.aclose()
            trace.waited += self._stage("upstream", mark) - mark
        if refused:
            trace.outcome = "stopped"
            await self._out.blocked("response", trace.guard.verdict())
            return
        trace.outcome = "answered"
        # Never as an event stream: what is handed on leaves whole.
        kind = upstream.content_type
        await self._out.whole(b"".join(pieces), "text/plain" if kind.startswith("text/event-stream") else kind)
