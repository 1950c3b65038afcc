"""How likely characters and words are, and which character may stand for which: what disguised texts are read with."""

from __future__ import annotations

import hashlib
import io
import zipfile
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.spelling.pairs import Column, Pairs, Places
from gateway.errors import PolicyError
from gateway.glyphs import read
from gateway.meaning.arrays import packed

BEGIN, END = "^", "$"
"""What a run of Chinese characters begins and ends with."""
STEP: Final = 1 / 16
"""Logarithms are kept in steps of this many nats."""
SHARE: Final = 0.85
"""How much what came before says about a character; the rest says how common it is by itself."""
_UNSEEN: Final = float(np.log(1 - SHARE))
_RARE: Final = 12.6
"""A character that is rarer by itself, in nats, stands for no other."""
_CHOICES: Final = 24
_ALIKE: Final = 10
"""So many characters of a sound, and of a shape, at most are thought of."""
_FIRST, _LAST = 0x3400, 0x9FFF
_FILE: Final = "weights.npz"
_MEND: Final = "install the package again, or make it anew: make train-spelling DATA=folder"

Floats = NDArray[np.float32]
Ids = NDArray[np.intp]


class Content(NamedTuple):
    """What the file holds; chances as negative logarithms in steps.

    Attributes:
        characters: In the order of their numbers.
        single: How common each is.
        keys: Pairs that came: the number of the first times how many there are, plus that of the second; ascending.
        pairs: How likely the second is after the first.
        words: English words, the commonest first.
        often: How common each is.
    """

    characters: str
    single: NDArray[np.uint8]
    keys: NDArray[np.uint32]
    pairs: NDArray[np.uint8]
    words: tuple[str, ...]
    often: NDArray[np.uint8]


class Way(NamedTuple):
    """What a character may stand for.

    Attributes:
        numbers: Of characters.
        rows: Where in the table what is after each of them begins,
        columns: and what is before it.
        costs: What that takes from the likelihood of a reading, in nats (0 or less),
        steps: and in steps of less likelihood.
    """

    numbers: Ids
    rows: Places
    columns: Column
    costs: Floats
    steps: NDArray[np.int64]


