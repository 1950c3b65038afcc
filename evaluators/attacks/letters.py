"""Latin letters in disguise: whoever reads them aloud hears the question."""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Final

from evaluators.attacks.attack import ENGLISH, Attack, writing

_LEET: Final = str.maketrans("aeiostbgAEIOSTBG", "4310578943105789")
_UNLEET: Final = str.maketrans("43105789", "aeiostbg")
_CYRILLIC: Final = dict(zip("aceiopxyABCEHKMOPTXsj", "асеіорхуАВСЕНКМОРТХѕј", strict=True))
_LATIN: Final = {other: letter for letter, other in _CYRILLIC.items()}
_MARKS: Final = "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0323\u0331"
_WORD: Final = re.compile("[A-Za-z]+")
_ONSET: Final = re.compile("([^aeiouAEIOU]*)(.*)", re.DOTALL)
_PIG: Final = re.compile("([A-Za-z]*)-([A-Za-z]*)ay")


def _leet(text: str) -> str:
    return text.translate(_LEET)


def _unleet(text: str) -> str:
    return text.translate(_UNLEET).casefold()


def _alike(text: str) -> str:
    return "".join(_CYRILLIC.get(letter, letter) for letter in text)


def _as_latin(text: str) -> str:
    return "".join(_LATIN.get(letter, letter) for letter in text)


def _marked(text: str, rng: random.Random) -> str:
    return "".join(c + (rng.choice(_MARKS) if _WORD.match(c) else "") for c in text)


def _unmarked(text: str) -> str:
    return "".join(c for c in text if c not in _MARKS)


def _circled(text: str) -> str:
    circles = {"0": "⓪", **{str(digit): chr(0x245F + digit) for digit in range(1, 10)}}
    return "".join(
        chr(0x24B6 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x24D0 + ord(c) - 97) if "a" <= c <= "z" else
        circles.get(c, c)
        for c in text
    )  # fmt: skip


def _mathematical(text: str) -> str:
    return "".join(
        chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c
        for c in text
    )


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _swapped(text: str, rng: random.Random) -> str:
    """Swap two neighbours inside of each word of four letters or more; first and last stay."""

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 4:
            return word
        at = rng.randrange(1, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _WORD.sub(swap, text)


def _ordered(text: str) -> str:
    return _WORD.sub(lambda match: match[0][0] + "".join(sorted(match[0][1:-1])) + match[0][1:][-1:], text)


def _alternating(text: str) -> str:
    return "".join(c.upper() if at % 2 else c.lower() for at, c in enumerate(text))


def _pig_latin(text: str) -> str:
    def turn(match: re.Match[str]) -> str:
        onset = _ONSET.match(match[0])
        return f"{onset[2]}-{onset[1]}ay" if onset else match[0]

    return _WORD.sub(turn, text)


def _from_pig_latin(text: str) -> str:
    return _PIG.sub(lambda match: match[2] + match[1], text)


def letterings() -> tuple[Attack, ...]:
    """Return the attacks of this family."""
    return (
        writing("leetspeak", "letters", ENGLISH, _leet, same=_unleet),
        writing("homoglyph", "letters", ENGLISH, _alike, undo=_as_latin),
        writing("diacritics", "letters", ENGLISH, _marked, undo=_unmarked, random_too=True),
        writing("circled", "letters", ENGLISH, _circled, undo=_normal, same=_normal),
        writing("mathematical", "letters", ENGLISH, _mathematical, undo=_normal, same=_normal),
        writing("swapped-letters", "letters", ENGLISH, _swapped, same=_ordered, random_too=True),
        writing("alternating", "letters", ENGLISH, _alternating, same=str.casefold),
        writing("pig-latin", "letters", ENGLISH, _pig_latin, undo=_from_pig_latin),
    )
