"""Sentences in which things stand where people stand: programs, brands and abbreviations are nobody."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Final

from gateway.detectors.names.english import Label
from training.names_en import Lists, Sentence, made_up, mark, random_word
from training.names_en_texts import CHINESE, ENGLISH, GIVEN, LEADS, NAMESAKES, ROLES, TAILS, THINGS

_SEED: Final = 11
_FILLED: Final = ((CHINESE, 24), (ENGLISH, 8))
"""So often each sentence is said, with others each time: the public sets are English."""
_PEOPLE: Final = 4000


def of_things(lists: Lists) -> Iterator[Sentence]:
    """Yield sentences in which things and people stand, often in the same places."""
    source = random.Random(_SEED)
    common = lists[2].union(map(str.lower, THINGS))
    first, last = (sorted(names - common) for names in lists[:2])

    words = sorted(lists[2] - lists[0] - lists[1])

    def thing(kind: str, luck: float) -> str:
        if kind == "t":
            return source.choice(THINGS)
        if kind == "a":
            return _capitals(source)
        if kind == "w":
            return source.choice(words).title()
        return source.choice(NAMESAKES) if luck < 0.3 else _made_up_thing(source)

    def filled(kind: str) -> tuple[str, Label]:
        if kind in "xy":
            kind = source.choice({"x": "tp", "y": "ttppppaw"}[kind])
        luck = source.random()
        if kind in "tawu":
            return thing(kind, luck), "none"
        if kind == "p":
            return source.choice(GIVEN) if luck < 0.6 else " ".join(made_up(source, first, last, 1)), "person"
        surname = made_up(source, first, last, 2)[-1]
        if kind == "e":
            return surname, "none"
        if luck < 0.3:
            surname = source.choice(THINGS)
        return surname if kind == "s" else f"{source.choice(GIVEN)} {surname}", "person"

    for sentences, times in _FILLED:
        for sentence in (sentence for sentence in sentences for _ in range(times)):
            text = ""
            named: list[tuple[int, int, Label]] = []
            for at, part in enumerate(re.split(r"{(\w)}", sentence)):
                start = len(text)
                if at % 2:
                    word, label = filled(part)
                    text += word
                    named.append((start, len(text), label))
                else:
                    text += part
            yield mark(text, named)


def of_people(lists: Lists) -> Iterator[Sentence]:
    """Yield Chinese sentences in which somebody with an English name stands: the public sets name nobody there."""
    source = random.Random(_SEED)
    common = lists[2].union(map(str.lower, THINGS))
    first, last = (sorted(names - common) for names in lists[:2])
    for _ in range(_PEOPLE):
        name = " ".join(made_up(source, [*first, *map(str.lower, GIVEN)], last, source.choice((1, 2, 2))))
        before, after = source.choice((*ROLES, *LEADS, "", "")), source.choice((*TAILS, ""))
        yield mark(f"{before}{name}{after}", [(len(before), len(before) + len(name), "person")])


def _capitals(source: random.Random) -> str:
    return "".join(source.choices("ABCDEFGHIJKLMNOPRSTUVWXZ", k=source.randint(2, 4)))


def _made_up_thing(source: random.Random) -> str:
    kind = source.randrange(3)
    if kind == 0:
        return _capitals(source)
    return random_word(source) + (random_word(source) if kind == 1 else "")
