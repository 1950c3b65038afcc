"""Intervals for rates and means, honest about rows that are not independent of each other."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy

RESAMPLES: Final = 2000
"""Bootstrap resamples: enough for two digits of a 95 % interval."""


class Interval(NamedTuple):
    """Both ends of an interval, in the unit of the values."""

    low: float
    high: float


def two_sided(confidence: float) -> float:
    """Return the two-sided level whose ends are one-sided bounds at ``confidence``."""
    return 2 * confidence - 1


def wilson(successes: float, n: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a rate.

    Args:
        successes: How many of ``n``; may be a fraction where trials were averaged.
        n: How many independent trials, at least 1.
        level: Two-sided confidence in (0, 1).

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927).
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate = successes / n
    centre = rate + z * z / (2 * n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Interval(max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def bootstrap(clusters: Sequence[Sequence[float]], seed: int, level: float = 0.95) -> Interval:
    """Return the percentile interval of the mean, resampling whole clusters.

    The same clusters and seed give the same interval.
    """
    rng = random.Random(seed)
    sums = [math.fsum(cluster) for cluster in clusters]
    sizes = [len(cluster) for cluster in clusters]
    means = []
    indexes = range(len(clusters))
    for _ in range(RESAMPLES):
        picked = rng.choices(indexes, k=len(clusters))
        means.append(math.fsum(sums[i] for i in picked) / sum(sizes[i] for i in picked))
    means.sort()
    tail = (1 - level) / 2
    low, high = math.floor(tail * (RESAMPLES - 1)), math.ceil((1 - tail) * (RESAMPLES - 1))
    return Interval(means[low], means[high])


def mean(clusters: Sequence[Sequence[float]]) -> float:
    """Return the mean of all values, each value with the same weight."""
    return fmean(value for cluster in clusters for value in cluster)


def interval(
    clusters: Sequence[Sequence[float]], kind: Literal["rate", "mean"], seed: int, level: float = 0.95
) -> Interval:
    """Return the interval of the mean of values in [0, 1] that come in clusters.

    Rates get Wilson's interval with the number of clusters as ``n``: repeated questions are not
    new evidence. Means get the clustered bootstrap. Where that would claim certainty, because all
    clusters agree, they get Wilson's, which is wider than any distribution on [0, 1] needs.
    """
    averages = [fmean(cluster) for cluster in clusters]
    if kind == "rate" or max(averages) == min(averages):
        return wilson(math.fsum(averages), len(averages), level)
    return bootstrap(clusters, seed, level)


def unanimous(value: float, n: int, level: float = 0.95) -> Interval:
    """Return the interval of a mean difference in [-1, 1] where all ``n`` clusters say the same: not certainty."""
    doubt = 1 - wilson(n, n, level).low
    return Interval(max(-1.0, value - doubt), min(1.0, value + doubt))


def sign_test(worse: int, better: int) -> float:
    """Return the exact two-sided p of so many changes for the worse and the better, were both as likely.

    With one pass or fail to each cluster this is McNemar's exact test.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions", 1947.
    """
    n = worse + better
    ways, below = 1, 0
    for k in range(min(worse, better) + 1):
        below += ways
        ways = ways * (n - k) // (k + 1)
    return min(1.0, below / 2 ** (n - 1)) if n else 1.0


def holm(ps: Sequence[float]) -> list[float]:
    """Return each p as it is after looking at all of them: the chance of one false alarm among them stays below it.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=lambda at: ps[at])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = highest
    return adjusted


def paired_interval(gains: Sequence[Sequence[float]], seed: int, level: float = 0.95) -> Interval:
    """Return the percentile interval of the mean of paired differences in [-1, 1], drawing whole clusters again.

    Where all clusters say the same, drawing them again would claim certainty; see ``unanimous``.
    """
    averages = [fmean(cluster) for cluster in gains]
    if max(averages) == min(averages):
        return unanimous(averages[0], len(averages), level)
    drawn = _drawn(gains, seed)
    tail = (1 - level) / 2
    low, high = math.floor(tail * (RESAMPLES - 1)), math.ceil((1 - tail) * (RESAMPLES - 1))
    return Interval(float(drawn[low]), float(drawn[high]))


def paired_p(gains: Sequence[Sequence[float]], seed: int) -> float:
    """Return the two-sided p of the mean of paired differences, by how often it changes its sign when drawn again."""
    if not any(value for cluster in gains for value in cluster):
        return 1.0
    averages = [fmean(cluster) for cluster in gains]
    if max(averages) == min(averages):  # all say the same: as likely as all coins falling alike
        return sign_test(len(averages), 0)
    drawn = _drawn(gains, seed)
    rarer = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return min(1.0, 2 * (rarer + 1) / (RESAMPLES + 1))


def _drawn(gains: Sequence[Sequence[float]], seed: int) -> numpy.ndarray:
    """Return the means of resampled clusters, rising."""
    import numpy  # noqa: PLC0415 - only comparisons need it

    rng = numpy.random.default_rng(seed)
    sums = numpy.array([math.fsum(cluster) for cluster in gains])
    sizes = numpy.array([len(cluster) for cluster in gains], dtype=float)
    step = max(1, 2_000_000 // len(gains))  # so many at once: memory stays small, however many clusters there are
    means = []
    for begin in range(0, RESAMPLES, step):
        picked = rng.integers(0, len(gains), size=(min(step, RESAMPLES - begin), len(gains)))
        means.append(sums[picked].sum(axis=1) / sizes[picked].sum(axis=1))
    return numpy.sort(numpy.concatenate(means))
