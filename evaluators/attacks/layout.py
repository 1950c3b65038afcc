"""Width, order and invisible signs: the characters are all there, and stand otherwise."""

from __future__ import annotations

import math
import random
import re
import unicodedata
from typing import Final

from evaluators.attacks.attack import BOTH, ENGLISH, Attack, writing

_INVISIBLE: Final = "\u200b\u200c\u200d\u2060"
_STOPS: Final = "·.-/|*"
_EMPTY: Final = "\u3000"
_OVERRIDE, _END = "\u202e", "\u202c"
_HALF: Final = str.maketrans("。、「」・", "｡､｢｣･")
_DEEPEST: Final = 12


def full_width(text: str) -> str:
    """Write ASCII as wide as Chinese characters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else _EMPTY if c == " " else c for c in text)


def half_width(text: str) -> str:
    """Write wide letters and marks half as wide."""
    return unicodedata.normalize("NFKC", text).translate(_HALF)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _zero_width(text: str, rng: random.Random) -> str:
    return "".join(c + rng.choice(_INVISIBLE) for c in text[:-1]) + text[-1:]


def _visible(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, _INVISIBLE)))


def _stops(text: str, rng: random.Random) -> str:
    return rng.choice(_STOPS).join(text)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def to_columns(text: str) -> str:
    """Write a text from top to bottom, in columns from right to left, as old books do."""
    signs = " ".join(text.split())
    height = min(_DEEPEST, max(2, math.isqrt(max(len(signs), 1))))
    columns = [signs[at : at + height].ljust(height, _EMPTY) for at in range(0, len(signs), height)]
    return "\n".join("".join(column[row] for column in reversed(columns)) for row in range(height))


def from_columns(text: str) -> str:
    """Read columns from right to left."""
    rows = text.split("\n")
    return "".join(row[at] for at in range(len(rows[0]) - 1, -1, -1) for row in rows).rstrip(_EMPTY)


def _backwards(text: str) -> str:
    return text[::-1]


def _overridden(text: str) -> str:
    return f"{_OVERRIDE}{text[::-1]}{_END}"


def _shown(text: str) -> str:
    return text.strip(_OVERRIDE + _END)[::-1]


def _words_backwards(text: str) -> str:
    return " ".join(reversed(text.split(" ")))


def layouts() -> tuple[Attack, ...]:
    """Return the attacks of this family."""
    return (
        writing("full-width", "layout", BOTH, full_width, undo=_normal, same=_normal),
        writing("half-width", "layout", BOTH, half_width, undo=_normal, same=_normal),
        writing("zero-width", "layout", BOTH, _zero_width, undo=_visible, random_too=True),
        writing("spaced", "layout", BOTH, " ".join, same=_bare),
        writing("stops", "layout", BOTH, _stops, same=_letters, random_too=True),
        writing("soft-breaks", "layout", BOTH, "\n".join, same=_bare),
        writing("reversed", "layout", BOTH, _backwards, undo=_backwards),
        writing("words-reversed", "layout", ENGLISH, _words_backwards, undo=_words_backwards),
        writing("vertical", "layout", BOTH, to_columns, undo=from_columns, same=lambda text: " ".join(text.split())),
        writing("bidi", "layout", BOTH, _overridden, undo=_shown),
    )
