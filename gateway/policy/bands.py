"""Which texts a judge is asked about: those of which cheaper detectors are not sure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from gateway.policy.plan import BoundDetector
from gateway.verdict import Finding


class Stretch(NamedTuple):
    """A stretch of a text that a judge is asked about as one."""

    start: int
    end: int


def uncertain(
    judge: BoundDetector, stretches: Sequence[Stretch], found: Sequence[Finding], failed: frozenset[str] = frozenset()
) -> Sequence[Stretch]:
    """Return the stretches that lie in a judge's band.

    Args:
        judge: The judge; without a band it is asked about all.
        stretches: What it could be asked about, in order and apart.
        found: What cheaper detectors found, under the ids of the policy.
        failed: Ids of detectors that could not judge. Where one of the band's could not, nobody
            knows what is clear: the judge is asked about all.
    """
    band = judge.ask
    if band is None or not band.detectors.isdisjoint(failed):
        return stretches
    scores = [0.0] * len(stretches)
    starts = [stretch.start for stretch in stretches]
    for one in found:
        if one.risk not in band.risks or one.detector not in band.detectors:
            continue
        at = max(0, bisect_right(starts, one.start) - 1)
        while at < len(stretches) and stretches[at].start < one.end:
            if stretches[at].end > one.start:
                scores[at] = max(scores[at], one.score)
            at += 1
    return [stretch for stretch, score in zip(stretches, scores, strict=True) if band.low <= score < band.high]
