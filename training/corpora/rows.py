"""What is known of a text of a data set, and how such rows are made."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["benign", "look_alike", "must_refuse", "implicit", "comment", "attack", "answer"]
"""What a row is for: an ordinary text, a harmless one on a dangerous subject, a question to refuse, one
that is refused for what it implies, what somebody wrote about others, an attack on the model, an answer."""

TOXIC: Final = frozenset({"abuse", "hate"})
ALL: Final = frozenset({"*"})
"""As what a row does not tell of: every risk that it does not name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text and what is known of it.

    Attributes:
        text: The text.
        source: The data set that it comes from; what is held out together.
        language: ``zh`` or ``en``.
        kind: What the row is for.
        risks: What it shows.
        unknown: Risks that the set does not tell of; ``*`` for all that are not in ``risks``.
        question: For an answer, what it answers.
        weight: How much it counts when training.
    """

    text: str
    source: str
    language: str
    kind: Kind
    risks: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    question: str = ""
    weight: float = 1.0


def harmful(risks: Iterable[str] = ()) -> frozenset[str]:
    """Return the risks of a question to be refused: those that are known, and ``harm``."""
    return frozenset({"harm", *risks})


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the rows of a set, under one name and in one language."""

    source: str
    language: str

    def benign(
        self, texts: Iterable[Any], most: int = 10**9, kind: Kind = "benign", weight: float = 1.0
    ) -> Iterator[Row]:
        """Make rows of texts that show nothing."""
        found = list(dict.fromkeys(text.strip() for text in texts if isinstance(text, str) and text.strip()))
        if len(found) > most:
            found = random.Random(f"7 {self.source} {self.language}").sample(found, most)
        for text in found:
            yield Row(text, self.source, self.language, kind, weight=weight)

    def refuse(self, text: str, risks: Iterable[str] = (), weight: float = 1.0) -> Row:
        """Make a row of a question to be refused; abuse is not told of, finer risks only if there are some."""
        risks = frozenset(risks)
        unknown = TOXIC if risks else ALL - {"attack"}
        return Row(text.strip(), self.source, self.language, "must_refuse", harmful(risks), unknown, weight=weight)

    def comment(self, text: str, risks: Iterable[str], weight: float = 1.0, unknown: Iterable[str] = ALL) -> Row:
        """Make a row of what somebody wrote; what else a toxic one shows is not known."""
        risks = frozenset(risks)
        return Row(
            text.strip(),
            self.source,
            self.language,
            "comment",
            risks,
            frozenset(unknown) if risks else frozenset(),
            weight=weight,
        )

    def attack(self, text: str, risks: Iterable[str] = (), weight: float = 1.0) -> Row:
        """Make a row of an attack on the model; what else it shows is not known."""
        return Row(
            text.strip(), self.source, self.language, "attack", frozenset({"attack", *risks}), ALL, weight=weight
        )

    def answer(self, question: str, text: str, bad: bool, weight: float = 1.0) -> Row:
        """Make a row of an answer that should, or should not, have been given."""
        risks = frozenset({"harm"}) if bad else frozenset()
        return Row(text.strip(), self.source, self.language, "answer", risks, question=question.strip(), weight=weight)
