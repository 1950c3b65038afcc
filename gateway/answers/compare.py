"""How near a question is to a way of asking that is known, as figures with a name each.

Meaning and shared n-grams say how much speaks for it; numbers, negations, what is asked for and words that turn
a question round say what speaks against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.meaning.pieces import finding, grams
from gateway.meaning.vectors import Known
from gateway.packaged import packaged_text

_NUMBER: Final = re.compile("[0-9]+(?:[.,:/-][0-9]+)*")
_NEGATION: Final = re.compile(
    "没有|不能|不会|不想|不要|不是|不了|不到|不上|不出|不来|未|别|无|不"
    "|(?<![a-z])(?:not|no|never|without|unable|cannot|none)(?![a-z])"
)
_NOT_NEGATION: Final = re.compile(
    "有没有|是不是|要不要|能不能|会不会|可不可以|不过|不同|不但|差不多|对不起|区别|特别|级别|类别|性别|个别|别人|识别|判别"
)
_SIGNS: Final = re.compile(r"[\W_]+")


class Figures(NamedTuple):
    """How near a question is to a way of asking.

    Attributes:
        meaning: The cosine of what they mean.
        covered: How much of what the question says the way of asking says too, 0 to 1,
        covering: and the other way round.
        apart: How alike in meaning the parts are in which they differ, -1 to 1.
        same: Whether they are the same once folded.
        numbers: Whether each has a number that the other has not.
        negation: Whether one says no and the other does not.
        kinds: Whether they ask for something else: how, when, how much.
        turned: Whether one says the opposite of a word of the other.
    """

    meaning: float
    covered: float
    covering: float
    apart: float
    same: bool
    numbers: bool
    negation: bool
    kinds: bool
    turned: bool


NOTHING: Final = Figures(0.0, 0.0, 0.0, 0.0, False, False, False, False, False)
"""Of two texts that were not compared."""


def against_of(seen: Figures) -> tuple[str, ...]:
    """Return what speaks against, by name."""
    return tuple(name for name in ("numbers", "negation", "kinds", "turned") if getattr(seen, name))


class Marks(NamedTuple):
    """What of a text can speak against its being the same as another.

    Attributes:
        numbers: Numbers in it.
        negated: Whether it says no an odd number of times.
        kinds: What it asks for.
        sides: Words that turn a question round: number of the pair, and side.
    """

    numbers: frozenset[str]
    negated: bool
    kinds: frozenset[str]
    sides: frozenset[tuple[int, int]]


class Said(NamedTuple):
    """A question with all that it is compared by.

    Attributes:
        folded: The plain text.
        key: The same without signs: equal for questions that are the same.
        vector: What it means.
        told: What the table that ships says of it.
        grams: Its n-grams, each once.
        marks: What of it can speak against.
    """

    folded: str
    key: str
    vector: NDArray[np.float32]
    told: Known
    grams: AbstractSet[str]
    marks: Marks


def read(folded: str, vector: NDArray[np.float32], told: Known) -> Said:
    """Read a plain text of which the vector is known, and what the table that ships says."""
    return Said(folded, key(folded), vector, told, dict.fromkeys(grams(folded)).keys(), marks(folded))


def marks(folded: str) -> Marks:
    """Return what of a plain text can speak against."""
    no = len(_NEGATION.findall(_NOT_NEGATION.sub("", folded)))
    return Marks(
        frozenset(_NUMBER.findall(folded)),
        no % 2 == 1,
        _found(folded, "kinds"),
        frozenset((number // 2, number % 2) for number in map(int, _found(folded, "opposites"))),
    )


def key(folded: str) -> str:
    """Return what is the same for plain texts that differ in signs alone."""
    return _SIGNS.sub(" ", folded).strip()


def against(question: Marks, known: Marks) -> tuple[bool, bool, bool, bool]:
    """Return what speaks against a way of asking, as ``Figures`` has it: numbers, negation, kinds, turned."""
    if question == known:
        return False, False, False, False
    return (
        bool(question.numbers - known.numbers) and bool(known.numbers - question.numbers),
        question.negated != known.negated,
        bool(question.kinds and known.kinds and not question.kinds & known.kinds),
        _turned(question.sides, known.sides),
    )


def _turned(mine: frozenset[tuple[int, int]], theirs: frozenset[tuple[int, int]]) -> bool:
    """Whether one says the other side of what the other says, and neither says both."""
    return any(
        (pair, 1 - side) in theirs and (pair, side) not in theirs and (pair, 1 - side) not in mine
        for pair, side in mine
    )


def _found(folded: str, name: str) -> frozenset[str]:
    find, of = _table(name)
    return frozenset(of[match.group()] for match in find.finditer(folded))


@cache
def _table(name: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return what finds the words of a table, and what each of them says."""
    of: dict[str, str] = {}
    lines = packaged_text(f"answers/words/{name}.txt").splitlines()
    pair = 0
    for line in lines:
        if not line or line.startswith("#"):
            continue
        if name == "kinds":
            kind, _, words = line.partition(":")
            of.update(dict.fromkeys(_words(words), kind))
        else:
            for side, words in enumerate(line.split("|")):
                of.update(dict.fromkeys(_words(words), str(2 * pair + side)))
            pair += 1
    return finding(of, "a-z"), of


def _words(said: str) -> list[str]:
    return [word.strip() for word in said.split(",")]
