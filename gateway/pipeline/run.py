"""The path of one exchange, from the bytes that came to the record that stays.

``run`` is the whole of it: receive, screen, relay, guard, declare, record. Whatever happens on the
way (a reply, an error, a client that leaves, a process that stops), the record is written (law 5).
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Literal

import anyio

from gateway.errors import LabelError, RequestError, UpstreamError, UpstreamRefused, UpstreamUnlabelled, VaultError
from gateway.exchange import Caller, Exchange, Question, Record, Reply, Usage
from gateway.pipeline import conduct
from gateway.pipeline.answer import AnswerFlow
from gateway.pipeline.declare import Declare
from gateway.pipeline.ground import ground
from gateway.pipeline.guard import Guard
from gateway.pipeline.handoff import NOT_KEPT, handed_over
from gateway.pipeline.outgoing import Outgoing, Outlet
from gateway.pipeline.quota import Metering, check_model
from gateway.pipeline.relay import Relay
from gateway.pipeline.screen import screen
from gateway.pipeline.standard import answered
from gateway.pipeline.told import told
from gateway.pipeline.trace import Trace
from gateway.policy.plan import Plan
from gateway.ports import AnswerCodec, Call, Dialect, Memory, Ports, Reads, Route, Upstream, Vault
from gateway.telemetry import names

log = logging.getLogger("sluice")

_KEPT: Final[dict[str, Literal["none", "masked", "raw"]]] = {"none": "none", "masked": "masked", "encrypted": "raw"}
_LETTING_GO: Final = 5.0
"""Seconds that an upstream's connection may take to close."""


class Recorded(ABC):
    """Takes the requests of one endpoint, whatever is done with them, and records each.

    Args:
        reads: The wire format of the requests.
        ports: Everything outside.
    """

    choose: Callable[[Plan, str], Plan] | None = None
    """Returns the plan that a client asks for by name, if it is no weaker; raises ``RequestError``."""

    def __init__(self, reads: Reads, ports: Ports) -> None:
        self._reads, self._ports = reads, ports

    @abstractmethod
    def passing(self, trace: Trace, outlet: Outlet) -> Passing:
        """Return what takes one request to its answer."""

    async def run(self, raw: bytes | RequestError, caller: Caller, plan: Plan, outlet: Outlet, gone: Gone) -> None:
        """Take a request to its answer and its record.

        Args:
            raw: The body, or why it could not be taken (too large, too slow, not allowed).
            caller: Who asks.
            plan: Judges the exchange from start to end (law 7).
            outlet: Where the answer goes.
            gone: Tells whether the client has left.
        """
        ports = self._ports
        if caller.stricter and isinstance(raw, bytes):
            try:
                plan = self._chosen(plan, caller.stricter)
            except RequestError as error:
                raw = error
        trace = Trace(ports.ids(), self._reads.name, caller, plan, ports.clock(), ports.ticker())
        trace.currency = ports.currency
        passage = self.passing(trace, outlet)
        # What leaves without a visible label leaves with a record, whatever the policy says (Measures art. 9).
        passes = plan.record.on_failure == "pass" and caller.unlabelled is None
        admitted = ports.records.admit(anyway=passes)
        try:
            if gone.left and isinstance(raw, RequestError):
                trace.error = raw.code  # nobody is there to answer
            elif isinstance(raw, RequestError):
                await passage.reject(raw)
            elif admitted or passes:
                await passage.take(raw)
            else:
                await passage.unrecordable()
        except anyio.get_cancelled_exc_class():
            trace.outcome = "cancelled"
            raise
        finally:
            if gone.left:
                trace.gone, trace.outcome = True, "client_gone"
            if passage.metering.holds:
                with anyio.CancelScope(shield=True):
                    await passage.metering.settle()
            record = self._record(trace)
            if not admitted:
                ports.counters.add(names.RECORDS_REFUSED)
            elif not ports.records.offer(record):
                with anyio.CancelScope(shield=True):
                    await ports.records.append(record)

    def _chosen(self, plan: Plan, name: str) -> Plan:
        if self.choose is None:
            text = "No policy can be asked for here; leave out x-sluice-policy."
            raise RequestError(text, code="unknown_policy", param="x-sluice-policy")
        return self.choose(plan, name)

    def _record(self, trace: Trace) -> Record:
        """Return the record of an exchange, and count it."""
        try:
            record = trace.record(self._ports)
        except Exception as error:
            # Sealing its text failed, say: the record is kept without, and says so.
            trace.error = f"record:{type(error).__name__}"
            record = trace.record(replace(self._ports, seal=None))
        _count(record, trace, self._ports)
        return record


