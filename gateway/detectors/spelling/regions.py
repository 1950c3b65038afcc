"""Finds the stretches of a text whose spelling is so odd that it may be a disguise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from gateway.detectors.spelling.chinese import spoken
from gateway.detectors.spelling.table import Letters, Words

ODD: Final = -9.5
"""So likely at most, in nats, a character is after the one before, and the next after it, that is odd."""
_HAN: Final = re.compile("[\u3400-\u9fff]+")
_SYLLABLE: Final = "(?:[a-zü]+[1-5]?|[\u3105-\u3129]+)"
# It begins with the set of what it may begin with: places without one cost next to nothing.
_SPOKEN: Final = re.compile(
    r"[a-zü\u3105-\u3129](?<![^\W\u3400-\u9fff\u3100-\u312f].)(?:(?<=[a-zü])[a-zü]*[1-5]?|(?<=[\u3105-\u3129])[\u3105-\u3129]*)"
    rf"(?:[ '·.-]{{0,2}}{_SYLLABLE})*"
)
_SYLLABLES: Final = re.compile("[a-zü]+|[\u3105-\u3129]+")
_BESIDE: Final = 3
_FEW_HAN: Final = re.compile(f"[\u3400-\u9fff]{{1,{_BESIDE}}}")
_COMMON: Final = -12.0
"""A word that is likelier than this is an English one, however it sounds."""


class Region(NamedTuple):
    """A stretch to be read.

    Attributes:
        start: Where it begins, with what stands before it for company,
        end: exclusive, with what follows it.
        first: Where what is odd begins,
        last: exclusive.
        spoken: Whether it is written as it sounds.
    """

    start: int
    end: int
    first: int
    last: int
    spoken: bool


def regions(letters: Letters, words: Words, text: str, *, spelled: bool = True) -> list[Region]:
    """Return the odd stretches of a folded text, in order, none over another.

    Args:
        letters: How likely characters are.
        words: What is English.
        text: Folded.
        spelled: Whether it may hold syllables at all.
    """
    found = [*_odd(letters, text), *(_spoken(words, text) if spelled else ())]
    found.sort()
    merged: list[Region] = []
    for one in found:
        if merged and one.start <= merged[-1].end:
            before = merged[-1]
            merged[-1] = Region(
                before.start,
                max(before.end, one.end),
                min(before.first, one.first),
                max(before.last, one.last),
                before.spoken or one.spoken,
            )
        else:
            merged.append(one)
    return merged


def _odd(letters: Letters, text: str) -> Iterator[Region]:
    """Yield what is odd, and what stands beside it; what meets is one."""
    start = end = first = last = -1
    for at in letters.odd(text, ODD).tolist():
        stop = _on(text, at + 1)
        if at <= end:  # beside what is odd already, with nothing but Chinese between
            end, last = stop, min(stop, at + 3)
            continue
        begin = _back(text, at)
        if stop - begin == 1:
            continue
        if begin > end:
            if end > 0:
                yield Region(start, end, first, last, spoken=False)
            start, first = begin, max(begin, at - 2)
        end, last = stop, min(stop, at + 3)
    if end > 0:
        yield Region(start, end, first, last, spoken=False)


def _spoken(words: Words, text: str) -> Iterator[Region]:
    """Yield what is written in syllables: more than one, or one beside a Chinese character."""
    for match in _SPOKEN.finditer(text):
        parts = list(_SYLLABLES.finditer(text, *match.span()))
        strange = [words.often.get(part.group(), -99.0) < _COMMON for part in parts]
        # Most words are English, and are not looked at again.
        if not any(odd and _sounds(part.group()) for part, odd in zip(parts, strange, strict=True)):
            continue
        run: list[tuple[int, int, int, bool]] = []
        for part, odd in (*zip(parts, strange, strict=True), (None, False)):
            sounds = 0 if part is None else _sounds(part.group())
            if part is not None and sounds:
                run.append((*part.span(), sounds, odd))
                continue
            if run and _is_spelled(text, run):
                first, last = run[0][0], run[-1][1]
                yield Region(_back(text, first), _on(text, last), first, last, spoken=True)
            run = []


def _sounds(word: str) -> int:
    return 1 if word[0] > "ü" else spoken(word)


def _is_spelled(text: str, run: list[tuple[int, int, int, bool]]) -> bool:
    """Whether words are syllables rather than English: enough of them are no English word."""
    told = sum(sounds for _, _, sounds, strange in run if strange)
    every = sum(sounds for _, _, sounds, _ in run)
    if told * 2 < every:
        return False
    first, last = run[0][0], run[-1][1]
    beside = _HAN.match(text[first - 1 : first]) or _HAN.match(text[last : last + 1])
    return told >= (1 if beside else 3)


def _back(text: str, at: int) -> int:
    """Return where the Chinese characters that stand just before a place begin, a few at most."""
    start = at
    while start > 0 and at - start < _BESIDE and "\u3400" <= text[start - 1] <= "\u9fff":
        start -= 1
    return start


def _on(text: str, at: int) -> int:
    """Return where the Chinese characters that stand just behind a place end, a few at most."""
    found = _FEW_HAN.match(text, at)
    return found.end() if found else at