class Letters:
    """Chinese characters: how likely each is after another, and what may stand for it.

    Attributes:
        number: Of each known character.
        text: All of them.
    """

    def __init__(self, content: Content) -> None:
        # The last number is that of all characters that are not known; those that come after most others are first.
        size = self._size = len(content.characters) + 1
        before, after = np.divmod(content.keys.astype(np.int64), size - 1)
        order = np.argsort(-np.bincount(after, minlength=size - 1), kind="stable")
        number = np.empty(size, np.int64)
        number[order] = np.arange(size - 1)
        self.text = "".join([content.characters[at] for at in order.tolist()])
        self.number: Mapping[str, int] = {one: at for at, one in enumerate(self.text)}
        single = content.single[order]
        self._single = single.astype(np.float32) * np.float32(-STEP)
        unknown = round(UNKNOWN / -STEP)
        usual = np.append(np.minimum(single.astype(np.int32) + round(_UNSEEN / -STEP), 255), unknown).astype(np.uint8)
        everywhere = np.arange(size)
        self._pairs = Pairs(
            usual,
            np.concatenate((number[before], np.full(size, size - 1))),
            np.concatenate((number[after], everywhere)),
            np.concatenate((content.pairs, np.full(size, unknown, np.uint8))),
        )
        # For every code point its number, before another and after one; what is no Chinese character ends a run.
        numbers = np.full(_LAST + 2, size - 1, np.int32)
        numbers[[ord(one) for one in self.text]] = np.arange(size - 1)
        self._before, self._after = self._pairs.begin(numbers), numbers
        begin, end = np.array([self.number[BEGIN], self.number[END]], np.int32)
        for table, other in ((self._before, self._pairs.begin(begin)), (self._after, end)):
            table[:_FIRST] = table[_LAST + 1] = other
        common = [one for one in self.text if self._single[self.number[one]] > -_RARE and one not in "^$"]
        common.sort(key=lambda one: (-float(self._single[self.number[one]]), one))
        said, parts = read("pinyin"), read("split")
        sounds: dict[str, list[int]] = {}
        rests: dict[str, list[int]] = {}
        wholes: dict[str, int] = {}
        for one in common:
            if one in said:
                sounds.setdefault(said[one], []).append(self.number[one])
            apart = parts.get(one, "")
            if len(apart) > 1:
                rests.setdefault(apart[1:], []).append(self.number[one])
            if 2 <= len(apart) <= PARTS:
                wholes.setdefault(apart, self.number[one])
        self.sounds: Mapping[str, list[int]] = {sound: ones[:_CHOICES] for sound, ones in sounds.items()}
        """The commonest characters of each syllable."""
        self.rests: Mapping[str, list[int]] = {rest: ones[:_ALIKE] for rest, ones in rests.items() if len(ones) > 1}
        """Characters that are alike but for their first component, by the others."""
        self.wholes: Mapping[str, int] = wholes
        """The character that components make together,"""
        self.begins = frozenset(apart[0] for apart in wholes)
        """and what they begin with."""
        self._sounding = _found(said, self.sounds)
        self._alike = _found({one: apart[1:] for one, apart in parts.items()}, self.rests)
        self._ways: dict[str, Way] = {}
        self._alone: dict[int | None, Way] = {}

    @property
    def room(self) -> int:
        """How many bytes the table of pairs takes."""
        return self._pairs.room

    def itself(self, one: str) -> Way:
        """Return that a character stands for itself; one that is not known for ``END``, at a great cost."""
        own = self.number.get(one)
        known = self._alone.get(own)
        if known is None:
            known = self._alone[own] = self._way({self.number[END]: UNKNOWN} if own is None else {own: 0.0})
        return known

    def stands_for(self, one: str) -> Way:
        """Return what a character may stand for: itself, what sounds like it, what looks like it."""
        known = self._ways.get(one)
        if known is None:
            costs = dict.fromkeys(self._alike(one), _SHAPE)
            costs.update(dict.fromkeys(self._sounding(one), _SOUND))
            own = self.number.get(one)
            if own is not None:
                costs[own] = 0.0
            known = self._way(costs) if costs else self.itself(one)
            if own is not None:  # of the others there is no end
                self._ways[one] = known
        return known

    def follows(self, before: Ids, after: Ids) -> Floats:
        """Return how likely each character is after another, in nats (0 or less)."""
        return self._pairs.at(self._pairs.begin(before), self._pairs.split(after)) * np.float32(-STEP)

    def steps(self, before: Way, after: Way) -> NDArray[np.uint8]:
        """Return how unlikely each of some characters (columns) is after each of others (lines), in steps."""
        return self._pairs.at(before.rows[:, None], after.columns)

    def _way(self, costs: Mapping[int, float]) -> Way:
        numbers, taken = np.array(list(costs), np.intp), np.array(list(costs.values()), np.float32)
        begins, columns = self._pairs.begin(numbers), self._pairs.split(numbers)
        return Way(numbers, begins, columns, taken, np.round(taken / -STEP).astype(np.int64))

    def numbers(self, text: str) -> list[int]:
        """Return the number of each character, or that of those that are not known."""
        unknown, get = self._size - 1, self.number.get
        return [get(one, unknown) for one in text]

    def chances(self, run: str) -> Floats:
        """Return how likely each character of a run is after the one before, and last how likely its end is."""
        numbers = np.array(self.numbers(f"{BEGIN}{run}{END}"), np.intp)
        return self.follows(numbers[:-1], numbers[1:])

    def odd(self, text: str, mark: float) -> Ids:
        """Return where characters stand in a text that are unlikely after what is before and before what follows.

        Args:
            text: Folded.
            mark: How likely the two are at most, on average, in nats.
        """
        codes = np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32)
        before, after = self._before.take(codes[:-1], mode="clip"), self._after.take(codes[1:], mode="clip")
        chances = self._pairs.at(before, self._pairs.split(after)).astype(np.uint16)
        chances = chances[:-1] + chances[1:]
        found = (chances > int(2 * mark / -STEP)).nonzero()[0]
        if not found.size:
            return found
        codes = codes[1:-1].take(found)
        return found[(codes >= _FIRST) & (codes <= _LAST)]


