"""Run a side's detectors over a view; a detector that fails is an error, never a pass (law 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from gateway.policy.plan import BoundDetector
from gateway.ports import Scan
from gateway.text import TextView

_CLAUSE_END: Final = re.compile(r"[，。；！？,;!?\n]|\.\s")


class Judged(NamedTuple):
    """What the detectors said of one view.

    Attributes:
        scans: One for each detector that could judge; ids are the policy's.
        errors: ``(detector, reason)`` for each that could not.
    """

    scans: list[Scan]
    errors: list[tuple[str, str]]


async def judge(detectors: Iterable[BoundDetector], view: TextView, new: int = 0) -> Judged:
    """Let every detector look at ``view``.

    A judge (a detector with I/O) looks only when a clause or the text ends, and once at each end;
    until then it holds the text.

    Args:
        detectors: Which detectors.
        view: The text.
        new: From where on it was not in the view before.
    """
    scans: list[Scan] = []
    errors: list[tuple[str, str]] = []
    for detector in detectors:
        try:
            if detector.scan is not None:
                scan = detector.scan(view)
            elif detector.judge is not None and _ready(detector, view, new):
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


def _ready(detector: BoundDetector, view: TextView, new: int) -> bool:
    if view.final:
        return view.start < len(view.text)
    if detector.scope == "whole":
        return False
    since = max(view.start, new - 1)  # a full stop ends a clause only once a space follows it
    return any(end.end() > new for end in _CLAUSE_END.finditer(view.text, since))
