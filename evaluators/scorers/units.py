"""Words and Chinese characters as they are compared: each is looked up once and kept."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from evaluators.scorers.stems import stem

_HAN: Final = "\u3400-\u9fff\uf900-\ufaff"
TOKEN: Final = re.compile(rf"[A-Za-z\u00c0-\u024f]+(?:'[A-Za-z]+)?|\d+(?:[.,:]\d+)*|[{_HAN}]|[^\W\d_]")
MOST: Final = 200_000
"""Different words that are kept; a text that has more makes the table begin anew."""


class Unit(NamedTuple):
    """A word or a Chinese character.

    Attributes:
        key: What is compared: a stem, a character, a number without commas.
        word: As it is written, in lower case.
        content: Whether it carries content, not only grammar.
        capital: Whether it begins with a capital, as names do within a sentence.
        number: Whether it is a number in digits, or a Chinese numeral, which carries no content by itself.
        han: Whether it is a Chinese character.
    """

    key: str
    word: str
    content: bool
    capital: bool
    number: bool
    han: bool


class Units(dict[str, Unit]):
    """The unit of every word that was seen so far.

    Args:
        stopwords: English words without content.
        functional: Chinese characters that carry grammar only.
        numerals: Chinese numerals.
    """

    def __init__(self, stopwords: Collection[str], functional: Collection[str], numerals: Collection[str]) -> None:
        super().__init__()
        self._stopwords, self._numerals = frozenset(stopwords), frozenset(numerals)
        self._empty = frozenset(functional) | self._numerals

    def __missing__(self, token: str) -> Unit:
        """Make the unit of a word that was not seen before."""
        if len(self) >= MOST:
            self.clear()
        made = self[token] = self._made(token)
        return made

    def read(self, text: str) -> list[Unit]:
        """Return the units of a text, in order."""
        return list(map(self.__getitem__, TOKEN.findall(text)))

    def _made(self, token: str) -> Unit:
        lower = token.lower()
        if "\u3400" <= token[0] <= "\ufaff":
            return Unit(token, token, token not in self._empty, False, token in self._numerals, True)
        if token[0].isdigit():
            return Unit(token.replace(",", ""), token, True, False, True, False)
        if lower in self._stopwords:
            return Unit(lower, lower, False, False, False, False)
        return Unit(stem(lower), lower, True, token[0] != lower[0], False, False)
