"""Judgements as OpenTelemetry events, ``gen_ai.evaluation.result``: names, numbers and ids, never a text.

The events go to whatever logger provider the process has (``opentelemetry-instrument sluice eval run …`` sets one up
from the usual ``OTEL_*`` variables); without one nothing is made. A cell without a score has ``error.type`` and no
value: a failed judgement is never a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, get_args

from evaluators.marks import Mark, Marks
from evaluators.stats import Interval
from evaluators.summary import Summary
from gateway.telemetry import names
from gateway.telemetry.metrics import safe

if TYPE_CHECKING:
    from opentelemetry._logs import Logger

Detail = Literal["none", "metric", "cell"]
"""No events; one for each metric of a run; one for each cell."""

DETAILS: Final[tuple[Detail, ...]] = get_args(Detail)

Value = str | float | int
Event = Mapping[str, Value]


def configured_logger(version: str) -> Logger | None:
    """Return a logger for events if this process has a logger provider, else None."""
    from opentelemetry import _logs  # noqa: PLC0415 - loaded only where it is used

    provider = _logs.get_logger_provider()
    # The stand-ins that the API gives where nothing was set up hold nothing that could be handed over.
    return provider.get_logger("sluice.eval", version) if hasattr(provider, "force_flush") else None


def emit(logger: Logger, marks: Marks, summary: Summary, detail: Detail) -> int:
    """Emit the events of a run; return how many there were."""
    from opentelemetry._logs import LogRecord, SeverityNumber  # noqa: PLC0415

    count = 0
    for event in events(marks, summary, detail):
        severity = SeverityNumber.WARN if names.ERROR_TYPE in event else SeverityNumber.INFO
        logger.emit(LogRecord(event_name=names.EVALUATION_EVENT, severity_number=severity, attributes=dict(event)))
        count += 1
    return count


def events(marks: Marks, summary: Summary, detail: Detail) -> Iterator[Event]:
    """Yield the attributes of a run's events."""
    whole: Event = {names.EVAL_RUN: safe(marks.id), names.EVAL_SUITE: safe(marks.basis["suite"])}
    if detail == "metric":
        yield from _of_metrics(summary, whole)
    elif detail == "cell":
        for key, row in marks.rows.items():
            where = {
                **whole,
                names.EVAL_ROW: safe(key.row),
                names.EVAL_REPETITION: key.repetition,
                names.RISK: safe(row.risk),
            }
            for metric, cell in row.cells.items():
                if cell.outcome != "skipped":  # it was not tried
                    yield {names.EVALUATION_NAME: safe(metric), **where, **_result(cell)}


def _result(cell: Mark) -> Event:
    label: Event = {names.EVALUATION_LABEL: cell.outcome}
    if cell.value is not None:
        return {**label, names.EVALUATION_SCORE: cell.value}
    why: Event = {**label, names.EVALUATION_EXPLANATION: safe(cell.reason)}  # a stable word, not a sentence
    return {**why, names.ERROR_TYPE: safe(cell.reason)} if cell.outcome == "unscored" else why


def _of_metrics(summary: Summary, whole: Event) -> Iterator[Event]:
    for metric in summary.metrics:
        counts: Event = {names.EVAL_SCORED: metric.n, names.EVAL_UNSCORED: metric.counts.get("unscored", 0)}
        event: Event = {names.EVALUATION_NAME: safe(metric.metric.name), **whole, **counts}
        if metric.value is None:
            reason = max(metric.reasons, key=lambda name: metric.reasons[name], default="no_score")
            yield {**event, names.ERROR_TYPE: safe(reason)}
        else:
            yield {**event, names.EVALUATION_SCORE: metric.value, **_limits(metric.interval)}


def _limits(interval: Interval | None) -> Event:
    return {names.EVAL_LOW: interval.low, names.EVAL_HIGH: interval.high} if interval else {}


def flush() -> None:
    """Hand over what the process' logger provider still holds, before the process ends."""
    from opentelemetry import _logs  # noqa: PLC0415

    force = getattr(_logs.get_logger_provider(), "force_flush", None)
    if force is not None:
        force()
