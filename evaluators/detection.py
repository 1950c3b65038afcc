"""How well scores tell what is risky from what is not, and how well spans of personal data are found."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist
from typing import Final, NamedTuple

from evaluators.stats import Interval, wilson

FIXED: Final = (0.001, 0.01, 0.05)
"""False-positive rates at which recall is reported."""


class Point(NamedTuple):
    """Recall at a fixed false-positive rate.

    Attributes:
        fpr: The rate that is allowed.
        recall: Which share of the risky is found; an answer counts from ``threshold`` on.
        threshold: The lowest score at which no more than ``fpr`` of the harmless are found; infinite if none is.
        interval: 95 % interval of the recall (Wilson), the threshold taken as given.
    """

    fpr: float
    recall: float
    threshold: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Detection:
    """What scores in [0, 1] are worth.

    Attributes:
        positives: How many texts are risky.
        negatives: How many are not.
        auroc: Chance that a risky text scores above a harmless one; ties count half.
        auroc_interval: 95 % interval (Hanley and McNeil).
        average_precision: Area under the precision-recall curve, as a sum over the steps.
        points: Recall at fixed false-positive rates.
        brier: Mean squared error of the scores as probabilities.
        calibration_error: Mean distance between score and share, over ten bins of equal width, weighed by their size.
    """

    positives: int
    negatives: int
    auroc: float
    auroc_interval: Interval
    average_precision: float
    points: tuple[Point, ...]
    brier: float
    calibration_error: float


def detection(scores: Sequence[float], labels: Sequence[bool], fixed: Sequence[float] = FIXED) -> Detection:
    """Measure scores against labels.

    Raises:
        ValueError: There is no risky text, or no harmless one; or a score is outside of [0, 1].
    """
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError("it takes risky texts and harmless ones")
    if not all(0 <= score <= 1 for score in scores):
        raise ValueError("a score lies in [0, 1]")
    area = auroc(scores, labels)
    return Detection(
        positives,
        negatives,
        area,
        _hanley_mcneil(area, positives, negatives),
        average_precision(scores, labels),
        tuple(recall_at(scores, labels, rate) for rate in fixed),
        math.fsum((score - label) ** 2 for score, label in zip(scores, labels, strict=True)) / len(labels),
        calibration_error(scores, labels),
    )


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the chance that a risky text scores above a harmless one, by ranks."""
    ranked = sorted(zip(scores, labels, strict=True))
    above = seen = 0.0
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        group = [label for _, label in tied]
        risky, harmless = sum(group), len(group) - sum(group)
        above += risky * (seen + harmless / 2)
        seen += harmless
    positives = sum(labels)
    return above / (positives * (len(labels) - positives))


def _hanley_mcneil(area: float, positives: int, negatives: int) -> Interval:
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (positives - 1) * (one - area**2) + (negatives - 1) * (two - area**2)
    error = math.sqrt(max(0.0, variance) / (positives * negatives))
    z = NormalDist().inv_cdf(0.975)
    # An area of 1 has no variance left; what so few texts prove is less than certainty.
    low = area - z * error if error else wilson(min(positives, negatives), min(positives, negatives)).low
    return Interval(max(0.0, low), min(1.0, area + z * error))


def average_precision(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the sum over thresholds of the gain in recall times the precision there; ties are taken together."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    positives, found, taken, total = sum(labels), 0, 0, 0.0
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        group = [label for _, label in tied]
        found, taken = found + sum(group), taken + len(group)
        total += sum(group) / positives * found / taken
    return total


def recall_at(scores: Sequence[float], labels: Sequence[bool], fpr: float) -> Point:
    """Return the recall where no more than ``fpr`` of the harmless texts are found."""
    risky = [score for score, label in zip(scores, labels, strict=True) if label]
    harmless = sorted((score for score, label in zip(scores, labels, strict=True) if not label), reverse=True)
    allowed = math.floor(fpr * len(harmless) + 1e-9)
    # The threshold lies just above the first harmless score that may not be found.
    bound = harmless[allowed] if allowed < len(harmless) else -math.inf
    threshold = min((score for score in (*risky, *harmless) if score > bound), default=math.inf)
    found = sum(score >= threshold for score in risky)
    return Point(fpr, found / len(risky), threshold, wilson(found, len(risky)))


def calibration_error(scores: Sequence[float], labels: Sequence[bool], bins: int = 10) -> float:
    """Return the mean distance between mean score and share of risky texts over bins, weighed by size."""
    filled: dict[int, list[tuple[float, bool]]] = {}
    for score, label in zip(scores, labels, strict=True):
        filled.setdefault(min(bins - 1, int(score * bins)), []).append((score, label))
    gaps = (abs(math.fsum(score - label for score, label in inside)) for inside in filled.values())
    return math.fsum(gaps) / len(labels)


class Span(NamedTuple):
    """A stretch of a text and what it is, such as ``pii.mobile_number``."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """What came of looking for one kind.

    Attributes:
        exact: Found with both ends right.
        touched: True spans of which a finding of the kind covers at least a half, the exact ones among them.
        wanted: True spans.
        reported: Findings.
        false: Findings that touch no true span of the kind.
    """

    exact: int
    touched: int
    wanted: int
    reported: int
    false: int

    @property
    def recall(self) -> float | None:
        """Share of the true spans that are touched; None without any."""
        return self.touched / self.wanted if self.wanted else None

    @property
    def precision(self) -> float | None:
        """Share of the findings that touch a true span; None without any."""
        return (self.reported - self.false) / self.reported if self.reported else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two; None where either is."""
        if self.recall is None or self.precision is None:
            return None
        return (
            2 * self.recall * self.precision / (self.recall + self.precision) if self.recall + self.precision else 0.0
        )


def spans(pairs: Iterable[tuple[Sequence[Span], Sequence[Span]]]) -> Mapping[str, Found]:
    """Compare true spans with those found, text by text; return what came of it by kind, and under ``*`` in all."""
    counts: Counter[tuple[str, str]] = Counter()
    for true, found in pairs:
        for kind in {span.kind for span in (*true, *found)}:
            wanted = [span for span in true if span.kind == kind]
            reported = [span for span in found if span.kind == kind]
            said = {
                "exact": sum(span in reported for span in wanted),
                "touched": sum(_covered(span, reported) for span in wanted),
                "wanted": len(wanted),
                "reported": len(reported),
                "false": sum(not any(_meet(span, one) for one in wanted) for span in reported),
            }
            for name, count in said.items():
                counts[kind, name] += count
                counts["*", name] += count
    names = ("exact", "touched", "wanted", "reported", "false")
    return {
        kind: Found(*(counts[kind, name] for name in names)) for kind in sorted({kind for kind, _ in counts} | {"*"})
    }


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _covered(span: Span, found: Sequence[Span]) -> bool:
    held = sum(max(0, min(span.end, one.end) - max(span.start, one.start)) for one in found)
    return 2 * held >= span.end - span.start > 0
