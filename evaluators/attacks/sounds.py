"""What Chinese characters sound like: syllables, tones, Bopomofo, characters of the same sound."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from evaluators.attacks.attack import CHINESE, Attack, writing
from gateway.glyphs import glyphs
from gateway.glyphs.bopomofo import bopomofo, syllables
from gateway.views import layer

_MARKED: Final = {"a": "āáǎàa", "e": "ēéěèe", "i": "īíǐìi", "o": "ōóǒòo", "u": "ūúǔùu", "v": "ǖǘǚǜü"}
_UNMARKED: Final = {mark: letter for letter, marks in _MARKED.items() for mark in marks}


@cache
def ordinary() -> frozenset[str]:
    """Return the characters of GB 2312's first level: those that everybody reads."""
    codes = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset(bytes(code).decode("gb2312", "ignore") for code in codes) - {""}


def spelled(text: str, say: Callable[[str], str | None]) -> str:
    """Write each character that can be said as it sounds, with spaces between syllables and words."""
    pieces: list[str] = []
    before = ""
    for character in text:
        said = say(character)
        if said is None:
            pieces.append(f" {character}" if before and character.isalnum() and character.isascii() else character)
            before = ""
        else:
            pieces.append(f" {said}" if before or (pieces and pieces[-1][-1:].isalnum()) else said)
            before = said
    return "".join(pieces)


def toned(syllable: str, tone: str) -> str:
    """Put the mark of a tone where it belongs: on a or e, on the o of ou, else on the last vowel."""
    at = next((syllable.index(vowel) for vowel in ("a", "e", "ou") if vowel in syllable), -1)
    if at < 0:
        at = max(syllable.rfind(vowel) for vowel in "iouv")
    if at < 0:
        return syllable
    marked = syllable[:at] + _MARKED[syllable[at]][int(tone) - 1] + syllable[at + 1 :]
    return marked.replace("v", "ü")


def sound(text: str) -> str:
    """Return how a text sounds: letters of its syllables without tones, and nothing between."""
    return re.sub(r"[\W_]+", "", layer("pinyin")(text).text).casefold()


def _toneless(text: str) -> str:
    plain = "".join(_UNMARKED.get(letter, letter) for letter in text)
    return sound(plain)


def _from_bopomofo(text: str) -> str:
    found = syllables()
    return sound(re.sub("[ㄅ-ㄩ]+", lambda match: found.get(match[0], match[0]), text))


def _initials_only(text: str) -> str:
    return re.sub(r"[\W_]+", "", spelled(text, lambda c: glyphs("pinyin")[c][0] if c in glyphs("pinyin") else None))


def _toned(character: str) -> str | None:
    said = glyphs("pinyin").get(character)
    return toned(said, glyphs("tones").get(character, "5")) if said else None


def _bopomofo(character: str) -> str | None:
    said = glyphs("pinyin").get(character)
    return (bopomofo(said) or None) if said else None


@cache
def of_sound() -> Mapping[str, tuple[str, ...]]:
    """Return the ordinary characters of each syllable."""
    found: dict[str, list[str]] = {}
    for character, said in glyphs("pinyin").items():
        if character in ordinary():
            found.setdefault(said, []).append(character)
    return {said: tuple(sorted(characters)) for said, characters in found.items()}


def _homophone(text: str, rng: random.Random) -> str:
    readings, same = glyphs("pinyin"), of_sound()

    def other(character: str) -> str:
        choices = [one for one in same.get(readings.get(character, ""), ()) if one != character]
        return rng.choice(choices) if choices and rng.random() < 0.7 else character

    return "".join(map(other, text))


def sounds() -> tuple[Attack, ...]:
    """Return the attacks that write what is heard."""
    return (
        writing("pinyin", "chinese", CHINESE, lambda text: spelled(text, glyphs("pinyin").get), same=sound),
        writing("pinyin-toned", "chinese", CHINESE, lambda text: spelled(text, _toned), same=_toneless),
        writing(
            "pinyin-initials",
            "chinese",
            CHINESE,
            lambda text: "".join(glyphs("pinyin")[c][0] if c in glyphs("pinyin") else c for c in text),
            same=_initials_only,
        ),
        writing("bopomofo", "chinese", CHINESE, lambda text: spelled(text, _bopomofo), same=_from_bopomofo),
        writing("homophone", "chinese", CHINESE, _homophone, same=sound, random_too=True),
    )
