"""Whether an answer says only what its passages say, judged without a model.

By default a statement is judged by signs of support that were weighted on answers that people judged (``faithful``).

The rules are the older way: each sentence of the answer is laid beside the passages; it is supported if enough of its
terms, rare ones counting more, stand close together in one passage, if every number, date, time and code in it stands
there too, and if neither says the opposite of the other.

Both see words, not meaning: a good paraphrase may count as unsupported, a clever distortion as supported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from evaluators.sample import Passage, Response, Sample
from evaluators.score import Cell, Metric, Refused, Score, Unscored
from evaluators.scorers.lexical import clauses, sentences, terms
from evaluators.scorers.quantities import Quantity, quantities
from evaluators.scorers.rarity import Rarity, load_rarity
from evaluators.scorers.refusal import RefusalOptions, read_stance
from evaluators.scorers.spec import Options, Scorer, ScorerSpec, Surroundings
from evaluators.scorers.words import Words, even, fold, load_words

if TYPE_CHECKING:
    from evaluators.scorers import faithful

FAITHFULNESS: Final = Metric("faithfulness_lexical", "high", "mean", "statements that the passages support, over all")
RELEVANCY: Final = Metric("answer_relevancy_lexical", "high", "mean", "terms of the question that the answer takes up")

_NAMES: Final = (FAITHFULNESS.name, RELEVANCY.name)

Reason = Literal["supported", "unsupported", "wording", "number", "opposite"]
"""Why a statement counts as it does: supported, or which check it failed."""


class RagOptions(Options):
    """Options of the scorer ``rag``.

    Attributes:
        overlap: How much of a statement's weighted terms a passage must hold, in (0, 1].
        window: How many neighbouring sentences of a passage are read together.
        faithfulness: How a statement is judged: by signs that were weighted on answers that people judged
            (``learned``), or by the rules above (``rules``).
        supported_at: From which learned support on a statement counts as supported; what learned weights give is a
            chance, so one half.
        faithful_at: From which share of supported statements on a row passes.
        relevant_at: From which share of the question's terms on a row passes.
    """

    overlap: float = Field(default=0.55, gt=0, le=1)
    window: int = Field(default=3, ge=1, le=20)
    faithfulness: Literal["learned", "rules"] = "learned"
    supported_at: float = Field(default=0.5, gt=0, lt=1)
    faithful_at: float = Field(default=1.0, ge=0, le=1)
    relevant_at: float = Field(default=0.1, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned about support: how much each sign counts, and how rare terms are."""

    weights: faithful.Weights
    rarity: Rarity


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause of a statement or a passage, taken apart."""

    text: str
    terms: frozenset[str]
    numbers: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A sentence, or neighbouring sentences of one passage."""

    passage: str
    clauses: tuple[_Clause, ...]
    terms: frozenset[str]

    @property
    def numbers(self) -> list[Quantity]:
        return [number for clause in self.clauses for number in clause.numbers]


def statements(text: str, words: Words) -> list[str]:
    """Return the sentences of an answer that state something.

    Labels of AI-made text, citations, headings, questions, manners and the list of sources at
    the end are left out.
    """
    found = []
    for line in text.splitlines():
        if words.tails.search(even(line.strip())):
            break
        bare = words.citations.sub(" ", words.marks.sub(" ", even(line)))
        for sentence in sentences(bare):
            part = words.leads.sub("", sentence)
            heading = part.endswith((":", "?")) or words.manners.search(part)
            if not heading and (terms(part, words) or quantities(part, words)):
                found.append(part)
    return found


