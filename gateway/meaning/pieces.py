"""Texts cut into the pieces that carry meaning, the same for Chinese, English and both mixed; no segmentation.

``plain`` folds a text first: width, case, traditional characters, look-alikes, and words that ask the same
(``words/same.txt``). Then every stretch of Chinese gives its n-grams, and every word itself and its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from operator import add
from typing import Final

from gateway.packaged import packaged_text
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
    return plainer(fold(text, CANONICAL))


def plainer(canonical: str) -> str:
    """Return a text as it is compared that is folded already."""
    find, same = _same()
    return find.sub(lambda match: same[match.group()], canonical)


def terms(folded: str) -> list[str]:
    """Return what of a plain text may have a vector: n-grams of Chinese, words, pairs of words, parts of words."""
    found: list[str] = []
    before = ""
    for han, word, number, other in _RUN.findall(folded):
        if run := han or other:
            before = ""
            found += run
            longer: list[str] = [*run]
            for size in range(1, min(LONGEST, len(run))):
                longer = [*map(add, longer, run[size:])]
                found += longer
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


def grams(folded: str, *, alone: bool = True) -> list[str]:
    """Return what of a plain text is counted: characters and pairs of Chinese, words and their parts, numbers.

    Args:
        folded: The plain text.
        alone: Whether Chinese characters count alone, too.
    """
    found: list[str] = []
    for han, word, number, other in _RUN.findall(folded):
        if run := han or other:
            if alone:
                found += run
            found += map(add, run, run[1:])
        elif word:
            found.append(word)
            marked = f"<{word}>"
            found += [f"~{marked[at : at + 4]}" for at in range(len(marked) - 3)]
        elif number:
            found.append(number)
    return found


@cache
def _same() -> tuple[re.Pattern[str], dict[str, str]]:
    """Return what finds words that have another to stand for them, and which."""
    same: dict[str, str] = {}
    for line in packaged_text("meaning/words/same.txt").splitlines():
        if line and not line.startswith("#"):
            to, _, ones = line.partition(":")
            word = to.strip()
            same.update(dict.fromkeys((one.strip() for one in ones.split(",")), word))
            same.setdefault(word or " ", word or " ")  # what already says it so is left alone
    return finding(same, "a-z'"), same


def finding(words: Iterable[str], letters: str) -> re.Pattern[str]:
    """Return what finds words in a plain text, of several at a place the longest; Latin ones only whole.

    Args:
        words: Of one script each.
        letters: Before and after a Latin word there is none of these, as in brackets of a pattern.
    """
    # An alternative for each first letter: so places where no word begins are passed over without a look at any.
    beginning: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda one: (-len(one), one)):
        beginning.setdefault(word[0], []).append(re.escape(word[1:]) + (f"(?![{letters}])" if word.isascii() else ""))
    return re.compile(
        "|".join(
            f"{re.escape(first)}{f'(?<![{letters}].)' if first.isascii() else ''}(?:{'|'.join(rests)})"
            for first, rests in beginning.items()
        )
    )
