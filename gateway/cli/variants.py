"""Writes the disguises of a term out, for word lists that must count them: deterministic, seeded.

The gateway sees through most disguises without any of this (``disguise``). Lists that go to a regulator or
into another product, and terms whose disguise no view undoes, need them as lines of their own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from gateway.detectors.wordlist import LONGEST, Entry
from gateway.glyphs import glyphs

_SIGNS: Final = ("-", "*", "·", "_", "|", "/", "~", "+", " ")
_LEET: Final = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}


def variants(entries: Iterable[Entry], ways: Sequence[str], *, most: int = 3, seed: int = 0) -> Iterator[Entry]:
    """Yield disguised terms of word lists, none of them a term itself, each once a risk.

    Args:
        entries: The terms.
        ways: Names in ``WAYS``.
        most: How many variants of a term each way makes at most.
        seed: The same seed gives the same variants, whatever the order of the lists.

    Raises:
        ValueError: There is no such way.
    """
    for way in ways:
        if way not in WAYS:
            raise ValueError(f"unknown way {way!r}; there are: {', '.join(WAYS)}")
    lines = sorted({(entry.risk, entry.term): entry for entry in entries}.items())
    taken = {key for key, _ in lines}
    for (risk, term), entry in lines:
        for way in ways:
            source = random.Random(f"{seed} {way} {term}")
            for said in WAYS[way](term, source, most):
                if said != term and len(said) <= LONGEST and (risk, said) not in taken:
                    taken.add((risk, said))
                    yield entry._replace(term=said, views=frozenset(), source=f"{entry.source} ({way})".strip())


def _traditional(term: str, source: random.Random, most: int) -> Iterator[str]:
    """Every character that has another form takes it."""
    del source, most
    table = _forms()
    said = "".join(table.get(character, character) for character in term)
    if said != term:
        yield said


def _separators(term: str, source: random.Random, most: int) -> Iterator[str]:
    """The same sign between all characters."""
    bare = term.replace(" ", "")
    for sign in source.sample(_SIGNS, min(most, len(_SIGNS))):
        yield sign.join(bare)


def _pinyin(term: str, source: random.Random, most: int) -> Iterator[str]:
    """One character in syllables, or all of them, or all initials but the first."""
    table = glyphs("pinyin")
    said = [table.get(character, "") for character in term]
    places = [at for at, syllable in enumerate(said) if syllable]
    if len(places) < 2:
        return
    yield "".join(syllable or term[at] for at, syllable in enumerate(said))
    for at in source.sample(places, min(most - 1, len(places))):
        yield f"{term[:at]}{said[at]}{term[at + 1 :]}"


def _homophones(term: str, source: random.Random, most: int) -> Iterator[str]:
    """One character becomes another common one of the same sound."""
    places = [at for at, character in enumerate(term) if len(_alike().get(character, "")) > 1]
    for at in source.sample(places, min(most, len(places))):
        others = [one for one in _alike()[term[at]] if one != term[at]]
        yield f"{term[:at]}{source.choice(others)}{term[at + 1 :]}"


def _split(term: str, source: random.Random, most: int) -> Iterator[str]:
    """One character becomes its two or three components."""
    table = glyphs("split")
    places = [at for at, character in enumerate(term) if 2 <= len(table.get(character, "")) <= 3]
    for at in source.sample(places, min(most, len(places))):
        yield f"{term[:at]}{table[term[at]]}{term[at + 1 :]}"


def _leetspeak(term: str, source: random.Random, most: int) -> Iterator[str]:
    """All letters that have a digit, or one of them."""
    places = [at for at, character in enumerate(term) if character in _LEET]
    if not places or not term.isascii():
        return
    yield "".join(_LEET.get(character, character) for character in term)
    for at in source.sample(places, min(most - 1, len(places))):
        yield f"{term[:at]}{_LEET[term[at]]}{term[at + 1 :]}"


WAYS: Final[Mapping[str, Callable[[str, random.Random, int], Iterator[str]]]] = {
    "traditional": _traditional,
    "separators": _separators,
    "pinyin": _pinyin,
    "homophone": _homophones,
    "split": _split,
    "leet": _leetspeak,
}
"""Every way to disguise a term, by name."""


@cache
def _forms() -> Mapping[str, str]:
    """Return for each simplified character the traditional form that most programs write."""
    found: dict[str, str] = {}
    for traditional, simple in sorted(glyphs("simplified").items()):
        if "\u4e00" <= traditional <= "\u9fff" and _in_big5(traditional):
            found.setdefault(simple, traditional)
    return found


def _in_big5(character: str) -> bool:
    return bool(character.encode("big5", "ignore"))


@cache
def _alike() -> Mapping[str, str]:
    """Return for each common character the common ones of the same sound."""
    sounds: dict[str, str] = {}
    for character, sound in glyphs("pinyin").items():
        code = character.encode("gb2312", "ignore")
        if code and code[0] < 0xD8:  # level 1: the characters that everybody can read
            sounds[sound] = sounds.get(sound, "") + character
    return {character: same for same in sounds.values() for character in same}
