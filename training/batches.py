"""Says which texts a network is shown together, and how far it goes at each step."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

_TOGETHER: Final = 256
_SORTED: Final = 50
"""So many batches are drawn at once and sorted by length: little of a batch is then empty."""
_WARM: Final = 0.06
"""The share of the steps in which they grow."""


def batches(sizes: Places, chosen: Places, rounds: int, chance: np.random.Generator) -> list[Places]:
    """Return places of texts that are learnt together: each once a round, those of about the same length together.

    Args:
        sizes: How long each text is.
        chosen: Places of those that are learnt.
        rounds: How many times.
        chance: Draws the order.
    """
    found: list[Places] = []
    for _ in range(rounds):
        order = chance.permutation(chosen)
        for begin in range(0, len(order), _TOGETHER * _SORTED):
            lot = order[begin : begin + _TOGETHER * _SORTED]
            lot = lot[np.argsort(sizes[lot], kind="stable")]
            parts = [lot[at : at + _TOGETHER] for at in range(0, len(lot), _TOGETHER)]
            found += [parts[number] for number in chance.permutation(len(parts))]
    return found


def by_length(sizes: Places, chosen: Places) -> list[Places]:
    """Return places of texts that are read together: each once, by length."""
    order = chosen[np.argsort(sizes[chosen], kind="stable")]
    return [order[at : at + 2 * _TOGETHER] for at in range(0, len(order), 2 * _TOGETHER)]


def share(step: int, steps: int) -> float:
    """Return how much of the full rate a step gets, in (0, 1]: it grows at first, then falls to nothing."""
    return min(1.0, (step + 1) / (_WARM * steps)) * (1 - step / steps)
