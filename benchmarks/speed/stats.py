"""Numbers of several rounds become one number, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, nan
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` (0 to 1) of the values do not exceed: the nearest rank; NaN of none."""
    if not values:
        return nan
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def middle(rounds: Sequence[float]) -> float:
    """Return the median of the rounds; NaN of none."""
    return median(rounds) if rounds else nan


def spread(rounds: Sequence[float]) -> float:
    """Return how far the rounds lie apart, as a share of their median: 0.1 is ten per cent."""
    at = middle(rounds)
    return (max(rounds) - min(rounds)) / at if rounds and at else 0.0


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over the rounds of ours ÷ theirs: drift of the machine cancels within a round."""
    return middle([a / b for a, b in zip(ours, theirs, strict=True) if b])


def difference(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over the rounds of ours - theirs."""
    return middle([a - b for a, b in zip(ours, theirs, strict=True)])
