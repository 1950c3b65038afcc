"""Reads the first words or letters of lines, or the last ones, where a text says to: an acrostic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from gateway.detectors.encoding.spacing import together
from gateway.ports import Piece

MARKS: Final = (
    *("首字", "藏头", "第一个字", "第一个词", "开头的字", "行首", "首个字", "开头第一", "首词"),
    *("first word", "first words", "first letter", "first letters", "first character", "first characters", "acrostic"),
    *("最后一个字", "最后一个词", "尾字", "末字", "藏尾", "行末", "行尾", "last word", "last words", "last letter"),
    *("last letters", "last character", "last characters", "initial letters", "initial letter"),
)
"""Words that tell of one; in small letters."""

_LEAST: Final = 4
"""A reading of fewer lines says nothing."""
_MOST: Final = 400
_LAST: Final = re.compile("最后一个|尾字|末字|藏尾|行末|行尾|last (?:word|letter|char)", re.IGNORECASE)
_LETTER: Final = re.compile("字母|letter|character", re.IGNORECASE)
_MARKED: Final = re.compile("|".join(MARKS), re.IGNORECASE)
_FIRST_WORD: Final = re.compile(r"[A-Za-z0-9'’-]{1,30}|\S")
_LAST_WORD: Final = re.compile(r"(?:[A-Za-z0-9'’-]{1,30}|[^\s.,;!?。，；！？])(?=[.,;!?。，；！？]{0,2}\Z)")


def acrostic(text: str) -> Iterator[Piece]:
    """Yield what the beginnings (or the ends) of lines say.

    Args:
        text: All of it; one of the marks stands in it.
    """
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((bool(line.strip()), at, line))
        at += len(line) + 1
    # The order stands before the lines or behind them; a line may hold such a word itself.
    full = [number for number, (stands, _, _) in enumerate(lines) if stands]
    told = [number for number in full if _MARKED.search(lines[number][2])]
    orders = [number for number in told[:1] + told[-1:] if number in (told[0], full[-1])]
    for number in orders:
        lines[number] = (False, *lines[number][1:])
    order = "\n".join(lines[number][2] for number in orders)
    last, letter = _LAST.search(order) is not None, _LETTER.search(order) is not None
    for stands, group in groupby(lines, lambda line: line[0]):
        page = list(group)[:_MOST]
        if not stands or len(page) < _LEAST:
            continue
        words = [_word(line, last=last) for _, _, line in page]
        if letter:
            words = [word[-1:] if last else word[:1] for word in words]
        said = "".join(words) if letter else together(words)
        _, end, line = page[-1]
        yield Piece(
            page[0][1], end + len(line), said, "last words of lines" if last else "first words of lines", coded=False
        )


def _word(line: str, *, last: bool) -> str:
    """Return the first word of a line, or its last; a sign where Chinese is written."""
    line = line.strip()
    match = _LAST_WORD.search(line, max(0, len(line) - 40)) if last else _FIRST_WORD.match(line)
    return match.group() if match else ""
