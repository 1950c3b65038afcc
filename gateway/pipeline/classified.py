"""Which classes of personal data stood in an exchange, counted for its record: never the values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from gateway.exchange import Exchange
from gateway.pipeline.guard import Guard
from gateway.privacy.classes import classes_of, level_of
from gateway.verdict import Finding

SURE: Final = 0.5
"""From this score on a finding counts; what is less sure is in the verdict's scores only."""


def classified(exchange: Exchange | None, guard: Guard | None) -> tuple[dict[str, int], int]:
    """Return how many findings of each class stood in the turn and in its answer, and their highest level.

    Earlier turns were counted when they were the turn. A value that several detectors found counts once.
    """
    found = {(finding.start, finding.end, finding.risk, place) for finding, place in _findings(exchange, guard)}
    risks = [risk for _, _, risk, _ in found]
    counts = Counter(name for risk in risks for name in classes_of(risk))
    return dict(sorted(counts.items())), max(map(level_of, risks), default=0)


def _findings(exchange: Exchange | None, guard: Guard | None) -> Iterator[tuple[Finding, str]]:
    if exchange is not None and exchange.findings:
        current = {slot.path: slot.place for slot in exchange.question.slots if slot.current}
        for path, place in current.items():
            yield from ((one, place) for one in exchange.findings.get(path, ()) if one.score >= SURE)
    if guard is not None:
        for channel, heard in guard.channels():
            yield from ((one, repr(channel)) for one in heard if one.score >= SURE)
