"""Run a side's detectors over a view; a detector that fails is an error, never a pass (law 4).

Judges (detectors with I/O) come last: where the others are sure, a judge need not be asked, and all
that are asked are asked at once. Of an answer on its way out they are asked clause by clause, and
where a clause ends depends on the text alone, not on how it came.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gateway.errors import DetectorError
from gateway.policy.bands import Stretch, uncertain
from gateway.policy.plan import BoundDetector
from gateway.ports import PartlyJudgedError, Scan
from gateway.text import TextView
from gateway.verdict import Finding

_CLAUSE_END: Final = re.compile(r"[，。；！？!?\n]|[.,;]\s")
_SHORTEST: Final = 3
"""A clause that judges are asked about has at least so many characters: "嗯，" alone is not worth a question."""


class Judged(NamedTuple):
    """What the detectors said of one view.

    Attributes:
        scans: One for each detector that could judge; ids are the policy's.
        errors: ``(detector, reason)`` for each that could not.
    """

    scans: list[Scan]
    errors: list[tuple[str, str]]


async def judge(detectors: Iterable[BoundDetector], view: TextView, *, clauses: bool = False) -> Judged:
    """Let every detector look at ``view``.

    One that holds all of a view back spares those behind it: they are asked when more of the text is there.

    Args:
        detectors: Which detectors; those that hold longest had better come first.
        view: The text.
        clauses: Whether judges are asked about each clause once it has ended, and until then hold the
            text; else about the whole of a view when it is final.
    """
    scans: list[Scan] = []
    errors: list[tuple[str, str]] = []
    judges: list[BoundDetector] = []
    for detector in detectors:
        if detector.scan is None:
            judges.append(detector)
            continue
        try:
            scan = detector.scan(view)
        except Exception as error:
            # Whatever a detector raises, it did not judge. Its message may hold text: the type must do.
            errors.append((detector.id, type(error).__name__))
            continue
        scans.append(_named(scan, detector.id))
        if scan.open <= view.start and not view.final:
            # Nothing of it may leave, whatever the others say: they are asked once something may.
            return Judged(scans, errors)
    if judges:
        clauses = clauses and all(one.scope != "whole" for one in judges)
        spans, still_open = _spans(view, scans, clauses=clauses)
        failed = frozenset(id for id, _ in errors)
        sure = [finding for scan in scans for finding in scan.findings]
        told = await asyncio.gather(*(_ask(one, view, uncertain(one, spans, sure, failed)) for one in judges))
        for detector, (findings, reason) in zip(judges, told, strict=True):
            if reason:
                errors.append((detector.id, reason))
            if findings or not reason:
                scans.append(_named(Scan(findings, still_open), detector.id))
    return Judged(scans, errors)


def _named(scan: Scan, id: str) -> Scan:
    """Put the policy's name of the detector into its findings."""
    if not scan.findings:
        return scan
    return Scan(tuple([finding._replace(detector=id) for finding in scan.findings]), scan.open)


def _spans(view: TextView, scans: Sequence[Scan], *, clauses: bool) -> tuple[list[Stretch], int]:
    """Return what judges are asked about now, and from where on they have not been asked.

    A clause has ended where a sign says so, all other detectors are certain, and nothing that one of
    them found goes on. So the next view begins where a clause ended, however the text was cut.
    """
    size = len(view.text)
    if not clauses:
        return ([Stretch(view.start, size)] if view.start < size else [], size) if view.final else ([], view.start)
    certain = size if view.final else min((scan.open for scan in scans), default=size)
    spans: list[Stretch] = []
    at = view.start
    if certain > at:
        found = sorted((finding.start, finding.end) for scan in scans for finding in scan.findings)
        seen = reach = 0
        for match in _CLAUSE_END.finditer(view.text, at, certain):
            end = match.end()
            while seen < len(found) and found[seen][0] < end:
                reach = max(reach, found[seen][1])
                seen += 1
            if end - at >= _SHORTEST and reach <= end:
                spans.append(Stretch(at, end))
                at = end
    if view.final and at < size:
        spans.append(Stretch(at, size))
        at = size
    return spans, at


async def _ask(detector: BoundDetector, view: TextView, spans: Sequence[Stretch]) -> tuple[tuple[Finding, ...], str]:
    """Ask one judge about every span at once; return what it found, and why it could not judge all (else empty)."""
    ask = detector.judge
    if ask is None or not spans:
        return (), ""
    views = [_clause(view, span, detector.behind) for span in spans]
    told = await asyncio.gather(*(ask(one) for one in views), return_exceptions=True)
    findings: list[Finding] = []
    reason = ""
    for one, shown in zip(told, views, strict=True):
        if isinstance(one, BaseException) and not isinstance(one, Exception):
            raise one
        found = one.findings if isinstance(one, Scan | PartlyJudgedError) else ()
        if isinstance(one, Exception):
            reason = reason or _reason(one)
        shift = shown.offset - view.offset
        findings.extend(f._replace(start=f.start + shift, end=f.end + shift) for f in found)
    return tuple(findings), reason


def _reason(error: Exception) -> str:
    """Say why a judge could not judge; only errors of our own have words, as others may quote the text."""
    own = error.reason if isinstance(error, PartlyJudgedError) else error
    said = str(own) if isinstance(own, DetectorError) else ""
    return f"{type(own).__name__}: {said}" if said else type(own).__name__


def _clause(view: TextView, span: Stretch, behind: int) -> TextView:
    """Return a view of one clause, with as much before it as the judge wants to see, and no more."""
    first = max(0, span.start - behind)
    return TextView(
        view.text[first : span.end],
        span.start - first,
        escaped=view.escaped,
        question=view.question,
        answer=view.answer,
        before="" if first else view.before,
        offset=view.offset + first,
    )
