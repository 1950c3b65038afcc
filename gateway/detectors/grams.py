"""Breaks folded text into hashed n-grams, all at once: what the risk model counts.

Han characters and whole words are tokens; runs of one to three tokens count, and in words of letters
runs of three and four characters too. Separators, punctuation and digits' values do not, so that what is
put between characters changes little. Hashes depend on the characters of a gram alone, not on where
it stands.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_U64 = np.uint64
_BASE: Final = 0x9E3779B97F4A7C15
_BASE_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_RUN: Final = _U64(0xD6E8FEB86659FD93)
_MIX: Final = _U64(0xFF51AFD7ED558CCD)
_HALF: Final = _U64(32)
_SALT: Final = tuple(_U64((0x2545F4914F6CDD1D * n) % (1 << 64)) for n in range(16))
LONGEST: Final = 65_536
"""Texts are to be given in pieces of at most this many characters."""

# What a code point is: 0 separates, 1 is a letter or digit of a word, 2 is a token by itself.
_SEPARATOR, _LETTER, _TOKEN = 0, 1, 2


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(0x10000, np.uint8)
    kinds[0x30:0x3A] = kinds[0x41:0x5B] = kinds[0x61:0x7B] = _LETTER
    kinds[0xC0:0x2000] = _LETTER
    kinds[0xD7] = kinds[0xF7] = _SEPARATOR
    kinds[0x2190:0x2E80] = _TOKEN  # arrows, signs, emoji of the basic plane
    kinds[0x2E80:0x3000] = _TOKEN
    kinds[0x3005:0x3008] = kinds[0x3021:0x302A] = _TOKEN
    kinds[0x3040:0xD800] = _TOKEN
    kinds[0xF900:0xFB00] = _TOKEN
    kinds[0xFB00:0xFE00] = _LETTER
    kinds[0x30FB] = _SEPARATOR
    return kinds


_KINDS: Final = _kinds()


def _powers(base: int) -> NDArray[np.uint64]:
    return np.multiply.accumulate(np.concatenate(([_U64(1)], np.full(LONGEST + 2, base, np.uint64))))


_UP: Final = _powers(_BASE)
_DOWN: Final = _powers(_BASE_INVERSE)


class Grams(NamedTuple):
    """The n-grams of a text.

    Attributes:
        hashes: 64 bits for each gram.
        starts: Offset of its first character.
        ends: Offset after its last character.
        words: Offsets after each word of letters, ascending.
        signs: Offsets after each Han character or other token by itself, ascending.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    words: NDArray[np.int64]
    signs: NDArray[np.int64]

    def is_chinese(self, end: int) -> bool:
        """Whether the text up to ``end`` is to be read as Chinese: no fewer signs than words, and some."""
        signs = int(np.searchsorted(self.signs, end, "right"))
        return signs > 0 and signs >= int(np.searchsorted(self.words, end, "right"))


def _mixed(hashes: NDArray[np.uint64], salt: np.uint64) -> NDArray[np.uint64]:
    hashes = (hashes ^ salt) * _MIX
    hashes ^= hashes >> _HALF
    hashes *= _MIX
    return hashes


def grams(text: str) -> Grams:
    """Return the n-grams of ``text`` (folded, at most ``LONGEST`` characters)."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    kinds = _KINDS[np.minimum(codes, 0xFFFF)]
    if codes.size and int(codes.max()) > 0xFFFF:
        kinds = np.where(codes > 0xFFFF, _TOKEN, kinds)
    letters = kinds == _LETTER
    singles = np.flatnonzero(kinds == _TOKEN)
    finishes = np.zeros(0, np.int64)
    hashes: list[NDArray[np.uint64]] = []
    spans: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    if letters.any():
        wide = codes.astype(np.uint64)
        wide[(wide >= 0x30) & (wide < 0x3A)] = _U64(0x30)
        edges = np.diff(letters.view(np.int8), prepend=0, append=0)
        begins, finishes = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        sums = np.concatenate(([_U64(0)], np.cumsum(wide * _DOWN[: wide.size], dtype=np.uint64)))
        words = (sums[finishes] - sums[begins]) * _UP[begins]
        _inside_words(wide, letters, hashes, spans)
        starts = np.concatenate((begins, singles))
        ends = np.concatenate((finishes, singles + 1))
        tokens = _mixed(np.concatenate((words, wide[singles])), _SALT[0])
        order = np.argsort(starts, kind="stable")
        starts, ends, tokens = starts[order], ends[order], tokens[order]
    else:
        starts, ends = singles, singles + 1
        tokens = _mixed(codes[starts].astype(np.uint64), _SALT[0])
    run = tokens
    for length in range(1, 4):
        if length > 1:
            run = run[:-1] * _RUN + tokens[length - 1 :]
        if not run.size:
            break
        hashes.append(_mixed(run, _SALT[length]))
        spans.append((starts[: run.size], ends[length - 1 :]))
    if not hashes:
        none = np.zeros(0, np.int64)
        return Grams(np.zeros(0, np.uint64), none, none, none, none)
    first, last = (np.concatenate(several) for several in zip(*spans, strict=True))
    return Grams(np.concatenate(hashes), first, last, finishes, singles + 1)


def _inside_words(
    codes: NDArray[np.uint64],
    letters: NDArray[np.bool_],
    hashes: list[NDArray[np.uint64]],
    spans: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> None:
    """Add runs of three and four characters of words; a word's edges count as characters."""
    edged = np.zeros(codes.size + 2, np.uint64)
    edged[1:-1] = np.where(letters, codes, _U64(0))
    inner = np.zeros(codes.size + 2, np.bool_)
    inner[1:-1] = letters
    run = edged
    whole = middle = inner[1:-1]
    for length in range(2, 5):
        run = run[:-1] * _RUN + edged[length - 1 :]
        if length < 3:
            continue
        # All but the first and the last must be letters.
        whole = middle if length == 3 else whole[:-1] & inner[length - 2 : -1]
        at = np.flatnonzero(whole)
        hashes.append(_mixed(run[at], _SALT[8 + length]))
        spans.append((np.maximum(at - 1, 0), np.minimum(at + length - 1, codes.size)))
