"""Finds the words that disguised English stands for: digits for letters, gaps in words, letters out of order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from gateway.detectors.apart import runs
from gateway.detectors.spelling.table import MIXED, Words, jumbled
from gateway.views import layer

# Each begins with the set of what it may begin with: places without one cost next to nothing.
_TOKEN: Final = re.compile(r"[a-z0-9@$!|+](?<![a-z0-9@$!|+].)[a-z0-9@$!|+]{0,31}(?![a-z0-9@$|+])")
_PIG: Final = re.compile(r"(?<![a-z])([a-z]{1,16})-([a-z]{0,4})ay(?![a-z])")
# Single letters with signs between, four of them or more; a wider gap parts words.
_APART: Final = re.compile(
    r"[a-z0-9@$!](?<![^\W_].)(?:(?:[^\w\u3400-\u9fff]|_){1,3}[a-z0-9@$!](?![a-z0-9])){3,}(?![^\W_])"
)
_LETTERS: Final = 4
_SHORTEST: Final = 3
_SEVERAL: Final = 2
_LONGEST: Final = 20
_STRANGE: Final = -14.0
"""How likely a letter is that belongs to no word, in nats."""


class Spelled(NamedTuple):
    """A stretch that says something else.

    Attributes:
        start: Where it begins,
        end: exclusive.
        text: What it says.
        sure: Whether hardly anything else can look so; letters out of order may be a word of another language.
    """

    start: int
    end: int
    text: str
    sure: bool = True


def undone(words: Words, text: str) -> Iterator[Spelled]:
    """Yield the stretches of a folded text that are English in disguise, in order, none over another."""
    found = [*_together(words, text), *_turned(words, text), *_each(words, text)]
    end = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            yield one
            end = one.end


def _together(words: Words, text: str) -> Iterator[Spelled]:
    """Yield letters that stand apart, put together, and cut into words."""
    for match in _APART.finditer(text):
        if "://" in text[: match.start()].rpartition(" ")[2]:
            continue  # an address
        if sum(map(str.isalpha, match.group())) < _LETTERS - 1:
            continue  # a list of numbers
        said = runs(match.group())
        plain = [run if run.isalpha() else layer("leet")(run).text for run in said]
        yield Spelled(*match.span(), " ".join(plain if len(plain) > 1 else (cut(words, plain[0]),)))


def _turned(words: Words, text: str) -> Iterator[Spelled]:
    """Yield words whose beginning was moved to the end: ``ild-buay``."""
    for match in _PIG.finditer(text) if "-" in text else ():
        word = match[2] + match[1]
        if word in words.often:
            yield Spelled(*match.span(), word)


def _each(words: Words, text: str) -> Iterator[Spelled]:
    tokens = list(_TOKEN.finditer(text))
    found = [(token, _read(words, token.group())) for token in tokens]
    strange = sum(one is not None and not token.group().isalpha() for token, one in found)
    for token, one in found:
        # Where several words hold digits for letters, short ones and those of digits alone do too.
        plain = one or (_leet(words, token.group()) if strange >= _SEVERAL else None)
        if plain is not None:
            end = token.start() + len(token.group().rstrip("!+"))
            yield Spelled(token.start(), end, plain, not token.group().isalpha())


def _read(words: Words, token: str) -> str | None:
    """Return the word that a token stands for, unless it is one as it stands."""
    bare = token.rstrip("!+")  # what ends a sentence ends no word
    if bare in words.often or not any(map(str.isalpha, bare)):
        return None
    if not bare.isalpha():
        return _leet(words, token) if len(bare) >= _SHORTEST else None
    if len(bare) >= MIXED:
        other = words.mixed.get(jumbled(bare))
        if other is not None and sum(a != b for a, b in zip(bare, other, strict=True)) <= len(bare) // 2:
            return other
    return None


def _leet(words: Words, token: str) -> str | None:
    bare = token.rstrip("!+")
    if bare.isalpha():
        return None
    for way in (bare, _with_ls(bare)):
        plain = layer("leet")(way).text
        if plain in words.often:
            return plain
    return None


def _with_ls(token: str) -> str:
    return token.replace("1", "l")


def cut(words: Words, letters: str) -> str:
    """Cut letters without gaps into the likeliest words."""
    size = len(letters)
    best = [0.0, *[float("-inf")] * size]
    came = [0] * (size + 1)
    for end in range(1, size + 1):
        for start in range(max(0, end - _LONGEST), end):
            often = words.often.get(letters[start:end], _STRANGE * (end - start))
            if best[start] + often > best[end]:
                best[end], came[end] = best[start] + often, start
    pieces: list[str] = []
    end = size
    while end:
        pieces.append(letters[came[end] : end])
        end = came[end]
    return " ".join(reversed(pieces))
