"""Texts cut into the pieces that carry meaning, the same for Chinese, English and both mixed; no segmentation.

``plain`` folds a text first: width, case, traditional characters, look-alikes, and words that ask the same
(``words/same.txt``). Then every stretch of Chinese gives its n-grams, and every word itself and its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from gateway.text import CANONICAL, fold

LONGEST: Final = 4
"""Characters of the longest Chinese n-gram that may have a vector of its own."""
_PARTS: Final = (3, 4, 5)
_RUN: Final = re.compile(
    "([\u3400-\u9fff]+)|([a-z]+(?:'[a-z]+)*)|([0-9]+(?:[.,:/-][0-9]+)*)|([^\\W\\d_a-z\u3400-\u9fff]+)"
)
NUMBER: Final = "0"
"""What stands for any number where only meaning counts."""


def plain(text: str) -> str:
    """Return a text as it is compared: folded, and with one word for each way of asking the same."""
    folded = fold(text, CANONICAL)
    find, same = _same()
    return find.sub(lambda match: same[match.group()], folded)


def terms(folded: str) -> list[str]:
    """Return what of a plain text may have a vector: n-grams of Chinese, words, pairs of words, parts of words."""
    found: list[str] = []
    before = ""
    for han, word, number, other in _runs(folded):
        if run := han or other:
            before = ""
            size = len(run)
            for at in range(size):
                found += [run[at:end] for end in range(at + 1, min(at + LONGEST, size) + 1)]
        elif word:
            found.append(word)
            if before:
                found.append(f"{before} {word}")
            before = word
            marked = f"<{word}>"
            found += [f"~{marked[at : at + n]}" for n in _PARTS for at in range(len(marked) - n + 1)]
        elif number:
            found.append(NUMBER)
            before = ""
    return found


def grams(folded: str) -> list[str]:
    """Return what of a plain text is counted: characters and pairs of Chinese, words and their parts, numbers."""
    found: list[str] = []
    for han, word, number, other in _runs(folded):
        if run := han or other:
            found += run
            found += [run[at : at + 2] for at in range(len(run) - 1)]
        elif word:
            found.append(word)
            marked = f"<{word}>"
            found += [f"~{marked[at : at + 4]}" for at in range(len(marked) - 3)]
        elif number:
            found.append(number)
    return found


def _runs(folded: str) -> Iterator[tuple[str, str, str, str]]:
    for match in _RUN.finditer(folded):
        han, word, number, other = match.groups("")
        yield han, word, number, other


@cache
def _same() -> tuple[re.Pattern[str], dict[str, str]]:
    """Return what finds words that have another to stand for them, and which."""
    same: dict[str, str] = {}
    for line in files("gateway.meaning").joinpath("words", "same.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            to, _, ones = line.partition(":")
            word = to.strip()
            same.update(dict.fromkeys((one.strip() for one in ones.split(",")), word))
            same.setdefault(word or " ", word or " ")  # what already says it so is left alone
    longest_first = sorted(same, key=lambda one: (-len(one), one))
    latin = "|".join(re.escape(one) for one in longest_first if one.isascii())
    other = "|".join(re.escape(one) for one in longest_first if not one.isascii())
    return re.compile(f"(?<![a-z'])(?:{latin})(?![a-z'])|{other}"), same
