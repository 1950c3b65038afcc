"""Says how well scores tell texts apart, with intervals: ranking, recall at few false alarms, precision, Brier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

Scores = NDArray[np.floating]


class Estimate(NamedTuple):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


def auroc(shown: Scores, others: Scores) -> Estimate | None:
    """Return the chance that a text that shows the risk scores higher than one that does not.

    The interval is DeLong's. None if one side has fewer than two texts.
    """
    m, n = len(shown), len(others)
    if m < 2 or n < 2:
        return None
    ranks = rankdata(np.concatenate([shown, others]))
    value = (ranks[:m].sum() - m * (m + 1) / 2) / (m * n)
    first = (ranks[:m] - rankdata(shown)) / n
    second = 1 - (ranks[m:] - rankdata(others)) / m
    spread = float(norm.ppf(0.975)) * (first.var(ddof=1) / m + second.var(ddof=1) / n) ** 0.5
    return Estimate(float(value), max(0.0, float(value - spread)), min(1.0, float(value + spread)))


def rate(hits: int, of: int) -> Estimate | None:
    """Return a share with Wilson's interval; None of nothing."""
    if not of:
        return None
    z = float(norm.ppf(0.975))
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5 / (1 + z * z / of)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def above(scores: Scores, mark: float) -> Estimate | None:
    """Return the share of scores that reach a mark."""
    return rate(int((scores >= mark).sum()), len(scores))


def mark_for(others: Scores, share: float) -> float:
    """Return the score that at most ``share`` of harmless texts reach."""
    ranked = np.sort(others)[::-1]
    allowed = int(share * len(ranked))
    return float(np.nextafter(ranked[allowed], np.inf)) if allowed < len(ranked) else 0.0


def f1(hits: int, alarms: int, missed: int) -> tuple[float, float]:
    """Return precision and F1; 0 where nothing was said."""
    precision = hits / (hits + alarms) if hits + alarms else 0.0
    return precision, 2 * hits / (2 * hits + alarms + missed) if hits else 0.0


def brier(shown: Scores, others: Scores) -> float:
    """Return the mean squared error of probabilities; each side counts half."""
    return float((np.square(1 - shown).mean() + np.square(others).mean()) / 2)
