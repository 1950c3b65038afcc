"""One span for each exchange, made after the fact from its record: no content, and no cost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.exchange import Outcome, Record
from gateway.ports import Records
from gateway.telemetry import names
from gateway.telemetry.metrics import safe
from gateway.verdict import Side, Verdict

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue

MOST_EVENTS: Final = 16
"""How many guardrail events one side of a span may have; the record has all of them."""

_FAILED: Final[frozenset[Outcome]] = frozenset({"upstream_error", "error"})


def configured_tracer(version: str) -> Tracer | None:
    """Return a tracer if this process has a tracer provider, else None.

    Args:
        version: Sluice's own, which becomes the version of the instrumentation scope.
    """
    from opentelemetry import trace  # noqa: PLC0415 - loaded only where it is used

    provider = trace.get_tracer_provider()
    if isinstance(provider, (trace.ProxyTracerProvider, trace.NoOpTracerProvider)):
        return None
    return provider.get_tracer("sluice", version)


def exchange_span(tracer: Tracer, record: Record) -> None:
    """Emit the span of one exchange, with the start and end that its record tells.

    It follows OpenTelemetry's GenAI conventions (Development) where they have a name, with one
    ``sluice.guardrail`` event for each rule that fired, and holds ids, counts and times only.
    """
    from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415 - loaded only where it is used

    operation = names.OPERATIONS.get(record.dialect, safe(record.dialect))
    span = tracer.start_span(
        f"{operation} {safe(record.model)}".rstrip(),
        kind=SpanKind.SERVER,
        attributes={names.OPERATION: operation, **_attributes(record)},
        start_time=_nanoseconds(record.received),
    )
    end = _nanoseconds(max(record.received, record.finished))
    _tell(span, record, "request", record.request, end)
    _tell(span, record, "response", record.response, end)
    if record.outcome in _FAILED:
        span.set_status(Status(StatusCode.ERROR))
    span.end(end)


class TracedRecords:
    """Keeps records in ``records``, and emits the span of each once it is handed over.

    Implements the port ``Records``.
    """

    def __init__(self, records: Records, tracer: Tracer) -> None:
        self._records, self._tracer = records, tracer

    def admit(self, *, anyway: bool = False) -> bool:
        """Reserve room for one record; False if there is none."""
        return self._records.admit(anyway=anyway)

    def offer(self, record: Record) -> bool:
        """Hand over one record at once, then emit its span; False if that takes waiting."""
        if not self._records.offer(record):
            return False
        exchange_span(self._tracer, record)
        return True

    async def append(self, record: Record) -> None:
        """Hand over one record, then emit its span: a broken exporter costs no record."""
        await self._records.append(record)
        exchange_span(self._tracer, record)


def _attributes(record: Record) -> dict[str, AttributeValue]:
    out: dict[str, AttributeValue] = {
        names.REQUEST_MODEL: safe(record.model),
        names.REQUEST_STREAM: record.stream,
        names.STATUS_CODE: record.status,
        names.EXCHANGE_ID: safe(record.id),
        names.DIALECT: safe(record.dialect),
        names.TENANT: safe(record.tenant),
        names.KEY: safe(record.key),
        names.POLICY: safe(record.policy),
        names.PLAN: safe(record.plan),
        names.OUTCOME: record.outcome,
        names.LABEL: safe(record.label),
        names.OVERHEAD_MS: record.overhead_ms,
        names.CLIENT_GONE: record.client_gone,
        names.UNJUDGED_PARTS: len(record.request.unjudged) + len(record.response.unjudged),
        names.ERRORS: len(record.request.errors) + len(record.response.errors),
    }
    if record.upstream is not None:
        out[names.PROVIDER] = safe(record.upstream)
    if record.usage is not None:
        out[names.INPUT_TOKENS], out[names.OUTPUT_TOKENS] = record.usage.input, record.usage.output
    if record.reply is not None:
        out[names.REPLY] = record.reply
    if record.error is not None:
        out[names.ERROR_TYPE] = safe(record.error)
    for stage, spent in record.stages.items():
        out[f"{names.STAGE_MS}.{safe(stage)}"] = spent
    return out


def _tell(span: Span, record: Record, side: Side, verdict: Verdict, at: int) -> None:
    told: set[tuple[str, str, str]] = set()
    for hit in verdict.hits:
        which = (hit.rule, hit.risk, hit.detector)
        if which in told or len(told) == MOST_EVENTS:
            continue
        told.add(which)
        about: dict[str, AttributeValue] = {
            names.SIDE: side,
            names.POLICY: safe(record.policy),
            names.PLAN: safe(record.plan),
            names.RULE: safe(hit.rule),
            names.ACTION: hit.action,
            names.RISK: safe(hit.risk),
            names.SCORE: hit.score,
            names.DETECTOR: safe(hit.detector),
        }
        span.add_event(names.GUARDRAIL_EVENT, about, at)


def _nanoseconds(seconds: float) -> int:
    # A float of today's date holds microseconds; what lies beyond is noise.
    return round(seconds * 1_000_000) * 1000
