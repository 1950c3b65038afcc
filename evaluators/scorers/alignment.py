"""Lays a statement beside passages and measures how they differ: what is new, missing, moved, denied or exchanged.

Works on Chinese and English alike: an English word is compared by its stem, Chinese by pairs of
characters. Time grows with the length of the texts, not with their product.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluators.scorers.lexical import clauses, sentences
from evaluators.scorers.quantities import Quantity, quantities
from evaluators.scorers.units import Unit
from evaluators.scorers.words import Words, even

_NUMERIC: Final = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两半零〇]|(?<![a-z])(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen|twenty|thirty|forty|fifty|sixty|ninety)(?![a-z])",
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[,，;；:：.。]")
_BESIDE: Final = 14
"""Characters before and after a number whose words say what it is the number of."""
_LONGEST: Final = 400
"""Characters of a sentence: a longer one is read in pieces, so that no text can make alignment slow."""
Vector = NDArray[np.float32]
Meaning = Callable[[str], Vector]
"""Returns what a text means: a vector of length 1, or zeros."""
Pair = tuple[str, str]
"""Two neighbouring keys."""


@dataclass(slots=True)
class Sentence:
    """A sentence taken apart; what costs time is made when it is first asked for."""

    text: str
    units: list[Unit]
    terms: list[str]
    words: Words
    place: int = 0
    _numbers: list[Quantity] | None = None
    _signs: dict[int, int] | None = None
    _denied: frozenset[str] | None = None
    _keys: frozenset[str] | None = None
    _pairs: frozenset[Pair] | None = None
    _places: dict[str, list[int]] | None = None
    _single: dict[str, int] | None = None
    _clauses: list[Sentence] | None = None
    _denials: int | None = None
    _held: frozenset[str] | None = None
    _vector: Vector | None = None
    _beside: dict[int, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)

    @property
    def numbers(self) -> list[Quantity]:
        """Every quantity of the sentence."""
        if self._numbers is None:
            self._numbers = quantities(self.text, self.words) if _NUMERIC.search(self.text) else []
        return self._numbers

    @property
    def signs(self) -> dict[int, int]:
        """For each pair of opposites: which sides the sentence names, as bits."""
        if self._signs is None:
            self._signs = signs(self)
        return self._signs

    @property
    def held(self) -> frozenset[str]:
        """Its terms."""
        if self._held is None:
            self._held = frozenset(self.terms)
        return self._held

    def vector(self, meaning: Meaning) -> Vector:
        """What the sentence means: of length 1, or zeros."""
        if self._vector is None:
            self._vector = meaning(self.text)
        return self._vector

    def beside(self, number: Quantity) -> tuple[frozenset[str], frozenset[str]]:
        """The terms right before and right after a number of the sentence."""
        found = self._beside.get(number.start)
        if found is None:
            read = self.words.lexis.read
            before = self.text[max(0, number.start - _BESIDE) : number.start]
            after = self.text[number.end : number.end + _BESIDE]
            found = self._beside[number.start] = frozenset(terms(read(before))), frozenset(terms(read(after)))
        return found

    @property
    def denied(self) -> frozenset[str]:
        """The terms that stand shortly after a denial."""
        if self._denied is None:
            self._denied = denied(self)
        return self._denied

    @property
    def denials(self) -> int:
        """How often the sentence denies something."""
        if self._denials is None:
            self._denials = sum(1 for _ in self.words.negations.finditer(self.text.lower()))
        return self._denials

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all units."""
        if self._keys is None:
            self._keys = frozenset(unit.key for unit in self.units)
        return self._keys

    @property
    def pairs(self) -> frozenset[Pair]:
        """Neighbouring keys."""
        if self._pairs is None:
            self._pairs = frozenset(pairwise([unit.key for unit in self.units]))
        return self._pairs

    @property
    def clauses(self) -> list[Sentence]:
        """The clauses of the sentence; itself if it has but one."""
        if self._clauses is None:
            parts = clauses(self.text)
            self._clauses = [_part(part, self.words) for part in parts] if len(parts) > 1 else [self]
        return self._clauses

    @property
    def places(self) -> dict[str, list[int]]:
        """Where each key stands."""
        if self._places is None:
            self._places = {}
            for place, unit in enumerate(self.units):
                self._places.setdefault(unit.key, []).append(place)
        return self._places

    @property
    def single(self) -> dict[str, int]:
        """Where each content word, or Chinese character with the next, stands; -1 if more than once."""
        if self._single is None:
            self._single = {}
            for place, unit in enumerate(self.units):
                if unit.content:
                    paired = unit.han and place + 1 < len(self.units)
                    key = unit.key + self.units[place + 1].key if paired else unit.key
                    self._single[key] = -1 if key in self._single else place
        return self._single


