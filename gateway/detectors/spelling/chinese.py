"""Finds the likeliest ordinary Chinese text that a stretch of disguised Chinese stands for.

A stretch may hold characters that sound or look like others (``昨药``), characters taken apart (``火乍``),
syllables in Latin letters (``zha yao``, ``zha4``, ``zhayao``) or in Bopomofo. Each is a noisy writing of a
character; of all texts that it may stand for, the likeliest is found with a table of pairs (Viterbi 1967;
Kernighan, Church and Gale 1990). What is ordinary as it stands stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.spelling.table import BEGIN, END, PARTS, STEP, Floats, Ids, Letters
from gateway.glyphs import read

_APART, _LATIN, _GAP = -1.0, -0.5, 0.0
"""What it takes from the likelihood of a reading, in nats, that a character is written in such a way."""
_LONGEST: Final = 6
"""Letters of the longest syllable."""
_REMEMBERED: Final = 4096
_BETWEEN: Final = frozenset(" '1234567890-·.")
_LETTERS: Final = re.compile("[a-zü]")
_HAN: Final = re.compile("[\u3400-\u9fff]+")


class Read(NamedTuple):
    """A reading of a stretch.

    Attributes:
        text: What it says.
        chance: How likely that is, each disguise taken off, in nats.
        changed: How many characters are not what stands there.
    """

    text: str
    chance: float
    changed: int


class _Step(NamedTuple):
    """A way to go on: characters that what stands from ``start`` may stand for."""

    start: int
    numbers: list[int]
    costs: list[float]


class _Reached(NamedTuple):
    """What the text up to a place may end with."""

    numbers: Ids
    chances: Floats
    back: list[tuple[int, int]]
    """For each number where the step began, and which of the characters there came before."""


@cache
def syllables() -> frozenset[str]:
    """Return every syllable, in Latin letters without tones."""
    return frozenset(read("pinyin").values())


@lru_cache(_REMEMBERED)
def spoken(word: str) -> int:
    """Return how many syllables a word of Latin letters falls into at least; 0 if it does not."""
    word = word.replace("ü", "v")
    least = [0, *[_LONGEST * len(word)] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            if word[start:end] in syllables() and (start == 0 or least[start] < _LONGEST * len(word)):
                least[end] = min(least[end], least[start] + 1)
    return least[-1] if word and least[-1] < _LONGEST * len(word) else 0


def reading(letters: Letters, stretch: str, first: int, last: int, bopomofo: Mapping[str, str]) -> Read | None:
    """Read a stretch.

    Args:
        letters: The table.
        stretch: Folded; Chinese characters, syllables and what stands between them.
        first: What stands before is taken as it is,
        last: and what stands from here on.
        bopomofo: The syllable of each writing in Bopomofo.

    Returns:
        The likeliest reading, or None if there is none.
    """
    if is_one_by_one(letters, stretch, first, last):
        return one_by_one(letters, stretch, first, last)
    size = len(stretch)
    steps: list[list[_Step]] = [[] for _ in range(size + 1)]
    for start in range(size):
        for end, numbers, costs in _ways(letters, stretch, start, open=first <= start < last, bopomofo=bopomofo):
            steps[end].append(_Step(start, numbers, costs))
    reached: list[_Reached | None] = [None] * (size + 1)
    reached[0] = _Reached(np.array([letters.number[BEGIN]]), np.zeros(1, np.float32), [(-1, 0)])
    for end in range(1, size + 1):
        reached[end] = _arrived(letters, reached, steps[end])
    ended = reached[size]
    if ended is None:
        return None
    total = ended.chances + letters.follows(ended.numbers, np.full(ended.numbers.size, letters.number[END]))
    return _told(letters, stretch, reached, int(total.argmax()), float(total.max()))


def is_one_by_one(letters: Letters, stretch: str, first: int, last: int) -> bool:
    """Whether each character of a stretch stands for one: it is Chinese, and nothing of it is taken apart."""
    return _HAN.fullmatch(stretch) is not None and not _apart(letters, stretch[first:last])


def _apart(letters: Letters, stretch: str) -> bool:
    """Whether somewhere in a stretch the components of a character stand side by side."""
    return any(
        stretch[start:end] in letters.wholes
        for start, one in enumerate(stretch)
        if one in letters.begins
        for end in range(start + 2, min(start + PARTS, len(stretch)) + 1)
    )


def one_by_one(letters: Letters, stretch: str, first: int, last: int, least: float | None = None) -> Read | None:
    """Read a stretch in which each character stands for one: those from ``first`` to ``last`` maybe for another.

    Args:
        letters: The table.
        stretch: Chinese characters.
        first: What stands before is taken as it is,
        last: and what stands from here on.
        least: How much likelier than what stands there a reading has to be, in nats; None for any.

    Returns:
        The likeliest reading, or None if it is not so likely.
    """
    ways = [letters.stands_for(one) if first <= at < last else letters.itself(one) for at, one in enumerate(stretch)]
    before = letters.itself(BEGIN)
    taken = before.steps  # in whole steps of less likelihood, which add up faster
    came: list[NDArray[np.int64]] = []
    for way in (*ways, letters.itself(END)):
        came.append(letters.steps(before, way) + taken[:, None])
        taken = np.minimum.reduce(came[-1]) + way.steps
        before = way
    chance = -STEP * int(taken[0])
    if least is not None and chance - float(letters.chances(stretch).sum()) < least:
        return None
    said: list[str] = []
    place = 0
    for at in range(len(stretch), 0, -1):
        place = int(came[at][:, place].argmin())
        one = letters.text[int(ways[at - 1].numbers[place])]
        said.append(stretch[at - 1] if one == END else one)
    text = "".join(reversed(said))
    return Read(text, chance, sum(a != b for a, b in zip(text, stretch, strict=True)))


def _ways(
    letters: Letters, stretch: str, start: int, *, open: bool, bopomofo: Mapping[str, str]
) -> Iterator[tuple[int, list[int], list[float]]]:
    """Yield how one may go on from ``start``: to where, as which characters, at which costs."""
    here = stretch[start]
    if here in _BETWEEN:
        yield start + 1, [], [_GAP]
        return
    if _LETTERS.match(here):
        for end in range(start + 1, min(start + _LONGEST, len(stretch)) + 1):
            if ones := letters.sounds.get(stretch[start:end].replace("ü", "v")):
                yield end, ones, [_LATIN] * len(ones)
        return
    for end in range(start + 1, min(start + 3, len(stretch)) + 1):
        if ones := letters.sounds.get(bopomofo.get(stretch[start:end], "")):
            yield end, ones, [_LATIN] * len(ones)
    if open:
        for end in range(start + 2, min(start + PARTS, len(stretch)) + 1):
            whole = letters.wholes.get(stretch[start:end])
            if whole is not None:
                yield end, [whole], [_APART]
    way = letters.stands_for(here) if open else letters.itself(here)
    yield start + 1, way.numbers.tolist(), way.costs.tolist()


def _arrived(letters: Letters, reached: list[_Reached | None], steps: list[_Step]) -> _Reached | None:
    numbers: list[NDArray[np.intp]] = []
    chances: list[Floats] = []
    back: list[tuple[int, int]] = []
    for start, ones, costs in steps:
        before = reached[start]
        if before is None:
            continue
        if not ones:  # nothing is said between
            numbers.append(before.numbers)
            chances.append(before.chances)
            back += [(start, at) for at in range(before.numbers.size)]
            continue
        after = np.array(ones, np.intp)
        pairs = letters.follows(before.numbers[:, None], after[None]) + before.chances[:, None]
        best = pairs.argmax(0)
        numbers.append(after)
        chances.append(pairs[best, np.arange(after.size)] + np.array(costs, np.float32))
        back += [(start, at) for at in best.tolist()]
    if not numbers:
        return None
    return _Reached(np.concatenate(numbers), np.concatenate(chances), back)


def _told(letters: Letters, stretch: str, reached: list[_Reached | None], at: int, chance: float) -> Read:
    said: list[str] = []
    changed = 0
    place = len(stretch)
    while place > 0:
        state = reached[place]
        if state is None:  # cannot be: a state is only reached from another
            break
        start, before = state.back[at]
        between = place - start == 1 and stretch[start] in _BETWEEN
        if not between:
            one = letters.text[int(state.numbers[at])]
            standing = stretch[start:place]
            said.append(standing if one == END else one)
            changed += one not in (standing, END)
        place, at = start, before
    return Read("".join(reversed(said)), chance, changed)
