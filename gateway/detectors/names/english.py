"""English names: each run of capitalised words is judged with two words on either side, and by no others.

So it does not matter where a text was cut, as long as 128 characters before it are there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

Label = Literal["none", "person", "place", "organisation"]
LABELS: Final[tuple[Label, ...]] = ("none", "person", "place", "organisation")
BEHIND: Final = 128
"""How many characters before a view are enough: a whole run, and two words before it."""

RUN_WORDS: Final = 6
RUN_WIDTH: Final = 48
AHEAD: Final = 40
# A word with what holds it together, an initial with its full stop, a number, a mark.
_LETTER: Final = "A-Za-z\u00c0-\u024f"
TOKEN: Final = re.compile(
    rf"(?<![{_LETTER}])[A-Z]\.(?![{_LETTER}]{{2}})|[{_LETTER}]+(?:['’-][{_LETTER}]+)*?(?=['’][sS](?![{_LETTER}])|[^{_LETTER}'’-]|['’-](?![{_LETTER}])|\Z)"
    rf"|['’][sS](?![{_LETTER}])|[0-9]+|\n|[^\s\w]|_|[\u3400-\u9fff]"
)
_TITLES: Final = (
    "mr mrs ms miss dr prof professor sir madam lord lady president senator captain judge officer mr. mrs. ms. dr. "
    "prof. sgt. capt. rev. hon. gov. sen. rep. lt. col. gen. detective nurse coach"
)
TITLES: Final = frozenset(_TITLES.split())
"""Words before a name that are no part of it."""
_RANKS: Final = (
    "admiral agent ambassador archbishop baron baroness bishop brigadier cardinal chairman chancellor chief colonel "
    "commander commissioner congressman congresswoman constable corporal councillor count countess duchess duke "
    "emperor empress general governor inspector justice king lieutenant major mayor minister pope prince princess "
    "private queen rabbi reverend secretary sergeant superintendent"
)
RANKS: Final = frozenset(_RANKS.split())
"""Words that are no part of a name where they begin it and more of it follows: General Grant, but Stephen King."""

# Small words inside of names: Ludwig van Beethoven, Juan de la Cruz, Bank of America.
INSIDE: Final = frozenset(
    [
        "de",
        "da",
        "del",
        "della",
        "der",
        "den",
        "di",
        "dos",
        "du",
        "el",
        "al",
        "bin",
        "ibn",
        "la",
        "le",
        "ten",
        "ter",
        "van",
        "von",
        "of",
        "and",
        "&",
    ]
)
_BETWEEN: Final = frozenset(("of", "and", "&"))  # never inside of a person's name


class Token(NamedTuple):
    """A word, a number or a mark and where it stands."""

    text: str
    start: int
    end: int


def tokens(text: str, start: int = 0, end: int = sys.maxsize) -> list[Token]:
    """Return the tokens of a text from an offset on, up to another."""
    return [Token(match.group(), *match.span()) for match in TOKEN.finditer(text, start, end)]


def may_be_name(text: str) -> bool:
    """Whether a token can be part of a name: it begins with a capital letter, and is not the word I."""
    return text[0].isupper() and text != "I"


@lru_cache(1024)
def shape(text: str) -> str:  # noqa: PLR0911
    """Return how a token is written: capitals, small letters, digits, marks."""
    if text == "\n":
        return "n"
    first = text[0]
    if first.isdigit():
        return "9"
    if not first.isalpha():
        return text[:1]
    if len(text) == 2 and text[1] == ".":
        return "A."
    if text.isupper():
        return "AA" if len(text) > 1 else "A"
    if first.isupper():
        return "Aa" if text[1:].islower() else "AaA"
    return "a"


def run_end(words: Sequence[str], at: int) -> int:
    """Return where the run of capitalised words ends that begins at ``at``, small words inside of it included."""
    end = at + 1
    size = len(words)
    while end < size:
        if words[end] and may_be_name(words[end]):
            end += 1
        elif words[end] in INSIDE and end + 1 < size and words[end + 1] and may_be_name(words[end + 1]):
            end += 2
        elif (
            words[end] in INSIDE
            and end + 2 < size
            and words[end + 1] in INSIDE
            and words[end + 2]
            and may_be_name(words[end + 2])
        ):
            end += 3
        else:
            break
    return end
