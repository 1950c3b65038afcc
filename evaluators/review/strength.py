"""How strong each source of answers is, from rankings: Bradley–Terry with ties, which no unbeaten source can break.

Rao and Kupper's model: i is placed above j with chance p_i / (p_i + θ p_j); θ = 1 without ties. It is fitted by
Hunter's minorisation–maximisation, which climbs with every step.

A source that always wins would get an endless strength. So each source has met, beside the others, an imaginary one of
strength 1 and beaten it ``PRIOR`` / 2 times of ``PRIOR``: this pulls towards the middle what little was compared, keeps
groups that never met on one scale, and is next to nothing once there are dozens of comparisons.

Sources: P. V. Rao, L. L. Kupper, "Ties in paired-comparison experiments", JASA 62 (1967); D. R. Hunter, "MM algorithms
for generalized Bradley–Terry models", Annals of Statistics 32 (2004).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluators.stats import Interval

PRIOR: Final = 1.0
RESAMPLES: Final = 400
_STEPS: Final = 5000
_LEAST: Final = 1e-300

Ranking = Mapping[str, int]
"""A source's place among those that were ranked together, 1 the best; equal places are ties."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a source is.

    Attributes:
        source: Its name.
        strength: Log-strength, natural; 0 is the mean of all sources.
        interval: 95 % interval of it: by drawing whole groups of rankings again, and at least as wide as the
            curvature of the likelihood says. Where all rankings agree, drawing again would claim certainty.
        above_average: The chance to be placed above a source of mean strength, if the two are not level.
        wins: How often it was placed above another,
        ties: level with another,
        losses: and below another.
    """

    source: str
    strength: float
    interval: Interval
    above_average: float
    wins: int
    ties: int
    losses: int


def strengths(groups: Sequence[Sequence[Sequence[tuple[str, int]]]], seed: int) -> list[Strength]:
    """Fit strengths to rankings, the strongest first.

    Args:
        groups: Rankings that are not independent of each other (several people's, of one question) form a group. A
            ranking is its sources with their places; a source may be there several times, and is not compared with
            itself.
        seed: The same seed gives the same intervals.
    """
    names = sorted({source for group in groups for ranking in group for source, _ in ranking})
    if not names or not groups:
        return []
    place = {name: at for at, name in enumerate(names)}
    won, tied = np.zeros((2, len(groups), len(names), len(names)))
    for number, group in enumerate(groups):
        for ranking in group:
            for source, rank in ranking:
                for other, behind in ranking:
                    i, j = place[source], place[other]
                    won[number, i, j] += i != j and rank < behind
                    tied[number, i, j] += i != j and rank == behind
    all_won, all_tied = won.sum(axis=0, keepdims=True), tied.sum(axis=0, keepdims=True)
    whole = fit(all_won, all_tied)
    fitted, doubt = _centred(whole)[0], 1.96 * _errors(all_won[0] + all_tied[0], whole[0])
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), size=RESAMPLES).astype(float)
    drawn = _centred(fit(np.tensordot(times, won, axes=1), np.tensordot(times, tied, axes=1), near=1e-5))
    drawn.sort(axis=0)
    low, high = math.floor(0.025 * (RESAMPLES - 1)), math.ceil(0.975 * (RESAMPLES - 1))
    found = []
    for at, name in enumerate(names):
        value = float(fitted[at])
        ends = Interval(
            min(value - float(doubt[at]), float(drawn[low, at])), max(value + float(doubt[at]), float(drawn[high, at]))
        )
        counts = (all_won[0, at].sum(), all_tied[0, at].sum(), all_won[0, :, at].sum())
        found.append(Strength(name, value, ends, 1 / (1 + math.exp(-value)), *(int(count) for count in counts)))
    return sorted(found, key=lambda one: (-one.strength, one.source))


def fit(won: _Floats, tied: _Floats, prior: float = PRIOR, near: float = 1e-9) -> _Floats:
    """Return strengths, each above 0, for a batch of tables.

    Args:
        won: ``won[b, i, j]``: how often i was placed above j.
        tied: ``tied[b, i, j]``: how often the two were level; symmetric.
        prior: Imaginary comparisons of each source with one of strength 1, half of them won. 0 gives the maximum of
            the likelihood, which is endless for a source that always wins.
        near: It ends when no log-strength moves further than this.
    """
    met = won + tied
    gained = met.sum(axis=2) + prior / 2
    ties = tied.sum(axis=(1, 2)) / 2
    strength = np.ones(gained.shape)
    theta = np.ones(len(won))
    for _ in range(_STEPS):
        here, there = strength[:, :, None], strength[:, None, :]
        wide = theta[:, None, None]
        over = met / (here + wide * there)
        under = np.swapaxes(met, 1, 2) * wide / (wide * here + there)
        pull = prior / (strength + 1)
        new = np.maximum(gained / np.maximum((over + under).sum(axis=2) + pull, _LEAST), _LEAST)
        new = new * np.exp(_drift(new) if prior else -np.log(new).mean(axis=1, keepdims=True))
        slope = (met * there / (here + wide * there)).sum(axis=(1, 2))
        share = np.divide(ties, slope, out=np.zeros_like(ties), where=slope > 0)
        theta = share + np.sqrt(1 + share**2)
        moved = np.abs(np.log(new / strength)).max()
        strength = new
        if moved < near:
            break
    return strength


def _errors(met: _Floats, strength: _Floats) -> _Floats:
    """Return the standard errors of centred log-strengths, from the curvature at the fit."""
    chance = strength[:, None] / (strength[:, None] + strength[None, :])
    bend = (met + met.T) * chance * (1 - chance)
    share = strength / (1 + strength)
    curvature = np.diag(bend.sum(axis=1) + PRIOR * share * (1 - share)) - bend
    centring = np.eye(len(strength)) - 1 / len(strength)
    errors: _Floats = np.sqrt(np.maximum(np.diag(centring @ np.linalg.pinv(curvature) @ centring), 0))
    return errors


def _drift(strength: _Floats) -> _Floats:
    """Return how far all strengths of a table should move together: comparisons do not say, the imaginary ones do.

    A step of Newton's; without it the scale, which only the prior holds, settles last and slowly.
    """
    share = strength / (1 + strength)
    step: _Floats = (0.5 - share).sum(axis=1, keepdims=True) / (share * (1 - share)).sum(axis=1, keepdims=True)
    return np.clip(step, -1.0, 1.0)


def _centred(strength: _Floats) -> _Floats:
    logs: _Floats = np.log(strength)
    centred: _Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred
