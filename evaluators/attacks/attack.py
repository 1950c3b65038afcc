"""What an attack is: a name, the languages it fits, and a pure change of what is asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from importlib.resources import files
from typing import Any, Final, Literal

from evaluators.sample import Language, Passage, Sample
from gateway.document import read_document

Family = Literal["chinese", "letters", "layout", "encoding", "frame", "turns", "indirect"]
"""Chinese characters; Latin letters; order and invisible signs; encodings; words around a question; several turns;
a question inside of what somebody else wrote."""

Spoken = Literal["zh", "en"]
BOTH: Final[frozenset[Spoken]] = frozenset({"zh", "en"})
CHINESE: Final[frozenset[Spoken]] = frozenset({"zh"})
ENGLISH: Final[frozenset[Spoken]] = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is asked, and what stands around it.

    Attributes:
        turns: What the user says, in order; at least one. The last holds what is to be answered.
        lang: Language of the question.
        contexts: Passages that the target reads.
        tool: What a tool gave back, for the target to read; empty for none.
    """

    turns: tuple[str, ...]
    lang: Language
    contexts: tuple[Passage, ...] = ()
    tool: str = ""

    @property
    def last(self) -> str:
        """The turn that is to be answered."""
        return self.turns[-1]

    @property
    def spoken(self) -> Spoken:
        """The language of the words around a question: Chinese for mixed ones."""
        return "en" if self.lang == "en" else "zh"


Change = Callable[[Attempt, random.Random], Attempt]
Rewrite = Callable[[str, random.Random], str]
Read = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Attack:
    """A way to ask the same thing otherwise.

    How it can be read back, so that one sees that the question is still in there: with ``undo``, the question
    comes out of the last turn again; with ``same``, that of the question and that of the last turn are equal
    (their sound, their letters); with both, ``same`` of what ``undo`` gives. With neither, the question stands
    in the turns, the passages or the tool's result as it is, whole or in halves.

    Attributes:
        id: The word that suites and the command line use.
        family: What kind of change it is.
        name: In Chinese and English.
        languages: Which questions it fits; mixed ones fit all.
        change: Pure: the same attempt and the same random numbers give the same.
        undo: Reads the question out of the last turn.
        same: What stays equal.
    """

    id: str
    family: Family
    name: Mapping[str, str]
    languages: frozenset[Spoken]
    change: Change
    undo: Read | None = None
    same: Read | None = None

    def apply(self, attempt: Attempt, seed: int) -> Attempt:
        """Return what is asked instead; the same seed gives the same."""
        return self.change(attempt, random.Random(f"{seed}|{self.id}|{attempt.last}"))

    def fits(self, lang: Language) -> bool:
        """Whether it is meant for questions of a language."""
        return lang == "mixed" or lang in self.languages


def compose(attacks: Sequence[Attack]) -> Attack:
    """Return one attack that makes several changes, the first one first; raises ``ValueError`` for none."""
    if not attacks:
        raise ValueError("there is nothing to compose")
    if len(attacks) == 1:
        return attacks[0]

    def change(attempt: Attempt, rng: random.Random) -> Attempt:
        seed = rng.getrandbits(32)
        return reduce(lambda made, attack: attack.apply(made, seed), attacks, attempt)

    def undo(text: str) -> str:
        return reduce(lambda made, attack: attack.undo(made) if attack.undo else made, reversed(attacks), text)

    exact = all(attack.undo and not attack.same for attack in attacks)
    return Attack(
        "+".join(attack.id for attack in attacks),
        attacks[-1].family,
        {spoken: " + ".join(attack.name[spoken] for attack in attacks) for spoken in ("zh", "en")},
        frozenset.intersection(*(attack.languages for attack in attacks)),
        change,
        undo if exact else None,
    )


def writing(
    id: str,
    family: Family,
    languages: frozenset[Spoken],
    rewrite: Rewrite | Read,
    *,
    undo: Read | None = None,
    same: Read | None = None,
    random_too: bool = False,
) -> Attack:
    """Return an attack that writes every turn of the user in another way.

    Args:
        id: Its name.
        family: What kind of change it is.
        languages: Which questions it fits.
        rewrite: Writes one text; gets random numbers as well if ``random_too``.
        undo: See ``Attack``.
        same: See ``Attack``.
        random_too: Whether ``rewrite`` takes random numbers.
    """
    write: Any = rewrite

    def change(attempt: Attempt, rng: random.Random) -> Attempt:
        turns = tuple(write(turn, rng) if random_too else write(turn) for turn in attempt.turns)
        return replace(attempt, turns=turns)

    return Attack(id, family, words()["names"][id], languages, change, undo, same)


def ending(attempt: Attempt, *turns: str) -> Attempt:
    """Return the attempt with its last turn replaced by ``turns``."""
    return replace(attempt, turns=(*attempt.turns[:-1], *turns))


def attempt_of(sample: Sample) -> Attempt:
    """Return what a row asks."""
    return Attempt((*sample.turns, sample.question), sample.lang, sample.contexts, sample.tool)


@cache
def words() -> Mapping[str, Any]:
    """Return what ``words.yaml`` holds; read at the first use."""
    name = "words.yaml"
    value: Mapping[str, Any] = read_document(files("evaluators.attacks").joinpath(name).read_text("utf-8"), name).value
    return value