class Passing(ABC):
    """One exchange on its way; its trace knows how far it came.

    Args:
        trace: Knows the exchange.
        reads: The wire format of the request.
        ports: Everything outside.
        outlet: Where the answer goes.
    """

    def __init__(self, trace: Trace, reads: Reads, ports: Ports, outlet: Outlet) -> None:
        self._trace, self._ports = trace, ports
        self._out = Outgoing(trace, reads, outlet, ports.ticker)
        self.metering = Metering(trace, ports)
        self._out.closing = self.metering.settle
        self._codec: AnswerCodec | None = None

    async def take(self, raw: bytes) -> None:
        """Answer the request; whatever goes wrong becomes an error that the client can read."""
        trace = self._trace
        try:
            await self._pass(raw)
        except RequestError as error:
            await self.reject(error)
        except UpstreamRefused as error:
            trace.outcome, trace.error = "upstream_error", f"{error.code}:{error.status}"
            await self._out.refused(error, self._codec)
        except UpstreamError as error:
            trace.outcome, trace.error = "upstream_error", error.code
            await self._out.broke(error.status, error.code, str(error), self._codec)
        except Exception as error:
            # A fault of ours. Its message may hold text, so only its type and place are told (law 6).
            kind = type(error).__name__
            trace.outcome, trace.error = "error", f"internal:{kind}"
            log.error("exchange %s failed with %s at %s", trace.id, kind, _place(error))
            message = f"Sluice failed to handle this request; its operator finds it as {trace.id}."
            await self._out.broke(500, "internal_error", message, self._codec)

    async def reject(self, error: RequestError) -> None:
        """Tell the client what is wrong with its request."""
        self._trace.outcome, self._trace.error = "rejected", error.code
        again = None if error.retry_after is None else str(error.retry_after)
        await self._out.error(error.status, error.code, str(error), param=error.param, retry_after=again)

    async def unrecordable(self) -> None:
        """Refuse: no record could be kept, and the policy does not let an exchange pass without one."""
        self._trace.outcome, self._trace.error = "rejected", "record_unavailable"
        await self._out.error(503, "record_unavailable", "No record can be kept at present, so no request is taken.")

    @abstractmethod
    async def _pass(self, raw: bytes) -> None:
        """Answer the request."""

    def _stage(self, name: str, since: float) -> float:
        """Note how long a stage took; return the time."""
        now = self._ports.ticker()
        self._trace.stages[name] = round((now - since) * 1000, 3)
        return now


class Path(Recorded):
    """What exchanges with models at one endpoint have in common.

    Args:
        dialect: Reads the requests and writes the answers.
        upstream: The endpoint below an upstream's base URL, such as ``/chat/completions``.
        ports: Everything outside.
        memory: Knows the turns before a request, where requests may name them.
    """

    def __init__(self, dialect: Dialect, upstream: str, ports: Ports, memory: Memory | None = None) -> None:
        super().__init__(dialect, ports)
        self._dialect, self._upstream, self._memory = dialect, upstream, memory

    def passing(self, trace: Trace, outlet: Outlet) -> Passing:
        """Return what takes one request to a model and its answer back."""
        passing = _Answering(trace, self._dialect, self._upstream, self._ports, outlet)
        passing.memory = self._memory
        return passing


