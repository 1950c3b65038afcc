"""How likely an entry is the right one, from what speaks for it and against it.

The weights (``weights/score.json``, made by ``training/matching.py``) are those of a logistic regression over banks of
several kinds and pairs of questions: the score means how likely the question asks what the entry answers. Which entry
comes first is weighed by itself (``weights/order.json``, made by ``training/ordering.py``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from operator import mul
from typing import Final, NamedTuple

from gateway.answers.compare import NOTHING, Figures
from gateway.errors import ConfigError
from gateway.packaged import packaged

WIDEST: Final = 0.3
"""A lead over the second entry beyond this says no more."""
_MOST: Final = 1.4
"""Nearness beyond this says no more."""
_SURE: Final = 0.9997
"""The very question."""


class Speaks(NamedTuple):
    """What speaks for an entry, as numbers.

    Attributes:
        ways: How near its nearest ways of asking are, shared words included.
        middle: How near the middle of all its ways is.
        lead: How much nearer it is than the second entry, up to ``WIDEST``; half of that if there is none.
        seen: How its nearest way compares with the question.
        crowd: How many ways an entry of the bank has, as a power of two.
    """

    ways: float
    middle: float
    lead: float
    seen: Figures
    crowd: float


AGAINST: Final = ("numbers", "negation", "kinds", "turned")
"""What can only speak against."""


def parts(ways: float, middle: float, seen: Figures) -> dict[str, float]:
    """Return what speaks for and against an entry by itself, by name.

    Args:
        ways: How near its nearest ways are.
        middle: How near the middle of all its ways is.
        seen: How its nearest way compares with the question.
    """
    return {
        "ways": ways,
        "middle": middle,
        "meaning": seen.meaning,
        "covered": seen.covered,
        "covering": seen.covering,
        "apart": seen.apart,
        "between": seen.apart * max(seen.covered, seen.covering),
        "numbers": seen.numbers,
        "negation": seen.negation,
        "kinds": seen.kinds,
        "turned": seen.turned,
    }


def numbers(speaks: Speaks) -> dict[str, float]:
    """Return what is weighed, by name."""
    alone = parts(min(_MOST, speaks.ways), min(_MOST, speaks.middle), speaks.seen)
    return alone | {"lead": speaks.lead, "crowd": speaks.crowd}


def worth(ways: float, middle: float, seen: Figures) -> float:
    """Return how near an entry is beside others: what they are ordered by."""
    return float(sum(map(mul, _order(), parts(ways, middle, seen).values())))


def likely(speaks: Speaks, weights: Mapping[str, float] | None = None) -> float:
    """Return how likely the entry is the right one, 0 to 1.

    Args:
        speaks: What speaks for it.
        weights: By name, ``start`` among them; those that ship by default.
    """
    if speaks.seen.same:
        return _SURE
    weights = weights or shipped_weights()
    weighed = sum(map(mul, map(weights.__getitem__, (weighs := numbers(speaks))), weighs.values()))
    return min(_SURE, 1 / (1 + math.exp(-weights["start"] - weighed)))


@cache
def _order() -> tuple[float, ...]:
    """Return the weights of the order, as ``parts`` names what is weighed."""
    weights = shipped_weights("order.json")
    return tuple(weights[name] for name in parts(0.0, 0.0, NOTHING))


@cache
def shipped_weights(name: str = "score.json") -> Mapping[str, float]:
    """Return the weights that ship: of the score, or of the order (``order.json``).

    Raises:
        ConfigError: They are missing or damaged.
    """
    try:
        read = json.loads(packaged(f"answers/weights/{name}"))
        return {part: float(weight) for part, weight in read.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"the weights of the score cannot be read ({error}) — install the package again") from None
