"""What words tell of English names: a small network over a word and two on either side of it, and no list.

A word is known by a few signs (itself, its beginning, its end, how it is written, in which tables it is). Each sign has
a row of numbers, found by hash; the rows of a word are added up, those of five words go through one layer more. It was
fitted to what people marked and to what a large model said of many other sentences (``weights/CARD-names.md``).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.names.english import shape

Floats = NDArray[np.float32]

ROWS: Final = 1 << 16
"""Signs fall into so many places."""
WIDTH: Final = 32
"""Numbers of a row."""
BESIDE: Final = 2
"""So many words on either side are looked at."""
NEAR: Final = 2 * BESIDE + 1
HIDDEN: Final = 96
LISTED: Final = 1 << 19
"""Bits of a table of words."""
_SEEDS: Final = (0, 0x9E3779B9, 0x85EBCA6B)
_LONGEST_WORD: Final = 16
_REMEMBERED: Final = 16_384


def _bits(word: str) -> list[tuple[int, int]]:
    """Return which bits of which bytes are set in a table that a word was put into."""
    key = word.encode()
    places = [zlib.crc32(key, seed) % LISTED for seed in _SEEDS]
    return [(at >> 3, 1 << (at & 7)) for at in places]


def table(words: set[str]) -> bytes:
    """Return a table that says of each of these words that it is in, and of hardly any other."""
    bits = bytearray(LISTED >> 3)
    for word in words:
        for at, bit in _bits(word):
            bits[at] |= bit
    return bytes(bits)


@dataclass(frozen=True, slots=True)
class Tables:
    """What words are, by hash.

    Attributes:
        first: Which are given names,
        last: which are surnames,
        common: and which are words that people write in small letters.
    """

    first: bytes
    last: bytes
    common: bytes

    def flags(self, word: str) -> str:
        """Say of a word in small letters in which tables it is."""
        bits = _bits(word.rstrip("."))
        named = (("f", self.first), ("l", self.last), ("c", self.common))
        return "".join(letter for letter, one in named if all(one[at] & bit for at, bit in bits))

    def signs(self, word: str) -> tuple[int, ...]:
        """Return the places of what a word shows; the empty word stands where a text ends."""
        low = word[:_LONGEST_WORD].lower()
        look = shape(word[:_LONGEST_WORD] or "\n")
        what = self.flags(low) if low else ""
        said = f"w{low}", f"p{low[:3]}", f"q{low[:5]}", f"s{low[-3:]}", f"e{low[-2:]}", f"x{look}|{what}"
        return tuple(zlib.crc32(sign.encode()) % ROWS for sign in said)


@dataclass(frozen=True, slots=True)
class EnglishNames:
    """The network, and the tables of words that it looks at.

    Attributes:
        tables: What words are.
        rows: A row for each place of a sign, in whole steps; (ROWS, WIDTH).
        step: The size of a step.
        inward: From the rows of the words, side by side, to what is between; (NEAR * WIDTH, HIDDEN).
        between: What is added there; (HIDDEN,).
        outward: From there to the labels; (HIDDEN, labels).
        end: What is added there; (labels,).
    """

    tables: Tables
    rows: NDArray[np.int8]
    step: float
    inward: Floats
    between: Floats
    outward: Floats
    end: Floats

    def row(self, word: str) -> Floats:
        """Return what a word shows, as numbers; (WIDTH,)."""
        whole = self.rows[list(self.tables.signs(word))].sum(0, dtype=np.int32)
        return np.asarray(whole * np.float32(self.step), np.float32)

    def judge(self, near: list[Floats]) -> list[float]:
        """Return for each label how much speaks for it (log odds) that the middle one of some words is part of one.

        Args:
            near: The rows of ``NEAR`` words.
        """
        # Word for word, never many at once: so the last digit is the same wherever a text was cut.
        heard = np.concatenate(near) @ self.inward
        heard += self.between
        np.maximum(heard, 0, out=heard)
        said: list[float] = (heard @ self.outward + self.end).tolist()
        return said


class Remembered(dict[str, Floats]):
    """Remembers what words show: most of them come again.

    Args:
        names: The network.
    """

    def __init__(self, names: EnglishNames) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, word: str) -> Floats:
        if len(self) >= _REMEMBERED:
            self.clear()
        row = self[word] = self._names.row(word)
        return row