class _Answering(Passing):
    """An exchange with a model."""

    def __init__(self, trace: Trace, dialect: Dialect, upstream: str, ports: Ports, outlet: Outlet) -> None:
        super().__init__(trace, dialect, ports, outlet)
        self.memory: Memory | None = None
        self._dialect, self._path = dialect, upstream

    async def _pass(self, raw: bytes) -> None:
        trace, ports, plan = self._trace, self._ports, self._trace.plan
        memory = self.memory
        if memory is not None:
            raw = await memory.recall(raw, trace.caller)
        question = self._dialect.read(raw)
        if memory is not None:
            question = memory.name(question, trace.id)
        exchange = Exchange(trace.id, trace.received, plan.digest, plan.name, trace.caller, question)
        trace.exchange = exchange
        check_model(question.model, trace.caller.grant)
        route = ports.resolve(question.model)
        if route.region:
            exchange = replace(exchange, region=route.region)
        if suspended := conduct.reply_to_suspended(exchange, plan, ports, trace):
            trace.exchange = replace(exchange, reply=suspended)
            await self._suspended(trace.exchange, suspended)
            return
        await self.metering.reserve(question, route)
        mark = self._stage("receive", trace.started)
        trace.exchange = exchange = await answered(await screen(exchange, plan, ports), plan, ports)
        trace.screened = True
        await conduct.note(exchange, plan, ports, trace)
        mark = self._stage("screen", mark)
        if trace.caller.dry_run:
            trace.outcome, trace.usage = "replied", Usage()
            await self._out.whole(told(exchange), "application/json")
            return
        if exchange.reply is None and plan.ground is not None:
            trace.exchange = exchange = await ground(exchange, plan, ports)
            mark = self._stage("ground", mark)
        if exchange.reply is not None:
            reply = await self._handed(exchange, exchange.reply)
            trace.exchange = exchange = replace(exchange, reply=reply)
            if reply.name == NOT_KEPT and (plan.block == "error" or question.wordless):
                message = "A person would have to answer this, and nobody can be told at present."
                raise RequestError(message, status=503, code=NOT_KEPT)
            await self._reply(exchange, reply)
            return
        if ports.vault and exchange.live:
            await _keep(ports.vault, exchange)
        upstream = await self._open(exchange, route)
        try:
            await self._relay(exchange, upstream, trace.upstream or route.name)
            self._stage("relay", mark)
        except BaseException:
            # Also when the client has left: a connection that is not let go of would keep the model at work.
            with anyio.move_on_after(_LETTING_GO, shield=True):
                await upstream.aclose()
            raise
        await upstream.aclose()

    async def _handed(self, exchange: Exchange, reply: Reply) -> Reply:
        """Return a reply with its ticket, where it hands over to a person; note if none could be kept."""
        trace = self._trace
        handed = await handed_over(reply, exchange, trace.plan, self._ports)
        trace.ticket = handed.ticket
        if handed.name == NOT_KEPT:
            trace.error = NOT_KEPT
        return handed

    async def _open(self, exchange: Exchange, route: Route) -> Upstream:
        """Ask the model; note who was asked, where that is and what it costs, also if nobody answers."""
        trace, ports, question = self._trace, self._ports, exchange.question
        body = self._dialect.write(question, exchange.rewritten, model=route.model)
        trace.upstream, trace.price = route.name, route.price_of(route.name)
        asked = ports.ticker()
        headers, written = _headers(trace.caller, question), partial(self._written, exchange)
        call = Call(
            trace.id, self._path, route.model, body, question.stream, headers, written=written, attempts=trace.attempts
        )
        try:
            return await route.provider.open(call)
        finally:
            trace.waited += self._stage("upstream", asked) - asked
            if trace.attempts:
                trace.upstream = trace.attempts[-1].upstream
                trace.price = route.price_of(trace.upstream)
            trace.region = route.regions.get(trace.upstream, "")

    def _written(self, exchange: Exchange, model: str) -> bytes:
        """Write the request for an upstream that has another name for the model."""
        return self._dialect.write(exchange.question, exchange.rewritten, model=model)

    async def _suspended(self, exchange: Exchange, reply: Reply) -> None:
        """Tell a suspended user so, in the policy's words."""
        trace = self._trace
        if trace.plan.block == "error" or exchange.question.wordless:
            trace.outcome, trace.usage = "replied", Usage()
            await self._out.error(403, "user_suspended", reply.text)
            return
        await self._reply(exchange, reply)

    async def _relay(self, exchange: Exchange, upstream: Upstream, name: str) -> None:
        trace, plan, question = self._trace, self._trace.plan, exchange.question
        events = upstream.content_type.startswith("text/event-stream")
        codec = self._codec = self._dialect.codec(question, stream=events, upstream=name)
        if not codec.content_type:
            codec.content_type = upstream.content_type
        kept = _KEPT[plan.record.text]
        guard = trace.guard = Guard(
            plan.response, question.asked, whole=not question.stream, keep=kept, live=exchange.live
        )
        declare = Declare(plan, exchange, self._producer(), self._ports.mark_key, self._ports.fetch)
        trace.label, trace.aigc, trace.ungrounded = declare.header, declare.label, declare.errors
        flow = AnswerFlow(codec, guard, declare, plan, exchange, handed=partial(self._handed, exchange))
        trace.counting = flow.counted
        relay = Relay(codec, flow, trace, self._out, self._ports, ending=self._keep_answer)
        try:
            await relay.run(upstream)
        except LabelError as error:
            message = f"What the upstream {name!r} made cannot carry the label that the policy wants: {error}."
            raise UpstreamUnlabelled(message, upstream=name) from None
        finally:
            # The flow holds this exchange: were it held by it, both would stay until the collector looks.
            trace.usage, trace.counting = flow.counted(), None
            trace.unlabelled = declare.unlabelled()
            trace.grounding = declare.grounding()
            if flow.reply is not None:
                trace.exchange = replace(exchange, reply=flow.reply)
        trace.outcome = "stopped" if flow.stopped else "answered"

    async def _reply(self, exchange: Exchange, reply: Reply) -> None:
        """Answer without the model; such an answer is declared and recorded like any other."""
        trace, plan, question = self._trace, self._trace.plan, exchange.question
        trace.outcome, trace.usage = "replied", Usage()
        if question.wordless or (reply.kind == "safe" and plan.block == "error"):
            await self._out.blocked("request", exchange.request)
            return
        declare = Declare(plan, exchange, self._producer(), self._ports.mark_key)
        trace.label, trace.aigc, trace.reply_text = declare.header, declare.label, reply.text
        declare.ticket = reply.ticket
        codec = self._codec = self._dialect.codec(question, stream=question.stream, upstream="")
        reason = "content_filter" if reply.kind == "safe" else "stop"
        text = declare.reply(0, reply.text)
        trace.unlabelled = declare.unlabelled()
        body = codec.reply(text, reason, declare.fields(), id=trace.id, created=int(trace.received))
        await self._keep_answer()
        await self._out.whole(body, codec.content_type)

    async def _keep_answer(self) -> None:
        """Keep the answer for later requests, before the client has its end and may send one."""
        if self.memory is not None and self._codec is not None and self._trace.exchange is not None:
            await self.memory.keep(self._trace.caller, self._trace.exchange.question, self._codec)

    def _producer(self) -> str | None:
        """Return who labels say made the content: a key may have a service of its own in the producer's code."""
        producer, service = self._ports.producer, self._trace.caller.grant.service
        return producer[: -len(service)] + service if producer and service else producer