def judge_statement(
    statement: str, passages: Sequence[_Passage], weights: Mapping[str, float], words: Words, overlap: float
) -> tuple[Reason, str]:
    """Judge one statement; return why, and the id of the nearest passage (empty for none).

    Clauses that only conclude (``so …``, ``因此……``) are not judged if others are there.
    """
    parts = _clauses(statement, words)
    parts = [part for part in parts if not words.conclusions.search(part.text)] or parts
    wanted = frozenset[str]().union(*(part.terms for part in parts))
    covers = [
        (_cover(wanted, window.terms, weights), window, passage) for passage in passages for window in passage.windows
    ]
    best = max((cover for cover, _, _ in covers), default=0.0)
    if not covers or (wanted and best < overlap):
        return "wording", ""
    near = [
        (window, passage) for cover, window, passage in covers if cover >= max(overlap if wanted else 0.0, best - 0.1)
    ]
    found = [(_conflict(parts, window, passage, weights, words), passage.id) for window, passage in near]
    return next((entry for entry in found if entry[0] == "supported"), found[0])


def score_rag(
    sample: Sample,
    response: Response,
    words: Words,
    options: RagOptions,
    refusals: RefusalOptions,
    *,
    learned: Learned | None = None,
) -> Mapping[str, Cell]:
    """Judge an answer against the row's passages; nothing for a row without passages.

    Args:
        sample: The row.
        response: The answer.
        words: What is known of words.
        options: Of the scorer.
        refusals: How refusals are read.
        learned: What was learned; None to go by the rules.
    """
    if not sample.contexts:
        return {}
    if not response.text.strip() and not response.declined:
        return dict.fromkeys(_NAMES, Unscored("empty_answer"))
    stance = read_stance(response, words, refusals).stance
    if stance in ("declines", "abstains"):
        return dict.fromkeys(_NAMES, Refused(stance))
    return {
        FAITHFULNESS.name: (
            _faithfulness(sample, response.text, words, options)
            if learned is None
            else _by_signs(sample, response.text, words, options, learned)
        ),
        RELEVANCY.name: _relevancy(sample.question, response.text, words, options),
    }


def _faithfulness(sample: Sample, text: str, words: Words, options: RagOptions) -> Cell:
    stated = statements(text, words)
    if not stated:
        return Unscored("no_statements")
    passages = [_taken_apart(passage, words, options.window) for passage in sample.contexts]
    weights = _weights([window for passage in passages for window in passage.windows])
    judged: list[dict[str, Any]] = []
    for statement in stated:
        reason, source = judge_statement(statement, passages, weights, words, options.overlap)
        judged.append({"text": statement, "reason": reason, "passage": source})
    value = sum(entry["reason"] == "supported" for entry in judged) / len(judged)
    return Score(value, value >= options.faithful_at, {"statements": judged})


def _by_signs(sample: Sample, text: str, words: Words, options: RagOptions, learned: Learned) -> Cell:
    """Judge each statement by what was learned; the reason is what speaks most against it."""
    from evaluators.scorers import faithful  # noqa: PLC0415 - it calculates with numpy, which a suite may never need
    from evaluators.scorers.alignment import pieces, read_passages, take_apart  # noqa: PLC0415

    asked = [take_apart(piece, words) for piece in pieces(sample.question)]
    verdict = faithful.judge(
        faithful.statements(text, words),
        read_passages([passage.text for passage in sample.contexts], words),
        learned.weights,
        rarity=learned.rarity,
        about=[term for sentence in asked for term in sentence.terms],
    )
    if verdict is None:
        return Unscored("no_statements")
    judged = [
        {
            "text": one.text,
            "reason": "supported" if one.support >= options.supported_at else "unsupported",
            "passage": "" if one.support >= options.supported_at else one.against,
            "support": round(one.support, 3),
        }
        for one in verdict.statements
    ]
    value = sum(entry["reason"] == "supported" for entry in judged) / len(judged)
    return Score(value, value >= options.faithful_at, {"statements": judged})


def _relevancy(question: str, text: str, words: Words, options: RagOptions) -> Cell:
    wanted, said = set(terms(question, words)), set(terms(text, words))
    if not wanted:
        return Unscored("no_terms")
    value = len(wanted & said) / len(wanted)
    return Score(value, value >= options.relevant_at)


