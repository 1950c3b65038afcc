"""Ids that are unique and sort by time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class UniqueIds:
    """Gives unique ids that sort by time: 26 characters, digits and capital letters (ULIDs).

    Randomness is drawn from the system in blocks: a call for each id would cost more than the id.
    """

    _BLOCK: Final = 4096
    _PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        self._clock, self._random = clock, random
        self._rest = b""

    def __call__(self) -> str:
        """Return the next id."""
        if len(self._rest) < 10:
            self._rest = self._random(self._BLOCK)
        noise, self._rest = self._rest[:10], self._rest[10:]
        value = int(self._clock() * 1000) << 80 | int.from_bytes(noise)
        pairs = self._PAIRS
        return "".join([pairs[value >> shift & 1023] for shift in range(120, -10, -10)])