class Gone:
    """Whether the client has left before its answer was complete.

    Attributes:
        left: It has.
        served: The last byte was handed over; whoever leaves now leaves in peace.
    """

    __slots__ = ("left", "served")

    def __init__(self) -> None:
        self.left = False
        self.served = False

    def leave(self) -> bool:
        """Note that the connection is gone; return whether that matters."""
        self.left = not self.served
        return self.left


def _headers(caller: Caller, question: Question) -> dict[str, str]:
    """Return the headers of a call besides the provider's own."""
    typed = {"content-type": question.content_type} if question.content_type else {}
    return {**dict(caller.passing), **typed}


async def _keep(vault: Vault, exchange: Exchange) -> None:
    """Keep what stands for what for those who come back later; without it they would get no values."""
    try:
        await vault.put(exchange.caller.tenant, exchange.id, exchange.live)
    except VaultError:
        message = "What stands for personal data cannot be kept at present, so nothing is sent."
        raise RequestError(message, status=503, code="vault_unavailable") from None


def _count(record: Record, trace: Trace, ports: Ports) -> None:
    """Count what happened; no text, only ids and outcomes."""
    counters = ports.counters
    counters.add(names.EXCHANGES, dialect=record.dialect, outcome=record.outcome, policy=record.policy)
    for side, verdict in (("request", record.request), ("response", record.response)):
        if verdict.action != "pass":
            counters.add(names.ACTIONS, side=side, action=verdict.action, rule=verdict.rule or "")
        for error in verdict.errors:
            counters.add(names.DETECTOR_ERRORS, side=side, detector=error.partition(":")[0])
        if verdict.unjudged:
            counters.add(names.UNJUDGED, len(verdict.unjudged), side=side)
    counters.observe(names.OVERHEAD, record.overhead_ms / 1000)
    counters.observe(names.OPERATION_DURATION, ports.ticker() - trace.started)
    for attempt in record.attempts:
        counters.add(names.UPSTREAM_ATTEMPTS, upstream=attempt.upstream, outcome=attempt.outcome)
    if record.cost and record.cost.micros:
        labels = {"tenant": record.tenant, "model": record.model, "currency": record.cost.currency}
        counters.add(names.COST, record.cost.micros, **labels)
    if record.usage:
        counters.observe(names.TOKEN_USAGE, record.usage.input, type="input")
        counters.observe(names.TOKEN_USAGE, record.usage.output, type="output")


def _place(error: BaseException) -> str:
    """Return file and line where an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown place"
