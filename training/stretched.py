"""Makes further texts of texts: joins halves, leaves out words, cuts short; the same for the same seed.

What they show nobody knows any more: they are for a network to be asked what another says of them. A text is only
ever joined with one of its own group, so that what is held out together stays together.
"""

from __future__ import annotations

import random
import re
from collections.abc import Hashable, Iterator, Sequence
from typing import Final

_UNIT: Final = re.compile(r"(?:[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+|[^\w\s])\s*|\s+")
"""A Han character, a word of other letters, a sign; what is blank behind it belongs to it."""
_PAUSE: Final = re.compile(r"[，。？！；：,.?!;:]|\n")
_READ: Final = 300
"""Characters of a text that are used."""
_LONGEST: Final = 512
_JOINED, _THINNED = 0.5, 0.25
"""Shares of the ways; the rest is cut short."""
_LEFT_OUT: Final = 0.15
_AT_PAUSE: Final = 0.6
"""How often a text that has pauses is cut at one."""


def units(text: str) -> list[str]:
    """Cut a text into what may be left out: Han characters, words, signs; nothing gets lost."""
    return _UNIT.findall(text)


def stretched(texts: Sequence[str], groups: Sequence[Hashable], seed: int, times: int = 3) -> Iterator[tuple[int, str]]:
    """Yield for each text so many made of it, each with the place of the text.

    Args:
        texts: What to make them of.
        groups: For each text with which others it may be joined.
        seed: Of all that is drawn.
        times: How many.
    """
    mates: dict[Hashable, list[int]] = {}
    for at, group in enumerate(groups):
        mates.setdefault(group, []).append(at)
    for turn in range(times):
        for at, (text, group) in enumerate(zip(texts, groups, strict=True)):
            chance = random.Random(f"{seed} {turn} {at}")
            yield at, _made(text, texts[chance.choice(mates[group])], chance)


def _made(text: str, other: str, chance: random.Random) -> str:
    mine, way = units(text[:_READ]), chance.random()
    if way < _JOINED:
        theirs = units(other[:_READ])
        parts = [_half(mine, chance, 0.7), _half(theirs, chance, 0.5) if chance.random() < 0.7 else theirs]
        chosen = [unit for part in (parts if chance.random() < 0.7 else parts[::-1]) for unit in part]
    elif way < _JOINED + _THINNED:
        chosen = [unit for unit in mine if chance.random() >= _LEFT_OUT] or mine
    else:
        chosen = _half(mine, chance, 0.5)
    return "".join(chosen)[:_LONGEST]


def _half(some: list[str], chance: random.Random, first: float) -> list[str]:
    """Return what comes before or behind a cut, which is at a pause, or else somewhere in the middle.

    Args:
        some: The units of a text; fewer than four stay whole.
        chance: Draws.
        first: How often it is the first part.
    """
    if len(some) < 4:
        return some
    pauses = [at for at in range(2, len(some) - 1) if _PAUSE.search(some[at])]
    if pauses and chance.random() < _AT_PAUSE:
        cut = chance.choice(pauses) + 1
    else:
        cut = chance.randint(len(some) // 4 + 1, max(len(some) // 4 + 1, 3 * len(some) // 4))
    return some[:cut] if chance.random() < first else some[cut:]
