"""How far an answer is one to its question, by its words: no model is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluators.scorers.alignment import Meaning, Passages, Sentence
from evaluators.scorers.rarity import Rarity
from evaluators.scorers.refusal import Stance
from evaluators.scorers.words import Words

EVASIVE: Final = 0.1
"""The value of an answer that declines, does not know or repeats the question is at most this."""

_READ: Final = 12
"""Sentences of an answer of which each is laid beside the question."""
_RARE: Final = 0.4
"""The weight from which a word may be a name."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """What was measured of an answer and its question.

    Attributes:
        signs: Every sign by its name.
        expects: What kind of thing the question asks for (``number``, ``person`` …); empty if it does not show.
        meets: Whether the answer holds a thing of that kind.
        missing: The question's rarest words that the answer leaves out.
    """

    signs: Mapping[str, float]
    expects: str
    meets: bool
    missing: tuple[str, ...]


def expected(question: str, words: Words) -> str:
    """Return what kind of thing a question asks for, by its question word; empty if none shows."""
    low = question.lower()
    return next((kind for kind, pattern in words.asks.items() if pattern.search(low)), "")


def measure(
    question: Sequence[Sentence],
    answer: Sequence[Sentence],
    passages: Passages | None,
    stance: Stance,
    *,
    rarity: Rarity,
    meaning: Meaning,
) -> Relevance:
    """Measure an answer against its question, and both against the passages where there are some."""
    words = answer[0].words
    asked_text = " ".join(sentence.text for sentence in question)
    said_text = " ".join(sentence.text for sentence in answer)
    asked = list(dict.fromkeys(term for sentence in question for term in sentence.terms))
    said = list(dict.fromkeys(term for sentence in answer for term in sentence.terms))
    weight = {term: rarity(term) for term in {*asked, *said}}
    held, wanted = set(said), set(asked)
    total = math.fsum(weight[term] for term in asked) or 1.0
    mine = math.fsum(weight[term] for term in said) or 1.0
    heads = {term[:5] for term in said if len(term) > 4 and term.isascii()}
    letters = {letter for term in said if not term.isascii() for letter in term}
    soft = 0.0
    for term in asked:
        if term in held:
            soft += weight[term]
        elif term.isascii():
            soft += 0.6 * weight[term] * (term[:5] in heads and len(term) > 4)
        else:
            soft += 0.4 * weight[term] * sum(letter in letters for letter in term) / len(term)
    opening = {term for sentence in answer[:2] for term in sentence.terms}
    expects = expected(asked_text, words)
    meets = not expects or bool(words.meets[expects].search(said_text)) or _names(expects, asked_text, answer, rarity)
    fresh = [term for term in said if term not in wanted]
    copied = (
        len(said) > 0
        and not any(rarity(t) > 0.2 for t in fresh)
        and not (expects and meets and _brings(answer, question))
    )
    wish = meaning(asked_text)
    signs = {
        "alike": max(0.0, float(wish @ meaning(said_text[:2000]))),
        "alike_best": max(0.0, *(float(wish @ sentence.vector(meaning)) for sentence in answer[:_READ])),
        "covered": math.fsum(weight[term] for term in asked if term in held) / total,
        "covered_soft": soft / total,
        "covered_any": float(bool(wanted & held)),
        "covered_rarest": max((weight[term] for term in asked if term in held), default=0.0),
        "opening": math.fsum(weight[term] for term in asked if term in opening) / total,
        "precise": math.fsum(weight[term] for term in said if term in wanted) / mine,
        "meets": float(bool(expects) and meets),
        "fails": float(bool(expects) and not meets),
        "evasive": float(stance in ("abstains", "declines")),
        "partly": float(stance == "partly"),
        "copied": float(copied),
        "asks": float(said_text.rstrip().endswith("?")),
        "short": float(len(said) <= 3),
        "length": min(5.0, math.log1p(len(said))),
        "bridge": _bridge(asked, fresh, weight, passages),
        "no_passages": float(passages is None),
    }
    missing = sorted((term for term in asked if term not in held), key=lambda term: -weight[term])
    return Relevance(signs, expects, meets, tuple(missing[:3]))


def _names(expects: str, asked: str, answer: Sequence[Sentence], rarity: Rarity) -> bool:
    """Whether the answer brings a name that the question does not hold, where it asks for one."""
    if expects not in ("person", "place", "thing"):
        return False
    low = asked.lower()
    if any(u.capital and u.word not in low and rarity(u.key) > _RARE for sentence in answer for u in sentence.units):
        return True
    return any(not term.isascii() and term not in low and rarity(term) > _RARE for s in answer for term in s.terms)


def _brings(answer: Sequence[Sentence], question: Sequence[Sentence]) -> bool:
    known = {unit.key for sentence in question for unit in sentence.units}
    return any(
        unit.key not in known and (unit.content or unit.number) for sentence in answer for unit in sentence.units
    )


def _bridge(
    asked: Sequence[str], fresh: Sequence[str], weight: Mapping[str, float], passages: Passages | None
) -> float:
    """Return how much of what the answer adds stands in the passages beside the question's words."""
    if passages is None or not fresh:
        return 0.0
    held: dict[int, float] = {}
    for term in asked:
        for place in passages.index.get(term, ())[:200]:
            held[place] = held.get(place, 0.0) + weight[term]
    if not held:
        return 0.0
    top = sorted(held, key=lambda i: -held[i])[:3]
    near = set[str]().union(*(passages.sentences[i].terms for i in top))
    total = math.fsum(weight[term] for term in fresh)
    return math.fsum(weight[term] for term in fresh if term in near) / total if total else 0.0
