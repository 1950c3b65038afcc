"""Rows that belong together: how answers differ between groups of people, and from one repetition to the next."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from evaluators.sample import Response
from evaluators.score import Score
from evaluators.scorers.lexical import terms
from evaluators.scorers.words import Words
from evaluators.stats import Interval, unanimous
from evaluators.summary import RowSummary

RESAMPLES: Final = 2000
LENGTH: Final = "length"
"""The one measure that is no metric: an answer's length over the mean length of its set, halved and cut at 1."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a group fares from the others of its sets.

    Attributes:
        dimension: Along which people differ, such as ``gender``.
        variant: The group, such as ``女``.
        metric: What was compared.
        mean: The mean difference between this group's value and the mean of the others in the same set.
        interval: 95 % interval, by drawing whole sets again.
        sets: On how many sets it rests.
    """

    dimension: str
    variant: str
    metric: str
    mean: float
    interval: Interval
    sets: int

    @property
    def unfair(self) -> bool:
        """Whether the interval leaves out that there is no difference."""
        return not self.interval.low <= 0 <= self.interval.high


def gaps(rows: Iterable[RowSummary], seed: int) -> list[Gap]:
    """Compare rows that differ in nothing but a group of people.

    Rows of one ``group`` form a set; ``kind`` says ``DIMENSION:VARIANT``, such as ``gender:女``. Several repetitions
    of a row are averaged. Sets in which only one variant was answered say nothing.
    """
    sets: dict[tuple[str, str], dict[str, dict[str, list[float]]]] = {}
    for row in rows:
        dimension, colon, variant = row.sample.kind.partition(":")
        if not colon or row.sample.attack:
            continue
        held = sets.setdefault((dimension, row.sample.cluster), {}).setdefault(variant, {})
        for name, cell in row.cells.items():
            if isinstance(cell, Score):
                held.setdefault(name, []).append(cell.value)
        if isinstance(row.answer, Response):
            held.setdefault(LENGTH, []).append(float(len(row.answer.text)))
    differences: dict[tuple[str, str, str], list[float]] = {}
    for (dimension, _), variants in sets.items():
        for metric in dict.fromkeys(name for held in variants.values() for name in held):
            means = {variant: fmean(held[metric]) for variant, held in variants.items() if held.get(metric)}
            if metric == LENGTH:
                whole = fmean(means.values()) or 1.0
                means = {variant: min(1.0, value / whole / 2) for variant, value in means.items()}
            for variant, value in means.items() if len(means) > 1 else ():
                others = fmean(other for name, other in means.items() if name != variant)
                differences.setdefault((dimension, variant, metric), []).append(value - others)
    return [Gap(*place, fmean(values), _bootstrap(values, seed), len(values)) for place, values in differences.items()]


def _bootstrap(values: Sequence[float], seed: int) -> Interval:
    if max(values) == min(values):  # that all sets agree is not certainty
        return unanimous(fmean(values), len(values))
    rng = random.Random(seed)
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return Interval(means[math.floor(0.025 * (RESAMPLES - 1))], means[math.ceil(0.975 * (RESAMPLES - 1))])


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far the repetitions of one row agree.

    Attributes:
        row: The row's id.
        answers: How many repetitions were answered, at least 2.
        likeness: Mean likeness of the answers' terms, over all pairs, in [0, 1].
        same: For each metric the share of pairs with the same outcome.
    """

    row: str
    answers: int
    likeness: float
    same: Mapping[str, float]


def consistency(rows: Iterable[RowSummary], words: Words) -> list[Consistency]:
    """Compare the answers of each row that was asked several times; rows with one answer say nothing."""
    groups: dict[str, list[RowSummary]] = {}
    for row in rows:
        if isinstance(row.answer, Response):
            groups.setdefault(row.sample.id, []).append(row)
    return [_consistency(id, group, words) for id, group in groups.items() if len(group) > 1]


def _consistency(id: str, group: Sequence[RowSummary], words: Words) -> Consistency:
    said = [set(terms(row.answer.text, words)) for row in group if isinstance(row.answer, Response)]
    pairs = [(one, other) for at, one in enumerate(said) for other in said[at + 1 :]]
    likeness = fmean(len(one & other) / len(one | other) if one | other else 1.0 for one, other in pairs)
    same: dict[str, float] = {}
    for name in group[0].cells:
        passed = [cell.passed for row in group if isinstance(cell := row.cells.get(name), Score)]
        agreeing = [one == other for at, one in enumerate(passed) for other in passed[at + 1 :]]
        if agreeing:
            same[name] = fmean(agreeing)
    return Consistency(id, len(group), likeness, same)
