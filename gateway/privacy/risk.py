"""Measures the risk of re-identification of a table as GB/T 42460-2023 Annex D does, and what stays useful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Sharing = Literal["public", "controlled", "enclave"]
"""How the data is shared (GB/T 37964-2019, 3.12 to 3.14)."""

RECORD_THRESHOLD: Final[Mapping[Sharing, float]] = {"public": 1 / 20, "controlled": 1 / 5, "enclave": 1 / 3}
"""The most that a record's risk may be (GB/T 42460-2023, D.1.5)."""

ACCEPTABLE: Final = 0.05
"""The most that the overall risk may be, and must stay below (GB/T 42460-2023, D.1.5)."""

Codes = NDArray[np.int64]
_BINS: Final = 64


@dataclass(frozen=True, slots=True)
class Classes:
    """Records that nobody can tell apart by their quasi-identifiers.

    Attributes:
        of: For each record the number of its class.
        sizes: For each class how many records it has.
    """

    of: Codes
    sizes: Codes


@dataclass(frozen=True, slots=True)
class Risk:
    """What GB/T 42460-2023 Annex D computes. All in [0, 1].

    Attributes:
        threshold: τ, the most that a record's risk may be in this sharing model.
        above: R_a, the share of classes whose risk is above it; anything but 0 makes the overall risk 1.
        records_above: The share of records in such classes.
        highest: R_b, the highest risk of a record.
        average: R_c, the mean risk over the classes.
        context: pr(context), how likely an attack is; 1 for public data.
        overall: R.
    """

    threshold: float
    above: float
    records_above: float
    highest: float
    average: float
    context: float
    overall: float

    @property
    def acceptable(self) -> bool:
        """Whether the overall risk is below the acceptable one; a third of 0.15 is not."""
        return self.overall < ACCEPTABLE - 1e-12


def encode(values: Sequence[str]) -> Codes:
    """Return for each value a number that equal values share, from 0 on."""
    numbers: dict[str, int] = {}
    return np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int64, len(values))


def classes(columns: Sequence[Codes], size: int) -> Classes:
    """Put records into classes by their values in all the columns; with no column all are one class."""
    of = np.zeros(size, np.int64)
    for column in columns:
        _, of = np.unique(of * (int(column.max(initial=0)) + 1) + column, return_inverse=True)
    return Classes(of, np.bincount(of).astype(np.int64))


def risk_of(sizes: Codes, sharing: Sharing, context: float = 1.0) -> Risk:
    """Compute the risk of classes of these sizes (GB/T 42460-2023, D.1).

    Args:
        sizes: How many records each class has.
        sharing: How the data is shared.
        context: pr(context) in [0, 1] for data that is not public: the highest of the probabilities
            of a deliberate attempt, of recognising an acquaintance, and of a leak (D.1.4).
    """
    threshold = RECORD_THRESHOLD[sharing]
    theta = 1.0 / sizes
    over = theta > threshold + 1e-12
    chance = 1.0 if sharing == "public" else context
    highest, average = float(theta.max()), float(theta.mean())
    overall = 1.0 if over.any() else (highest if sharing == "public" else average) * chance
    return Risk(
        threshold=threshold,
        above=float(over.mean()),
        records_above=float(sizes[over].sum() / sizes.sum()),
        highest=highest,
        average=average,
        context=chance,
        overall=overall,
    )


@dataclass(frozen=True, slots=True)
class Diversity:
    """How much of a sensitive attribute the class of a record gives away.

    Attributes:
        distinct: l-diversity: the least number of different values in a class.
        entropy: Entropy l-diversity: the least exp(entropy) over the classes, at least 1.
        closeness: t-closeness: the greatest distance between a class and the whole table, in [0, 1]
            (earth mover's distance: equal for names, ordered for numbers).
        disclosed: Share of records in classes with a single value: nothing of it is hidden there.
    """

    distinct: int
    entropy: float
    closeness: float
    disclosed: float


def diversity(groups: Classes, values: Sequence[str]) -> Diversity:
    """Measure a sensitive attribute within the classes (l-diversity, t-closeness)."""
    codes = encode(values)
    kinds = int(codes.max(initial=0)) + 1
    pairs, counts = np.unique(groups.of * kinds + codes, return_counts=True)
    group, value = pairs // kinds, pairs % kinds
    share = counts / groups.sizes[group]
    distinct = np.bincount(group, minlength=len(groups.sizes))
    entropy = np.bincount(group, -share * np.log(share), minlength=len(groups.sizes))
    numbers = _numbers(values)
    if numbers is not None:
        closeness = _ordered(groups, numbers)
    else:
        whole = np.bincount(codes, minlength=kinds) / len(codes)
        closeness = _equal(len(groups.sizes), group, share, whole[value])
    return Diversity(
        distinct=int(distinct.min()),
        entropy=float(np.exp(entropy.min())),
        closeness=closeness,
        disclosed=float(groups.sizes[distinct == 1].sum() / groups.sizes.sum()),
    )


def _equal(size: int, group: Codes, share: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    """Return the greatest distance where any two values are as far apart: half the sum of differences.

    Args:
        size: How many classes there are.
        group: For each value that a class holds the class,
        share: its share there,
        whole: and its share of the table.
    """
    inside = np.bincount(group, np.abs(share - whole), minlength=size)
    absent = 1.0 - np.bincount(group, whole, minlength=size)
    return float(((inside + absent) / 2).max())


def _ordered(groups: Classes, numbers: NDArray[np.float64]) -> float:
    """Return the greatest distance where values have an order: step by step, or in 64 steps of equal share."""
    steps = np.unique(numbers)
    if len(steps) > _BINS:
        steps = np.unique(np.quantile(numbers, np.linspace(0, 1, _BINS + 1)))
    place = np.clip(np.searchsorted(steps, numbers, side="right") - 1, 0, max(len(steps) - 1, 0))
    width = int(place.max(initial=0)) + 1
    if width < 2:
        return 0.0
    whole = np.cumsum(np.bincount(place, minlength=width) / len(place))
    worst = 0.0
    at_once = max(1, 4_000_000 // width)
    order = np.argsort(groups.of, kind="stable")
    ends = np.cumsum(groups.sizes)
    for first in range(0, len(groups.sizes), at_once):
        last = min(first + at_once, len(groups.sizes))
        rows = order[(ends[first - 1] if first else 0) : ends[last - 1]]
        keys = (groups.of[rows] - first) * width + place[rows]
        table = np.bincount(keys, minlength=(last - first) * width).reshape(last - first, width)
        within = np.cumsum(table / groups.sizes[first:last, None], axis=1)
        worst = max(worst, float((np.abs(within - whole).sum(axis=1) / (width - 1)).max()))
    return worst


def _numbers(values: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the values as numbers if nearly all are; an empty one counts as the middle."""
    read: list[float] = []
    missing = 0
    for value in values:
        try:
            number = float(value.replace(",", "")) if value else float("nan")
        except ValueError:
            return None
        if not np.isfinite(number):
            missing += 1
        read.append(number)
    if missing > 0.2 * len(values):
        return None
    found = np.array(read)
    found[~np.isfinite(found)] = np.nanmedian(np.where(np.isfinite(found), found, np.nan))
    return found


def entropy_of(codes: Codes) -> float:
    """Return how many bits a column tells about a record."""
    share = np.bincount(codes) / len(codes)
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())
