"""Take an upstream's bytes through the flow to the client, and end well whatever the upstream does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence

from gateway.errors import UpstreamError
from gateway.pipeline.answer import AnswerFlow
from gateway.pipeline.outgoing import Outgoing, used
from gateway.pipeline.trace import Trace
from gateway.ports import AnswerCodec, Frame, Ports, Upstream
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
        self._leaving: list[bytes] = []

    async def run(self, upstream: Upstream) -> None:
        """Relay the whole answer; raises ``UpstreamError`` if it broke off, after what may still leave."""
        flow = self._flow
        try:
            await self._pump(upstream)
        except UpstreamError:
            if self._out.started:
                await self._send(await flow.interrupt())
                await self._flush()
            raise
        if self._blocked:
            return
        if flow.done:
            await self._send(self._codec.end(flow.counted()), last=True)
            await self._flush()
        await self._out.finish()

    async def _pump(self, upstream: Upstream) -> None:
        trace, tick = self._trace, self._ports.ticker
        waiting: float | None = tick()
        try:
            async for chunk in upstream.chunks():
                trace.waited += tick() - waiting if waiting is not None else 0.0
                waiting = None
                await self._take(self._codec.feed(chunk))
                if self._flow.done or self._blocked:
                    return
                waiting = tick()
        finally:
            if waiting is not None:  # also where the upstream broke off: its time is not ours
                trace.waited += tick() - waiting
        await self._take(self._codec.finish())

    async def _take(self, frames: Sequence[Frame]) -> None:
        """Take frames that came together through the flow: they are judged together, and leave together."""
        flow = self._flow
        for together in _runs(frames):
            if len(together) > 1:
                await flow.look(together)
            for frame in together:
                if frame.ends or frame.media:
                    await self._flush()  # what was said need not wait for what is made of an end, or of a picture
                await self._send(await flow.take(frame), last=frame.last)
                if flow.done or self._blocked:
                    await self._flush()
                    return
        await self._flush()

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
            await self._flush()
            await self._ending()
        self._leaving.append(self._told() + piece if last else piece)

    async def _flush(self) -> None:
        """Write what leaves together."""
        if self._leaving:
            pieces, self._leaving = self._leaving, []
            await self._out.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))

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


def _runs(frames: Sequence[Frame]) -> Iterator[Sequence[Frame]]:
    """Yield stretches of frames that can be judged in one go: whatever ends a text, or all of it, ends one."""
    start = 0
    for at, frame in enumerate(frames, 1):
        if frame.ends or frame.closes or frame.unread or frame.last:
            yield frames[start:at]
            start = at
    if start < len(frames):
        yield frames[start:]