def terms(found: Sequence[Unit]) -> list[str]:
    """Return what is compared: stems of content words, pairs of neighbouring Chinese content characters."""
    if not any(unit.han for unit in found):
        return [unit.key for unit in found if unit.content and not unit.number]
    made: list[str] = []
    last = -2
    for place, unit in enumerate(found):
        if not unit.content:
            continue
        if unit.han:
            if last == place - 1:
                made.append(found[last].key + unit.key)
            last = place
        elif not unit.number:
            made.append(unit.key)
    return made


def take_apart(text: str, words: Words, place: int = 0) -> Sentence:
    """Take a sentence apart.

    Args:
        text: The sentence.
        words: What the scorers go by.
        place: Which passage it is from.
    """
    return _part(even(text), words, place)


def _part(text: str, words: Words, place: int = 0) -> Sentence:
    found = words.lexis.read(text)
    return Sentence(text, found, terms(found), words, place)


def pieces(text: str) -> list[str]:
    """Return the sentences of a text, none longer than can be compared quickly."""
    made = []
    for sentence in sentences(text):
        made += [sentence[at : at + _LONGEST] for at in range(0, len(sentence), _LONGEST)]
    return made


def signs(sentence: Sentence) -> dict[int, int]:
    """Return for each pair of opposites which sides a sentence names: 1, 2, or 3 for both."""
    found: dict[int, int] = {}
    for word in _opposing(sentence):
        for pair, side in sentence.words.sides[word]:
            found[pair] = found.get(pair, 0) | side
    return found


def opposite_in(sentence: Sentence, pair: int, side: int) -> str:
    """Return the sentence's first word on one side of a pair of opposites."""
    return next((word for word in _opposing(sentence) if (pair, side) in sentence.words.sides[word]), "")


def _opposing(sentence: Sentence) -> list[str]:
    sides = sentence.words.sides
    named = [unit.word for unit in sentence.units if not unit.han and unit.word in sides]
    if not sentence.text.isascii():
        named += sentence.words.opposing.find_matches_as_strings(sentence.text)
    return named


def denied(sentence: Sentence) -> frozenset[str]:
    """Return the terms within a few words after a denial, in the same clause."""
    made: list[str] = []
    for match in sentence.words.negations.finditer(sentence.text.lower()):
        after = _STOP.split(sentence.text[match.end() : match.end() + 40], maxsplit=1)[0]
        made += terms(sentence.words.lexis.read(after)[:8])[:5]
    return frozenset(made)


@dataclass(slots=True)
class Passages:
    """All passages of a row, taken apart once for every scorer.

    Attributes:
        sentences: Of all passages, in order.
        bounds: For each passage, by its place, where its sentences begin and end.
        index: For each term the sentences that hold it.
        keys: The keys of all units.
        pairs: Neighbouring keys.
        stems: The first five letters of long English words.
        characters: Every Chinese character.
        folded: All text, in lower case.
    """

    sentences: list[Sentence]
    bounds: dict[int, tuple[int, int]]
    index: dict[str, list[int]]
    keys: frozenset[str]
    pairs: frozenset[Pair]
    stems: frozenset[str]
    characters: frozenset[str]
    folded: str
    _numbers: list[Quantity] | None = None

    @property
    def numbers(self) -> list[Quantity]:
        """Every quantity of the passages."""
        if self._numbers is None:
            self._numbers = [number for sentence in self.sentences for number in sentence.numbers]
        return self._numbers

    def one(self, place: int) -> Passages:
        """Return a passage by itself."""
        begin, end = self.bounds[place]
        return _gathered(self.sentences[begin:end], {place: (0, end - begin)})


def read_passages(texts: Iterable[str], words: Words) -> Passages:
    """Take passages apart."""
    made: list[Sentence] = []
    bounds: dict[int, tuple[int, int]] = {}
    for place, text in enumerate(texts):
        begin = len(made)
        made += [take_apart(piece, words, place) for piece in pieces(text)]
        bounds[place] = (begin, len(made))
    return _gathered(made, bounds)


def _gathered(made: list[Sentence], bounds: dict[int, tuple[int, int]]) -> Passages:
    index: dict[str, list[int]] = {}
    for number, sentence in enumerate(made):
        for term in set(sentence.terms):
            index.setdefault(term, []).append(number)
    keys = frozenset[str]().union(*(sentence.keys for sentence in made))
    return Passages(
        made,
        bounds,
        index,
        keys,
        frozenset[Pair]().union(*(sentence.pairs for sentence in made)),
        frozenset(term[:5] for term in index if len(term) > 4 and term.isascii()),
        frozenset(key for key in keys if not key.isascii()),
        "\n".join(sentence.text for sentence in made).lower(),
    )
