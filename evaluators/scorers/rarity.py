"""How rare a term is in ordinary text, from a table of hashed counts: no word stands in it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Final

BUCKETS: Final = 1 << 16
"""Places in each of the two tables; what falls on a common term's place in one rarely does in both."""


def buckets(term: str) -> tuple[int, int]:
    """Return the places of a term in the first and the second table."""
    code = zlib.crc32(term.encode("utf-8", "surrogatepass"))
    return code & (BUCKETS - 1), code >> 16


Rarity = Callable[[str], float]
"""Returns the weight of a term, from 0.1 (in every text) to 1 (in none)."""


def load_rarity() -> Rarity:
    """Read the tables; costs a millisecond, so do it once a run."""
    table = resources.files("evaluators.scorers.weights").joinpath("rarity.bin").read_bytes()
    if len(table) != 2 * BUCKETS:
        raise ValueError(f"rarity.bin holds {len(table)} bytes, not {2 * BUCKETS}: install the program again")

    @lru_cache(maxsize=1 << 17)
    def rarity(term: str) -> float:
        one, other = buckets(term)
        return max(0.1, max(table[one], table[BUCKETS + other]) / 255)

    return rarity
