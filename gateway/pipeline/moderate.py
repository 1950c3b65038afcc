"""Judge texts for whoever asks for a verdict and nothing else: our own detectors, no model, no network.

The rules are those for what users say. Nothing is done about what they find, so the record's verdict says ``pass``;
its hits and scores say what was found.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.exchange import Exchange, Usage
from gateway.pipeline.outgoing import Outlet
from gateway.pipeline.run import Passing, Recorded
from gateway.pipeline.screen import judge_slots
from gateway.pipeline.trace import Trace
from gateway.policy.rule import Judged, decide
from gateway.ports import Moderates, Ports
from gateway.verdict import Verdict

_JSON = "application/json"


class Moderation(Recorded):
    """What requests for verdicts have in common.

    Args:
        moderates: Reads the requests and writes the verdicts.
        ports: Everything outside.
    """

    def __init__(self, moderates: Moderates, ports: Ports) -> None:
        super().__init__(moderates, ports)
        self._moderates = moderates

    def passing(self, trace: Trace, outlet: Outlet) -> Passing:
        """Return what takes one request to its verdicts."""
        return _Moderating(trace, self._moderates, self._ports, outlet)


class _Moderating(Passing):
    """One request for verdicts."""

    def __init__(self, trace: Trace, moderates: Moderates, ports: Ports, outlet: Outlet) -> None:
        super().__init__(trace, moderates, ports, outlet)
        self._moderates = moderates

    async def _pass(self, raw: bytes) -> None:
        trace, ports, plan = self._trace, self._ports, self._trace.plan
        question = self._moderates.read(raw)
        exchange = Exchange(trace.id, trace.received, plan.digest, plan.name, trace.caller, question)
        trace.exchange = exchange
        await self.metering.reserve(question, None)
        mark = self._stage("receive", trace.started)
        verdicts: list[Verdict] = []
        every: list[Judged] = []
        errors: dict[str, str] = {}
        found = {}
        for slots, unread in self._moderates.inputs(question):
            items, failed = await judge_slots(slots, plan.request.detectors, plan.digest, ports.seen)
            judged = [Judged(item.slot.place, item.slot.role, item.findings) for item in items]
            verdicts.append(decide(plan.request, judged, failed, unread))
            every += judged
            errors.update(failed)
            found.update({item.slot.path: item.findings for item in items})
        told = decide(plan.request, every, list(errors.items()), question.unread)
        trace.exchange = replace(exchange, request=replace(told, action="pass", rule=None), findings=found)
        trace.screened = True
        self._stage("screen", mark)
        trace.outcome, trace.usage = "answered", Usage()
        await self._out.whole(self._moderates.answer(verdicts, question, id=trace.id), _JSON)
