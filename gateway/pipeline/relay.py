"""Take an upstream's bytes through the flow to the client, and end well whatever the upstream does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.errors import UpstreamError
from gateway.pipeline.answer import AnswerFlow
from gateway.pipeline.outgoing import Outgoing, used
from gateway.pipeline.trace import Trace
from gateway.ports import AnswerCodec, Ports, Upstream
from gateway.telemetry import names


class Relay:
    """Pumps one answer: bytes in, frames through the flow, bytes out.

    The status is chosen with the first piece that may leave, so an answer that is stopped before
    that can still be an HTTP error, and an upstream that dies before it a clean 502.

    Args:
        codec: Reads and writes the answer.
        flow: What may leave of it.
        trace: Knows the exchange.
        out: Writes to the client.
        ports: Everything outside.
        ending: Called before the end of the answer leaves.
    """

    def __init__(
        self,
        codec: AnswerCodec,
        flow: AnswerFlow,
        trace: Trace,
        out: Outgoing,
        ports: Ports,
        *,
        ending: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._ending = ending
        self._codec, self._flow, self._trace, self._out, self._ports = codec, flow, trace, out, ports
        self._blocked = False

    async def run(self, upstream: Upstream) -> None:
        """Relay the whole answer; raises ``UpstreamError`` if it broke off, after what may still leave."""
        flow = self._flow
        try:
            await self._pump(upstream)
        except UpstreamError:
            if self._out.started:
                await self._send(await flow.interrupt())
            raise
        if self._blocked:
            return
        if flow.done:
            await self._send(self._codec.end(flow.counted()), last=True)
        await self._out.finish()

    async def _pump(self, upstream: Upstream) -> None:
        trace, tick, flow = self._trace, self._ports.ticker, self._flow
        waiting: float | None = tick()
        try:
            async for chunk in upstream.chunks():
                trace.waited += tick() - waiting if waiting is not None else 0.0
                waiting = None
                for frame in self._codec.feed(chunk):
                    await self._send(await flow.take(frame), last=frame.last)
                    if flow.done or self._blocked:
                        return
                waiting = tick()
        finally:
            if waiting is not None:  # also where the upstream broke off: its time is not ours
                trace.waited += tick() - waiting
        for frame in self._codec.finish():
            await self._send(await flow.take(frame), last=frame.last)
            if flow.done or self._blocked:
                return

    async def _send(self, piece: bytes, *, last: bool = False) -> None:
        if not piece or self._blocked:
            return
        if not self._out.started:
            if self._wants_error():
                self._blocked = True
                await self._out.blocked("response", self._flow.guard.verdict())
                return
            waited = self._ports.ticker() - self._trace.started
            self._ports.counters.observe(names.TIME_TO_FIRST_TOKEN, waited)
            self._trace.label = self._flow.label
            if self._flow.usage is not None:
                self._trace.usage = self._flow.usage
            await self._out.start(200, self._codec.content_type)
        if last and self._ending is not None:
            await self._ending()
        await self._out.write(self._told() + piece if last else piece)

    def _told(self) -> bytes:
        """Return a comment before the end of a stream that says what it cost: its headers left before anybody knew.

        Only where the model has a price; clients pass over comments, which servers send to keep streams alive.
        """
        trace = self._trace
        if trace.price is None or not self._codec.content_type.startswith("text/event-stream"):
            return b""
        trace.usage = self._flow.counted()
        return "".join(f": {name}: {value}\n" for name, value in used(trace).items()).encode() + b"\n"

    def _wants_error(self) -> bool:
        """Whether the answer was stopped before anything left, under a policy that wants an error."""
        reply = self._flow.reply
        if reply is None:
            return False
        return self._flow.wordless or (reply.kind == "safe" and self._trace.plan.block == "error")