@dataclass(frozen=True, slots=True)
class _Passage:
    """A passage, as sentences and as windows of neighbouring sentences."""

    id: str
    sentences: tuple[_Stretch, ...]
    windows: tuple[_Stretch, ...]


def _taken_apart(passage: Passage, words: Words, size: int) -> _Passage:
    parts = [tuple(_clauses(sentence, words)) for sentence in sentences(passage.text)]
    starts = range(max(1, len(parts) - size + 1))
    return _Passage(
        passage.id,
        tuple(_stretch(passage.id, part) for part in parts),
        tuple(_stretch(passage.id, [c for part in parts[start : start + size] for c in part]) for start in starts),
    )


def _stretch(passage: str, clauses: Sequence[_Clause]) -> _Stretch:
    return _Stretch(passage, tuple(clauses), frozenset[str]().union(*(clause.terms for clause in clauses)))


def _clauses(sentence: str, words: Words) -> list[_Clause]:
    return [_clause(fold(part), words) for part in clauses(sentence)]


def _clause(text: str, words: Words) -> _Clause:
    """Take a clause apart: its numbers with their units on one side, all other words on the other."""
    numbers = quantities(text, words)
    bare = text
    for number in numbers:
        bare = bare[: number.start] + " " * (number.end - number.start) + bare[number.end :]
    return _Clause(text, frozenset(terms(bare, words)), tuple(numbers))


def _weights(windows: Sequence[_Stretch]) -> dict[str, float]:
    """Return inverse document frequencies over the row's own windows."""
    counts: dict[str, int] = {}
    for window in windows:
        for term in window.terms:
            counts[term] = counts.get(term, 0) + 1
    return {term: math.log(1 + len(windows) / count) for term, count in counts.items()}


def _cover(wanted: frozenset[str], held: frozenset[str], weights: Mapping[str, float]) -> float:
    """Return how much of the weight of ``wanted`` is held; a term that no passage knows weighs most."""
    unknown = max(weights.values(), default=1.0)
    total = math.fsum(weights.get(term, unknown) for term in wanted)
    return math.fsum(weights.get(term, unknown) for term in wanted & held) / total if total else 0.0


def _conflict(
    parts: Sequence[_Clause], window: _Stretch, passage: _Passage, weights: Mapping[str, float], words: Words
) -> Reason:
    """Return what speaks against a statement that is worded like ``window``."""
    if not _within(parts, window) or _misplaced(parts, passage, weights, words):
        return "number"
    for part in parts:
        twins = [] if words.conditions.search(part.text) else _twins(part, window, weights)
        opposed = [twin for twin in twins if _opposed(part, twin, parts, window, words)]
        denied = frozenset[str]().union(*(part.terms & twin.terms for twin in opposed))
        # A clause that agrees speaks for the statement only if it is about the same thing.
        if opposed and not any(twin not in opposed and part.terms & twin.terms & denied for twin in twins):
            return "opposite"
    return "supported"


def _within(parts: Sequence[_Clause], stretch: _Stretch) -> bool:
    return all(any(number.agrees(other) for other in stretch.numbers) for part in parts for number in part.numbers)


def _misplaced(parts: Sequence[_Clause], passage: _Passage, weights: Mapping[str, float], words: Words) -> bool:
    """Whether a sentence says all of it with other numbers, and none that says it has these.

    Seven days for returns and fifteen for exchange: both stand in the passage, and "fifteen days
    for returns" is still wrong.
    """
    wanted = frozenset[str]().union(*(part.terms for part in parts))
    covers = [(_cover(wanted, sentence.terms, weights), sentence) for sentence in passage.sentences]
    best = max((cover for cover, _ in covers), default=0.0)
    numbers = [number for part in parts for number in part.numbers]
    like = [
        sentence
        for cover, sentence in covers
        if cover >= max(0.5, best - 0.4) or (len(numbers) > 2 and _within(parts, sentence))
    ]
    holding = [sentence for sentence in like if _within(parts, sentence)]
    if best < 0.8:  # no sentence says it all: the statement puts several together
        return False
    if holding:
        return all(any(_swapped(c, number, s, words) for c in parts for number in c.numbers) for s in holding)
    rivals = {other.dimension for sentence in like for other in sentence.numbers}
    return bool(like and numbers) and all(
        number.dimension in rivals or any(number.agrees(other) for s in like for other in s.numbers)
        for number in numbers
    )


