"""Loads the words that the lexical scorers go by: patterns, units and number words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from evaluators.scorers.units import Units
from gateway.document import read_document


def even(text: str) -> str:
    """Return text as the patterns expect it: NFKC, straight apostrophes."""
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'")


def fold(text: str) -> str:
    """Return text as terms and quantities are compared: even, and in lower case."""
    return even(text).lower()


@dataclass(frozen=True, slots=True)
class Refusals:
    """Patterns of answers that decline, that do not know, and of what may follow; see ``refusals.yaml``.

    Attributes:
        speakers: Who speaks, at the beginning of a line.
        courtesies: Manners at the beginning of a sentence.
        declines: The speaker will not, or cannot.
        concerns: The speaker keeps his distance.
        judges: Sentences that judge what was asked.
        morals: Sentences that warn, or offer other help.
        abstains: The speaker does not know.
        states: Sentences that say what a thing is, whatever they judge.
        redirects: After these an answer offers help of another kind.
        turns: After these an answer goes on in spite of its refusal.
    """

    speakers: re.Pattern[str]
    courtesies: re.Pattern[str]
    declines: re.Pattern[str]
    concerns: re.Pattern[str]
    judges: re.Pattern[str]
    morals: re.Pattern[str]
    abstains: re.Pattern[str]
    states: re.Pattern[str]
    redirects: re.Pattern[str]
    turns: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Words:
    """Everything in ``words.yaml``, compiled.

    Attributes:
        marks: Labels of AI-made text.
        citations: Names of passages.
        tails: Lines from which on an answer only lists its sources.
        manners: Sentences that state nothing.
        leads: A yes or no before a statement.
        conclusions: Openings of clauses that conclude.
        conditions: Clauses that say when, not what.
        functional: Chinese words and characters at which other words end.
        stopwords: English words without content.
        negations: What turns a clause into its opposite.
        opposites: Pairs of patterns that contradict each other.
        opposing: Finds every Chinese word of a pair of antonyms.
        sides: For each word of a pair, in lower case: the pairs it belongs to, and on which side (1 or 2).
        asks: For each kind of thing a question may ask for: its question words.
        meets: For each such kind: what an answer holds.
        lexis: Every word as it is compared, kept once it was seen.
        units: A pattern for each unit, with its dimension and size, longest words first.
        digits: Chinese digits.
        numerals: English number words.
        ordinals: English ordinal words; ``first`` is too often none.
        scales: Chinese powers of ten.
        months: English months, three letters.
        refusals: Patterns of refusals.
    """

    marks: re.Pattern[str]
    citations: re.Pattern[str]
    tails: re.Pattern[str]
    manners: re.Pattern[str]
    leads: re.Pattern[str]
    conclusions: re.Pattern[str]
    conditions: re.Pattern[str]
    functional: re.Pattern[str]
    stopwords: frozenset[str]
    negations: re.Pattern[str]
    opposites: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    opposing: AhoCorasick
    sides: dict[str, tuple[tuple[int, int], ...]]
    asks: dict[str, re.Pattern[str]]
    meets: dict[str, re.Pattern[str]]
    lexis: Units
    units: tuple[tuple[re.Pattern[str], str, Fraction], ...]
    digits: dict[str, int]
    numerals: dict[str, int]
    ordinals: dict[str, int]
    scales: dict[str, int]
    months: tuple[str, ...]
    refusals: Refusals


@cache
def load_words() -> Words:
    """Read and compile ``words.yaml`` and ``refusals.yaml``; costs some 50 milliseconds the first time."""
    raw = resources.files("evaluators.scorers").joinpath("words.yaml").read_text("utf-8")
    value: dict[str, Any] = read_document(raw, "words.yaml").value
    numbers = value["numbers"]
    functional = "".join([value["functional"]["characters"], *numbers["zh"], *numbers["scales"]])
    sides = _sides(value["antonyms"])
    return Words(
        marks=_any(value["marks"]),
        citations=_any(value["citations"]),
        tails=_any(value["tails"]),
        manners=_any(value["manners"]),
        leads=_any(value["leads"]),
        conclusions=_any(value["conclusions"]),
        conditions=_any(value["conditions"]),
        functional=re.compile(f"{value['functional']['words']}|[{functional}]"),
        stopwords=frozenset(value["stopwords"].split()),
        negations=_any(value["negations"].values()),
        opposites=tuple((re.compile(one), re.compile(other)) for one, other in value["opposites"]),
        opposing=AhoCorasick([word for word in sides if not word.isascii()], matchkind=MatchKind.LeftmostLongest),
        sides=sides,
        asks={kind: re.compile(pattern) for kind, pattern in value["asks"].items()},
        meets={kind: re.compile(pattern) for kind, pattern in value["meets"].items()},
        lexis=Units(
            value["stopwords"].split(),
            value["functional"]["characters"] + value["functional"]["light"],
            "".join([*numbers["zh"], *numbers["scales"]]),
        ),
        units=tuple(
            (re.compile(f"(?:{pattern})(?![a-z])"), dimension, Fraction(size))
            for dimension, units in value["units"].items()
            for size, pattern in units
        ),
        digits=numbers["zh"],
        numerals=numbers["en"],
        ordinals=numbers["ordinals"],
        scales=numbers["scales"],
        months=tuple(numbers["months"]),
        refusals=_refusals(),
    )


def _refusals() -> Refusals:
    raw = resources.files("evaluators.scorers").joinpath("refusals.yaml").read_text("utf-8")
    value: dict[str, Any] = read_document(raw, "refusals.yaml").value
    spoken = ("declines", "concerns", "judges", "morals", "abstains")
    both = {name: _any([*value[name]["zh"], *value[name]["en"]]) for name in spoken}
    return Refusals(
        **both, **{name: _any(value[name]) for name in ("speakers", "courtesies", "states", "redirects", "turns")}
    )


def _any(patterns: Any) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.MULTILINE | re.IGNORECASE)


def _sides(pairs: list[list[str]]) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for number, (one, other) in enumerate(pairs):
        for side, group in ((1, one), (2, other)):
            for word in group.split():
                found[word] = (*found.get(word, ()), (number, side))
    return found
