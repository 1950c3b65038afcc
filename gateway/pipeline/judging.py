"""Run a side's detectors over a view; a detector that fails is an error, never a pass (law 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from gateway.policy.plan import BoundDetector
from gateway.ports import Scan
from gateway.text import TextView

CLAUSE_END: Final = re.compile(r"[，。；！？,;!?\n]|\.(?=\s)")


class Judged(NamedTuple):
    """What the detectors said of one view.

    Attributes:
        scans: One for each detector that could judge; ids are the policy's.
        errors: ``(detector, reason)`` for each that could not.
    """

    scans: list[Scan]
    errors: list[tuple[str, str]]


async def judge(detectors: Iterable[BoundDetector], view: TextView) -> Judged:
    """Let every detector look at ``view``.

    A judge (a detector with I/O) looks only when a clause or the text ends; until then it holds
    the text.
    """
    scans: list[Scan] = []
    errors: list[tuple[str, str]] = []
    for detector in detectors:
        try:
            if detector.scan is not None:
                scan = detector.scan(view)
            elif detector.judge is not None and _ready(detector, view):
                scan = await detector.judge(view)
            else:
                scan = Scan((), view.start)
        except Exception as error:
            # Whatever a detector raises, it did not judge. Its message may hold text: the type must do.
            errors.append((detector.id, type(error).__name__))
            continue
        if scan.findings:
            scan = Scan(tuple([finding._replace(detector=detector.id) for finding in scan.findings]), scan.open)
        scans.append(scan)
    return Judged(scans, errors)


def _ready(detector: BoundDetector, view: TextView) -> bool:
    if view.final:
        return True
    return detector.scope != "whole" and CLAUSE_END.search(view.text, view.start) is not None