def _swapped(part: _Clause, number: Quantity, sentence: _Stretch, words: Words) -> bool:
    """Whether the words before a number stand before another number of its kind in the sentence.

    Chinese only: there what a number belongs to stands right before it (电池保修一年).
    """
    before = _before(part.text, number, words)
    if len(before) < 2:
        return False
    here, there = [0.0], [0.0]
    for clause in sentence.clauses:
        for other in clause.numbers:
            share = len(before & _before(clause.text, other, words)) / len(before)
            if number.agrees(other):
                here.append(share)
            elif number.dimension == other.dimension:
                there.append(share)
    return max(there) > max(here) + 0.3


def _before(text: str, number: Quantity, words: Words) -> frozenset[str]:
    """Return the pairs of Chinese characters in the six characters before a number."""
    return frozenset(term for term in terms(text[max(0, number.start - 6) : number.start], words) if not term.isascii())


def _twins(part: _Clause, window: _Stretch, weights: Mapping[str, float]) -> list[_Clause]:
    """Return the clauses of the window that say most of what ``part`` says."""
    if len(part.terms) < 2:
        return []
    covers = [_cover(part.terms, clause.terms, weights) for clause in window.clauses]
    best = max(covers, default=0.0)
    return [
        clause for clause, cover in zip(window.clauses, covers, strict=True) if best >= 0.5 and cover >= best - 0.05
    ]


def _opposed(part: _Clause, twin: _Clause, parts: Sequence[_Clause], window: _Stretch, words: Words) -> bool:
    """Whether one clause denies what the other says, or uses the other word of a pair.

    What one denies, the other may deny in a neighbouring clause.
    """
    ours, theirs = _denied(part.text, words), _denied(twin.text, words)
    ours_all = [denied for clause in parts for denied in _denied(clause.text, words)]
    theirs_all = [denied for clause in window.clauses for denied in _denied(clause.text, words)]
    if len(ours) % 2 != len(theirs) % 2 and not (
        all(any(_alike(one, other) for other in theirs_all) for one in ours)
        and all(any(_alike(one, other) for other in ours_all) for one in theirs)
    ):
        return True
    for left, right in words.opposites:
        sides = [(bool(left.search(text)), bool(right.search(text))) for text in (part.text, twin.text)]
        if sides in ([(True, False), (False, True)], [(False, True), (True, False)]):
            return True
    return False


def _denied(text: str, words: Words) -> list[frozenset[str]]:
    """Return for each denial in a clause the terms that follow it: what is denied."""
    return [frozenset(terms(text[match.end() :], words)[:4]) for match in words.negations.finditer(text)]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) * 2 >= max(len(one), 1)


def build(options: RagOptions, surroundings: Surroundings) -> Scorer:
    """Make the scorer."""
    from evaluators.scorers import faithful  # noqa: PLC0415

    words, refusals = load_words(), RefusalOptions()
    learned = (
        Learned(faithful.load_weights("faithfulness"), load_rarity()) if options.faithfulness == "learned" else None
    )
    return Scorer(
        "rag",
        (FAITHFULNESS, RELEVANCY),
        applies=lambda row: _NAMES if row.contexts else (),
        score=lambda row, said: score_rag(row, said, words, options, refusals, learned=learned),
    )


SPEC: Final = ScorerSpec("rag", "faithfulness and relevancy by wording, without a model", RagOptions, build)
