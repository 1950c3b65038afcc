"""Puts characters together that stand apart: ``h o w   t o``, ``b-o-m-b``, ``如 何``.

Without its gaps such a text is what a reader sees; as it stands it says nothing to whoever counts words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_SIGNS: Final = re.compile(r"(?:[^\w\u3400-\u9fff@$!]|_)+")
_WORD: Final = re.compile(r"[a-z]{3}|[^\x00-\x7f]")
_LETTER: Final = re.compile("[a-z]")
_HAN: Final = "[\u3400-\u9fff]"
_CHINESE: Final = re.compile(rf"\W{_HAN}(?:\W{{1,3}}{_HAN}){{2,}}")
_BEFORE: Final = re.compile(rf"(?<={_HAN})\W{{1,3}}\Z")
_GAP: Final = re.compile(r"\W+")
_LETTERS: Final = 4
"""So many letters stand apart at least,"""
_NUMBERS: Final = 24
"""and longer rows of digits and signs are no date, no amount and no number that people know by heart."""


def runs(stretch: str) -> list[str]:
    """Return the words of single letters with gaps between: a wider gap than most parts two words.

    Args:
        stretch: It begins and ends with a letter.
    """
    letters, gaps = _SIGNS.split(stretch), _SIGNS.findall(stretch)
    if not gaps:
        return letters
    usual = len(Counter(gaps).most_common(1)[0][0])
    said = [letters[0]]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if len(gap) > usual:
            said.append(letter)
        else:
            said[-1] += letter
    return said


def chinese(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where Chinese characters stand apart, three in a row or more, and what they are without the gaps.

    Args:
        text: Folded.
    """
    if text.isascii():
        return
    for match in _CHINESE.finditer(text):
        gap = _BEFORE.search(text, max(0, match.start() - 2), match.start() + 1)
        start = gap.start() - 1 if gap else match.start() + 1
        yield start, match.end(), _GAP.sub("", text[start : match.end()])


def legible(text: str) -> str:
    """Return what a text says to those who count words.

    Letters that stand apart are put together, if no word is there as it stands; a long row of numbers says nothing, and
    comes back empty. Three letters in a row, or a sign of another script, count as a word: most texts stay as they are.

    Args:
        text: Folded.
    """
    if _WORD.search(text):
        return text
    if _LETTER.search(text) is None:
        return "" if len(text) > _NUMBERS else text
    if sum(len(part) == 1 for part in _SIGNS.split(text)) < _LETTERS:
        return text
    together = " ".join(runs(text.strip()))
    return together if _WORD.search(together) else text
