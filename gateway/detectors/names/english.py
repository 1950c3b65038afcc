"""English names: each run of capitalised words is judged with two words on either side, and by no others.

So it does not matter where a text was cut, as long as 128 characters before it are there.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import Final, Literal, NamedTuple

_SEEDS: Final = (0, 0x9E3779B9, 0x85EBCA6B)
Label = Literal["none", "person", "place", "organisation"]
LABELS: Final[tuple[Label, ...]] = ("none", "person", "place", "organisation")
FEATURES: Final = 1 << 16
LISTED: Final = 1 << 19
BEHIND: Final = 128
"""How many characters before a view are enough: a whole run, and two words before it."""

RUN_WORDS: Final = 6
RUN_WIDTH: Final = 48
AHEAD: Final = 40
_LONGEST_WORD: Final = 16
# A word with what holds it together, an initial with its full stop, a number, a mark.
_LETTER: Final = "A-Za-z\u00c0-\u024f"
TOKEN: Final = re.compile(
    rf"(?<![{_LETTER}])[A-Z]\.(?![{_LETTER}]{{2}})|[{_LETTER}]+(?:['’-][{_LETTER}]+)*?(?=['’][sS](?![{_LETTER}])|[^{_LETTER}'’-]|['’-](?![{_LETTER}])|\Z)"
    rf"|['’][sS](?![{_LETTER}])|[0-9]+|\n|[^\s\w]|_|[\u3400-\u9fff]"
)
_TITLES: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "professor",
        "sir",
        "madam",
        "lord",
        "lady",
        "president",
        "senator",
        "captain",
        "judge",
        "officer",
        "mr.",
        "mrs.",
        "ms.",
        "dr.",
        "prof.",
        "sgt.",
        "capt.",
        "rev.",
        "hon.",
        "gov.",
        "sen.",
        "rep.",
        "lt.",
        "col.",
        "gen.",
        "detective",
        "nurse",
        "coach",
    ]
)


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
# Sums of weights of all labels are added up in one number, of so many bits each.
_BITS: Final = 16
_ALL: Final = (1 << _BITS) - 1
_SHIFTS: Final = tuple(_BITS * at for at in reversed(range(len(LABELS))))
_REMEMBERED: Final = 16_384
_SAID: Final = 24
"""So much is said of every word."""
_NOTHING: Final = 128 * _SAID
"""What a sum is if nothing of it speaks for a label or against it."""
_BEFORE_A_START: Final = frozenset(("", "\n", ".", "!", "?", '"', ":"))
# What it costs that two neighbours are parts of different things.
_SWITCH: Final = 2.5


class Token(NamedTuple):
    """A word, a number or a mark and where it stands."""

    text: str
    start: int
    end: int


class Part(NamedTuple):
    """A name in a row of words: where it begins and ends, what it names, how sure that is."""

    first: int
    end: int
    label: Label
    sure: float


def tokens(text: str, start: int = 0, end: int = sys.maxsize) -> list[Token]:
    """Return the tokens of a text from an offset on, up to another."""
    return [Token(match.group(), *match.span()) for match in TOKEN.finditer(text, start, end)]


def may_be_name(text: str) -> bool:
    """Whether a token can be part of a name: it begins with a capital letter, and is not the word I."""
    return text[0].isupper() and text != "I"


def _place(feature: str) -> int:
    """Return the place of a feature in a table of weights."""
    return zlib.crc32(feature.encode()) % FEATURES


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


def _bits(word: str) -> list[tuple[int, int]]:
    """Return which bits of which bytes are set in a table that a word was put into."""
    key = word.encode()
    places = [zlib.crc32(key, seed) % LISTED for seed in _SEEDS]
    return [(at >> 3, 1 << (at & 7)) for at in places]


def _is_in(table: bytes, bits: list[tuple[int, int]]) -> bool:
    return all(table[at] & bit for at, bit in bits)


@dataclass(frozen=True, slots=True)
class EnglishNames:
    """What is known of English names: weights, no list.

    Attributes:
        weights: For each label and each place of a feature, in steps of 1/16.
        first: Which words are given names, by hash,
        last: which are surnames,
        common: and which are words that people write in small letters.
    """

    weights: tuple[bytes, ...]
    first: bytes
    last: bytes
    common: bytes

    def flags(self, word: str) -> str:
        """Say of a word in small letters in which tables it is."""
        bits = _bits(word.rstrip("."))
        return (
            ("f" if _is_in(self.first, bits) else "")
            + ("l" if _is_in(self.last, bits) else "")
            + ("c" if _is_in(self.common, bits) else "")
        )

    def features(self, words: Sequence[str], at: int) -> list[int]:
        """Return the places in the table of what can be said of a word and its neighbours; see ``said``."""
        return [_place(feature) for feature in self.said(words, at)]

    def said(self, words: Sequence[str], at: int, flags: Callable[[str], str] | None = None) -> tuple[str, ...]:
        """Return what can be said of a word and its neighbours.

        Args:
            words: Tokens as they are written; empty ones where the text ends.
            at: Which of them; at least two stand before and two behind it.
            flags: Says in which tables a word is; ``self.flags`` if left out.
        """
        flags = flags or self.flags
        near = [_looked_at(word, flags) for word in words[at - 2 : at + 3]]
        bias, whole, *parts = _alone(near[2].low)
        some = _beside(near)
        return (bias, whole, *some[:4], *parts, *some[4:])

    def weight(self, feature: str) -> int:
        """Return how much speaks for each label where something can be said: the last in the lowest bits."""
        place, packed = _place(feature), 0
        for table in self.weights:
            packed = packed << _BITS | table[place]
        return packed


class _Word(NamedTuple):
    """What a word shows, wherever it stands.

    Attributes:
        low: Its beginning in small letters.
        look: How it is written.
        what: In which tables it is,
        beside: and what of that counts for its neighbours.
        starts: Whether a sentence may begin behind it.
        title: Whether it is one.
    """

    low: str
    look: str
    what: str
    beside: str
    starts: bool
    title: bool


def _looked_at(word: str, flags: Callable[[str], str]) -> _Word:
    cut = word[:_LONGEST_WORD]
    low = cut.lower()
    what = flags(low)
    beside = what if cut[:1].isupper() else "."
    return _Word(low, shape(cut or "\n"), what, beside, cut in _BEFORE_A_START, low in _TITLES)


def _alone(low: str) -> tuple[str, ...]:
    """Return what can be said of a word without its neighbours."""
    return ("bias", f"w{low}", f"p{low[:3]}", f"s{low[-3:]}", f"e{low[-2:]}")


def _beside(near: Sequence[_Word]) -> tuple[str, ...]:
    """Return what can be said of a word with two on either side."""
    (low, look_before2, *_), before, word, after, (most, look_after2, *_) = near
    lower, look_before, _, what_before, starts, title_before = before
    less, look, what, _, _, title = word
    more, look_after, _, what_after, _, _ = after
    return (
        f"b{lower}",
        f"a{more}",
        f"B{low}",
        f"A{most}",
        f"x{look}{what}{starts}",
        f"y{look}{what}{look_after}{what_after}",
        f"z{look_before}{what_before}{look}{what}",
        f"k{what_before}{what}{what_after}",
        f"u{lower}|{less}",
        f"v{less}|{more}",
        f"g{lower}|{more}",
        f"h{lower}{what}",
        f"i{more}{what}",
        f"j{low}|{lower}|{look}",
        f"m{more}|{most}",
        f"l{look_before}{look}{look_after}{starts}",
        f"t{title_before}{title}{what}",
        f"n{look_before2}{look_before}{look}{look_after}{look_after2}",
        f"c{starts}{what}{more}",
    )


class _Weights(dict[str, int]):
    """Remembers what was looked up: most words and shapes of words come again."""

    def __init__(self, names: EnglishNames) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, feature: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        weight = self[feature] = self._names.weight(feature)
        return weight


class _Words(dict[str, tuple[_Word, int]]):
    """Remembers what words show, and how much that by itself speaks for each label."""

    def __init__(self, names: EnglishNames, weights: _Weights) -> None:
        super().__init__()
        self._flags, self._weights = names.flags, weights

    def __missing__(self, word: str) -> tuple[_Word, int]:
        if len(self) >= _REMEMBERED:
            self.clear()
        seen = _looked_at(word, self._flags)
        known = self[word] = seen, sum(map(self._weights.__getitem__, _alone(seen.low)))
        return known


class Reader:
    """Reads runs of words.

    Args:
        names: What is known of names.
    """

    __slots__ = ("_weights", "_words")

    def __init__(self, names: EnglishNames) -> None:
        self._weights = _Weights(names)
        self._words = _Words(names, self._weights)

    def judge(self, words: Sequence[str], at: int) -> list[float]:
        """Return for each label how much speaks for it that a word is part of one (log odds)."""
        near = [self._words[word] for word in words[at - 2 : at + 3]]
        said = _beside([word for word, _ in near])
        total = near[2][1] + sum(map(self._weights.__getitem__, said))
        return [((total >> shift & _ALL) - _NOTHING) / 16 for shift in _SHIFTS]

    def read(self, words: Sequence[str], first: int, end: int) -> list[Part]:
        """Return the names in one run of words, each with how sure it is.

        Args:
            words: Tokens; at least two stand before the run and two behind it, empty where the text ends.
            first: Where the run begins,
            end: and where it ends.
        """
        totals = [self._word(words, at) for at in range(first, end)]
        path = _likeliest(totals)
        if not any(path):
            return []
        parts: list[Part] = []
        for at, state in enumerate(path):
            if state == 0:
                continue
            sure = 1.0 / sum(exp(max(-30.0, min(30.0, total - totals[at][state]))) for total in totals[at])
            if parts and parts[-1].end == first + at and parts[-1].label == LABELS[state]:
                last = parts[-1]
                parts[-1] = Part(last.first, first + at + 1, last.label, max(last.sure, sure))
            else:
                parts.append(Part(first + at, first + at + 1, LABELS[state], sure))
        return [_trimmed(part, words) for part in parts if not _only_small(part, words)]

    def _word(self, words: Sequence[str], at: int) -> list[float]:
        """Return what speaks for each label; a small word follows its neighbours, a title is none."""
        if words[at] in _BETWEEN:
            return [-0.5, -9.0, 0.0, 0.0]
        if words[at] in INSIDE:
            return [-0.5, 0.0, 0.0, 0.0]
        if words[at].lower().rstrip(".") in _TITLES:
            return [9.0, 0.0, 0.0, 0.0]
        return self.judge(words, at)


def _likeliest(totals: Sequence[Sequence[float]]) -> list[int]:
    """Return the label of each word in a row: the likeliest together, of equals the first (Viterbi)."""
    best, back = list(totals[0]), []
    for total in totals[1:]:
        most = max(best)
        lead = best.index(most)
        most -= _SWITCH
        came = [to if to == lead or one > most or (one == most and to < lead) else lead for to, one in enumerate(best)]
        best = [max(one, most) + more for one, more in zip(best, total, strict=True)]
        back.append(came)
    state = best.index(max(best))
    path = [state]
    for came in reversed(back):
        state = came[state]
        path.append(state)
    path.reverse()
    return path


def _only_small(part: Part, words: Sequence[str]) -> bool:
    return all(word in INSIDE for word in words[part.first : part.end])


def _trimmed(part: Part, words: Sequence[str]) -> Part:
    """Return a part without small words at its ends."""
    first, end = part.first, part.end
    while words[first] in INSIDE:
        first += 1
    while words[end - 1] in INSIDE:
        end -= 1
    return part._replace(first=first, end=end)


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
