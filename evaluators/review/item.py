"""A question with its answers, as people get it, and what stands behind it, which they do not get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from evaluators.sample import Language

STANDARD: Final = "standard"
"""The source of the answer that stands for what is right: the row's reference, or an approved entry of a bank."""

Drawn = Literal["uncertain", "random"]
"""Why an item is in the sample: the machine was not sure of it, or by chance within its stratum."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as people see it: a blinded id, and its text."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A question with all the answers that are judged together.

    Attributes:
        id: Blinded; unique in a review.
        question: What was asked.
        lang: Its language.
        answers: In no telling order; no two have the same text.
        plain: The question before an attack changed it; empty if none did.
        turns: What the user said before, in order.
        system: The system prompt; empty for none.
        tool: What a tool gave back; empty for none.
        contexts: Texts of the passages, best first.
    """

    id: str
    question: str
    lang: Language
    answers: tuple[Shown, ...]
    plain: str = ""
    turns: tuple[str, ...] = ()
    system: str = ""
    tool: str = ""
    contexts: tuple[str, ...] = ()

    def answer(self, id: str) -> Shown | None:
        """Return an answer by its id; None if it is not one of this item."""
        return next((answer for answer in self.answers if answer.id == id), None)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer comes from.

    Attributes:
        source: The name of the run, or ``STANDARD``.
        row: The row's id in the run; for an answer of a bank, the entry with its version.
        repetition: Which repetition, from 0; for the standard answer -1 if it is the row's reference, -2 if it comes
            from a bank.
        digest: ``sha256`` of the text as the target gave it, 64 hex digits.
    """

    source: str
    row: str
    repetition: int
    digest: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What people do not get to see of an item.

    Attributes:
        item: Its id.
        row: The row's id.
        risk: What the row is about; empty for none.
        should: What a good target does; empty if the row does not say.
        stratum: Risk, language and gravest outcome.
        drawn: Why it is in the sample.
        doubt: How unsure the machine was, 0 to 1.
        why: Each reason for that, such as ``near:faithfulness_lexical``.
        answers: The origins of each answer; several where they said the same.
    """

    item: str
    row: str
    risk: str
    should: str
    stratum: tuple[str, str, str]
    drawn: Drawn
    doubt: float
    why: tuple[str, ...]
    answers: Mapping[str, tuple[Origin, ...]]
