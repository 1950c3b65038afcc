"""How far several people agree when they judge the same things: kappa, alpha with its interval, and tau of rankings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from evaluators.stats import Interval, wilson

Scale = Literal["nominal", "ordinal"]
Unit = Sequence[str]
"""What several people said of one thing, in any order; who said nothing is left out."""

RESAMPLES: Final = 1000
_AT_ONCE: Final = 100

_Floats = NDArray[np.float64]


def cohen(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa of two people over any number of values.

    None without a pair, or where both always say the same one thing: chance explains all then.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960.
    """
    n = len(pairs)
    if not n:
        return None
    seen = sum(one == other for one, other in pairs) / n
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(first[value] * second[value] for value in first) / n**2
    return (seen - chance) / (1 - chance) if chance < 1 else None


def fleiss(units: Sequence[Unit]) -> float | None:
    """Return Fleiss' kappa over the things that at least two people judged; they need not be equally many.

    None without such a thing, or where everybody always says the same one thing.

    Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", 1971; with unequal numbers each thing
    counts its own share of agreeing pairs.
    """
    several = [Counter(unit) for unit in units if len(unit) > 1]
    if not several:
        return None
    seen = [sum(c * (c - 1) for c in unit.values()) / (unit.total() * (unit.total() - 1)) for unit in several]
    whole = sum(several, Counter())
    chance = sum((count / whole.total()) ** 2 for count in whole.values())
    return (sum(seen) / len(seen) - chance) / (1 - chance) if chance < 1 else None


class Alpha:
    """Krippendorff's alpha of things that several people judged; people may have judged different ones.

    Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.

    Args:
        units: What was said of each thing; things with one voice say nothing about agreement.
        values: All values, in their order (which matters to an ordinal scale only).
        scale: ``nominal``, or ``ordinal`` where two values that lie far apart disagree more.
    """

    def __init__(self, units: Sequence[Unit], values: Sequence[str], scale: Scale) -> None:
        place = {value: at for at, value in enumerate(values)}
        self._scale, self._size = scale, len(values)
        tables = []
        for unit in units:
            if len(unit) > 1:
                counts = np.bincount([place[value] for value in unit], minlength=self._size).astype(float)
                tables.append((np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1))
        self._tables: _Floats = np.array(tables).reshape(len(tables), self._size, self._size)

    @property
    def n(self) -> int:
        """How many things at least two people judged."""
        return len(self._tables)

    @property
    def value(self) -> float | None:
        """Alpha, at most 1; None where nothing was judged twice, or only one value was ever given."""
        return self._of(self._tables.sum(axis=0)) if self.n else None

    def interval(self, seed: int) -> Interval | None:
        """The 95 % interval, by drawing the things again; None where there is no alpha.

        Where all agree in all, drawing again would claim certainty: then the lower end is what so few things can show.
        """
        value = self.value
        if value is None:
            return None
        if value >= 1:
            total = self._tables.sum(axis=0)
            apart, expected = self._distances(total), self._expected(total)
            doubt = (1 - wilson(self.n, self.n).low) * float(apart.max()) / expected
            return Interval(max(-1.0, 1 - doubt), 1.0)
        rng = np.random.default_rng(seed)
        drawn = []
        for _ in range(RESAMPLES // _AT_ONCE):
            times = rng.multinomial(self.n, np.full(self.n, 1 / self.n), size=_AT_ONCE).astype(float)
            resampled = np.tensordot(times, self._tables, axes=1)
            drawn += [found for table in resampled if (found := self._of(table)) is not None]
        drawn.sort()
        low, high = math.floor(0.025 * (len(drawn) - 1)), math.ceil(0.975 * (len(drawn) - 1))
        return Interval(drawn[low], drawn[high])

    def _of(self, table: _Floats) -> float | None:
        expected = self._expected(table)
        seen = float((table * self._distances(table)).sum()) / float(table.sum())
        return 1 - seen / expected if expected > 0 else None

    def _expected(self, table: _Floats) -> float:
        said, n = table.sum(axis=1), float(table.sum())
        pairs = np.outer(said, said) - np.diag(said)
        return float((pairs * self._distances(table)).sum()) / (n * (n - 1))

    def _distances(self, table: _Floats) -> _Floats:
        if self._scale == "nominal":
            return 1 - np.eye(self._size)
        said = table.sum(axis=1)
        upto = np.cumsum(said)
        low = np.minimum.outer(np.arange(self._size), np.arange(self._size))
        high = np.maximum.outer(np.arange(self._size), np.arange(self._size))
        between = upto[high] - upto[low] + said[low]
        squared: _Floats = (between - (said[low] + said[high]) / 2) ** 2
        return squared


def tau(one: Mapping[str, int], other: Mapping[str, int]) -> float | None:
    """Return Kendall's tau-b of two rankings of the same things, by place, 1 the best; ties count as such.

    None where one of them puts all things on one place.

    Source: M. G. Kendall, "The treatment of ties in ranking problems", 1945.
    """
    things = sorted(one.keys() & other.keys())
    both = left = right = 0
    for at, first in enumerate(things):
        for second in things[at + 1 :]:
            a, b = one[first] - one[second], other[first] - other[second]
            both += (a * b > 0) - (a * b < 0)
            left += a != 0
            right += b != 0
    return both / math.sqrt(left * right) if left and right else None
