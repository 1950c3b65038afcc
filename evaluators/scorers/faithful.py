"""How far an answer says only what its passages say, by its words: no model is asked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from evaluators.scorers.alignment import Passages, Sentence, pieces, take_apart
from evaluators.scorers.rarity import Rarity
from evaluators.scorers.support import Support, measure
from evaluators.scorers.words import Words, even

MOST_STATEMENTS = 400
"""Statements of one answer that are judged; those of a longer one are taken evenly from all of it."""
_MISPLACED = 0.3
"""From here on it is worth telling people that another number fits the words better."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign of support counts for, learned from judged answers."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float

    def logistic(self, signs: Mapping[str, float]) -> float:
        """Return how likely it is, by its signs, in (0, 1)."""
        logit = self.bias + math.fsum(
            weight * signs[name] for name, weight in zip(self.names, self.weights, strict=True)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@dataclass(frozen=True, slots=True)
class Judged:
    """One statement of an answer: how well it is supported, and what speaks against it."""

    text: str
    support: float
    against: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer: its value in [0, 1], and its statements."""

    value: float
    statements: tuple[Judged, ...]

    @property
    def why(self) -> str:
        """One line for people: how many statements stand, and what speaks against the worst."""
        weak = sorted((one for one in self.statements if one.support < 0.5), key=lambda one: one.support)
        held = f"{len(self.statements) - len(weak)} of {len(self.statements)} statements are supported"
        return "; ".join([held, *(f"{one.against}: {_short(one.text)}" for one in weak[:3])])


def load_weights(name: str) -> Weights:
    """Read learned weights; do it once a run."""
    raw = json.loads(resources.files("evaluators.scorers.weights").joinpath(f"{name}.json").read_text("utf-8"))
    return Weights(tuple(raw["signs"]), tuple(raw["weights"]), raw["bias"])


def statements(text: str, words: Words) -> list[Sentence]:
    """Return the sentences of an answer that state something.

    Labels of AI-made text, citations, headings, questions, manners and the list of sources at the
    end are left out.
    """
    found: list[Sentence] = []
    for line in text.splitlines():
        if words.tails.search(even(line[:40].strip())):
            break
        bare = words.citations.sub(" ", words.marks.sub(" ", even(line)))
        for sentence in pieces(bare):
            part = words.leads.sub("", sentence)
            if part.endswith((":", "?")) or words.manners.search(part):
                continue
            taken = take_apart(part, words)
            if taken.terms or taken.numbers:
                found.append(taken)
    return found


def judge(
    stated: Sequence[Sentence],
    passages: Passages,
    weights: Weights,
    *,
    rarity: Rarity,
    about: Sequence[str] = (),
) -> Verdict | None:
    """Judge statements against passages; None if there is none.

    The value is half the mean of all and half the worst of them: one false statement spoils an answer.

    Args:
        stated: The statements.
        passages: What they should rest on.
        rarity: How much a term weighs.
        weights: How much a sign counts.
        about: Terms of the question: a short answer leaves out what it is about.
    """
    step = max(1, math.ceil(len(stated) / MOST_STATEMENTS))
    judged = []
    for sentence in stated[::step]:
        found = measure(sentence, passages, rarity, about)
        judged.append(Judged(sentence.text, weights.logistic(found.signs), against(found)))
    if not judged:
        return None
    values = [one.support for one in judged]
    return Verdict((math.fsum(values) / len(values) + min(values)) / 2, tuple(judged))


def against(found: Support) -> str:
    """Name what speaks most against a statement."""
    ours, theirs = found.exchanged[0] if found.exchanged else ("", "")
    reasons = (
        (found.numbers, f"no passage says {found.numbers[0]!r} of it" if found.numbers else ""),
        (found.signs["misplaced"] >= _MISPLACED, "a passage gives another number for what is asked"),
        (found.opposed, f"a passage says {found.opposed!r}"),
        (found.denied, "it denies what a passage says, or says what a passage denies"),
        (found.exchanged, f"it has {ours!r} where a passage has {theirs!r}"),
        (found.new, f"no passage says {max(found.new, key=len, default='')!r}"),
    )
    return next((told for there, told in reasons if there), "its words stand together in no passage")


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