def _found(keys: Mapping[str, str], lists: Mapping[str, list[int]]) -> Callable[[str], Sequence[int]]:
    """Return what finds the list of a Chinese character by its key: as quick as two tables, in a hundredth of the room.

    Args:
        keys: The key of each character.
        lists: The list of each key; keys that have none are left out.
    """
    every: list[Sequence[int]] = [(), *lists.values()]
    numbers = {key: number for number, key in enumerate(lists, 1)}
    places = array("H", bytes(2 * (_LAST - _FIRST + 1)))
    for one, key in keys.items():
        places[ord(one) - _FIRST] = numbers.get(key, 0)

    def find(one: str) -> Sequence[int]:
        return every[places[ord(one) - _FIRST]] if _FIRST <= ord(one) <= _LAST else ()

    return find


_SOUND: Final = -1.5
_SHAPE: Final = -3.0
PARTS: Final = 4
"""So many components at most a character may be taken apart into."""
UNKNOWN: Final = -14.0
"""How likely a character is that is not known, in nats."""


class Words:
    """English words: how common each is, and which letters make it."""

    def __init__(self, content: Content) -> None:
        levels = (np.arange(256, dtype=np.float32) * np.float32(-STEP)).tolist()  # as many numbers as there are
        often = [levels[step] for step in content.often.tolist()]
        self.often: Mapping[str, float] = dict(zip(content.words, often, strict=True))
        """How likely each word is, in nats (0 or less)."""
        mixed: dict[str, str] = {}
        for word in content.words:
            if len(word) >= MIXED:
                mixed.setdefault(jumbled(word), word)
        self.mixed: Mapping[str, str] = mixed
        """The commonest word of each that has the same letters, the same ones first and last."""


MIXED: Final = 5
"""So many letters at least a word has whose inner letters are put in order again."""


def jumbled(word: str) -> str:
    """Return a word with its inner letters in alphabetical order."""
    return word[0] + "".join(sorted(word[1:-1])) + word[-1]


def write_table(content: Content) -> bytes:
    """Return the file: the same bytes for the same content."""
    arrays: dict[str, NDArray[np.generic]] = {
        "characters": np.frombuffer(content.characters.encode("utf-32-le"), np.uint32),
        "single": content.single,
        # Differences of what ascends are small, and small numbers pack well.
        "keys": np.diff(content.keys, prepend=np.uint32(0)).astype(np.uint32),
        "pairs": content.pairs,
        "words": np.frombuffer("\n".join(content.words).encode(), np.uint8),
        "often": content.often,
    }
    return packed(arrays)


def read_table(file: bytes) -> Content:
    """Read a file.

    Raises:
        PolicyError: It is damaged.
    """
    try:
        kept = np.load(io.BytesIO(file), allow_pickle=False)
        content = Content(
            kept["characters"].tobytes().decode("utf-32-le"),
            kept["single"],
            np.cumsum(kept["keys"], dtype=np.uint32),
            kept["pairs"],
            tuple(kept["words"].tobytes().decode().split("\n")),
            kept["often"],
        )
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise PolicyError(f"the table of spellings cannot be read: {type(error).__name__}", None, _MEND) from None
    sizes = (len(content.characters), len(content.keys), len(content.words))
    if sizes != (content.single.size, content.pairs.size, content.often.size) or not content.keys.size:
        raise PolicyError("the table of spellings is damaged: its parts do not belong together", None, _MEND)
    return content


@cache
def shipped() -> tuple[Letters, Words, str]:
    """Return the table that ships, read at the first call, and a digest of it; raises ``PolicyError``."""
    try:
        file = files(__package__ or "gateway.detectors.spelling").joinpath(_FILE).read_bytes()
    except OSError as error:
        raise PolicyError(f"the table of spellings is missing: {error.strerror}", None, _MEND) from None
    content = read_table(file)
    return Letters(content), Words(content), hashlib.sha256(file).hexdigest()[:16]
