"""Intervals for rates and means, honest about rows that are not independent of each other."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist, fmean
from typing import Final, Literal, NamedTuple

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
