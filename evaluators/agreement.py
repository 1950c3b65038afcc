"""How far a judge agrees with people, and what that says about the rates it reports."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from evaluators.stats import Interval, wilson

RESAMPLES: Final = 2000
LEAST_POWER: Final = 0.1
"""Below this sensitivity + specificity − 1 a judge is so near to a coin that no rate can be corrected for it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A judge against people, on the same answers; "yes" is whatever the judge looks for.

    Attributes:
        both: Both say yes.
        missed: People say yes, the judge no.
        invented: People say no, the judge yes.
        neither: Both say no.
    """

    both: int
    missed: int
    invented: int
    neither: int

    @property
    def n(self) -> int:
        """How many answers were judged by both."""
        return self.both + self.missed + self.invented + self.neither

    @property
    def kappa(self) -> float:
        """Cohen's kappa; 0 where both always say the same one thing and chance explains all.

        Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960.
        """
        n = self.n
        seen = (self.both + self.neither) / n
        people, judge = (self.both + self.missed) / n, (self.both + self.invented) / n
        chance = people * judge + (1 - people) * (1 - judge)
        return (seen - chance) / (1 - chance) if chance < 1 else 0.0

    @property
    def kappa_interval(self) -> Interval:
        """The 95 % interval of kappa, by its large-sample standard error (Fleiss, Cohen, Everitt 1969)."""
        n, k = self.n, self.kappa
        p = [[self.both / n, self.missed / n], [self.invented / n, self.neither / n]]
        rows = [sum(p[0]), sum(p[1])]
        columns = [p[0][0] + p[1][0], p[0][1] + p[1][1]]
        seen = p[0][0] + p[1][1]
        chance = rows[0] * columns[0] + rows[1] * columns[1]
        if chance >= 1:
            return Interval(-1.0, 1.0)
        one = sum(p[i][i] * ((1 - chance) - (rows[i] + columns[i]) * (1 - seen)) ** 2 for i in (0, 1))
        two = (1 - seen) ** 2 * sum(p[i][j] * (columns[i] + rows[j]) ** 2 for i, j in ((0, 1), (1, 0)))
        three = (seen * chance - 2 * chance + seen) ** 2
        error = math.sqrt(max(0.0, one + two - three) / n) / (1 - chance) ** 2
        z = NormalDist().inv_cdf(0.975)
        # Where all agree the formula claims certainty; what so few answers can show is less.
        certain = (wilson(self.both + self.neither, n).low - chance) / (1 - chance)
        low = k - z * error if error > 0 else min(k, certain)
        return Interval(max(-1.0, low), min(1.0, k + z * error))

    @property
    def sensitivity(self) -> float | None:
        """The share of people's yes that the judge sees; None where people never say yes."""
        yes = self.both + self.missed
        return self.both / yes if yes else None

    @property
    def specificity(self) -> float | None:
        """The share of people's no that the judge leaves alone; None where people never say no."""
        no = self.invented + self.neither
        return self.neither / no if no else None


def agreement(pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """Count what people and the judge say of each answer.

    Raises:
        ValueError: There is no answer that both have judged.
    """
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for people, judge in pairs:
        counts[people, judge] += 1
    found = Agreement(counts[True, True], counts[True, False], counts[False, True], counts[False, False])
    if not found.n:
        raise ValueError("no answer was judged by both")
    return found


@dataclass(frozen=True, slots=True)
class Corrected:
    """A rate as it would be if the judge never erred.

    Attributes:
        observed: What the judge reports.
        rate: Corrected; None if the judge is too near to a coin to say.
        interval: 95 % interval of it, with the judge's own uncertainty in it; (0, 1) if there is no rate.
    """

    observed: float
    rate: float | None
    interval: Interval


def rogan_gladen(observed: float, sensitivity: float, specificity: float) -> float | None:
    """Return the true rate behind an observed one, within [0, 1]; None if the judge tells nothing.

    Source: W. J. Rogan, B. Gladen, "Estimating prevalence from the results of a screening test", 1978.
    """
    power = sensitivity + specificity - 1
    if power < LEAST_POWER:
        return None
    return min(1.0, max(0.0, (observed + specificity - 1) / power))


def correct(yes: int, n: int, judge: Agreement, seed: int = 0) -> Corrected:
    """Correct a rate for the errors that its judge was measured to make.

    The interval comes from drawing all three again, each from its posterior (Jeffreys): the observed rate, the judge's
    sensitivity and its specificity.

    Args:
        yes: How often the judge said yes.
        n: Of how many, at least 1.
        judge: How it was measured against people.
        seed: The same seed gives the same interval.
    """
    observed = yes / n
    if judge.sensitivity is None or judge.specificity is None:
        return Corrected(observed, None, Interval(0.0, 1.0))
    rate = rogan_gladen(observed, judge.sensitivity, judge.specificity)
    if rate is None:
        return Corrected(observed, None, Interval(0.0, 1.0))
    rng = random.Random(seed)
    drawn = []
    for _ in range(RESAMPLES):
        seen = rng.betavariate(yes + 0.5, n - yes + 0.5)
        sensitivity = rng.betavariate(judge.both + 0.5, judge.missed + 0.5)
        specificity = rng.betavariate(judge.neither + 0.5, judge.invented + 0.5)
        found = rogan_gladen(seen, sensitivity, specificity)
        drawn.append(found if found is not None else rng.random())
    drawn.sort()
    low, high = drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES)]
    return Corrected(observed, rate, Interval(min(low, rate), max(high, rate)))
