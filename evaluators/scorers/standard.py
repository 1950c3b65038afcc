"""Whether an answer agrees with the approved standard answer: it says as much, with the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from pydantic import Field

from evaluators.sample import Response, Sample
from evaluators.score import Cell, Metric, Refused, Score, Unscored
from evaluators.scorers.lexical import terms
from evaluators.scorers.quantities import quantities
from evaluators.scorers.refusal import RefusalOptions, read_stance
from evaluators.scorers.spec import Options, Scorer, ScorerSpec, Surroundings
from evaluators.scorers.words import Words, fold, load_words

AGREEMENT: Final = Metric("standard_agreement", "high", "mean", "how far answers agree with the standard answer")


class StandardOptions(Options):
    """Options of the scorer ``standard``.

    Attributes:
        pass_at: From which agreement on a row passes.
        extra: How much weight it has that an answer says more than the standard answer, in [0, 1].
    """

    pass_at: float = Field(default=0.5, ge=0, le=1)
    extra: float = Field(default=0.3, ge=0, le=1)


def agreement(answer: str, standard: str, words: Words, extra: float) -> tuple[float, list[str]]:
    """Return how far an answer agrees with the standard one, and the standard's numbers that it lacks or contradicts.

    Recall of the standard's terms and precision of the answer's, weighed by ``extra``; times the share of the
    standard's numbers that the answer has.
    """
    wanted, said = Counter(terms(standard, words)), Counter(terms(answer, words))
    if not wanted or not said:
        return 0.0, []
    held = (wanted & said).total()
    recall, precision = held / wanted.total(), held / said.total()
    numbers, given = quantities(fold(standard), words), quantities(fold(answer), words)
    lacking = [number for number in numbers if not any(number.agrees(other) for other in given)]
    share = 1 - len(lacking) / len(numbers) if numbers else 1.0
    text = fold(standard)
    return ((1 - extra) * recall + extra * precision) * share, [text[n.start : n.end] for n in lacking]


def score_standard(sample: Sample, response: Response, words: Words, options: StandardOptions) -> Mapping[str, Cell]:
    """Judge a row that has a reference and is to be answered; nothing for others."""
    if not sample.reference or sample.should in ("refuse", "abstain"):
        return {}
    if not response.text.strip() and not response.declined:
        return {AGREEMENT.name: Unscored("empty_answer")}
    reading = read_stance(response, words, RefusalOptions())
    if response.declined or reading.stance in ("declines", "abstains"):
        standard = read_stance(Response(sample.reference), words, RefusalOptions()).stance
        if standard not in ("declines", "abstains"):
            return {AGREEMENT.name: Refused(reading.stance)}
    value, lacking = agreement(response.text, sample.reference, words, options.extra)
    return {AGREEMENT.name: Score(value, value >= options.pass_at, {"lacking": lacking} if lacking else {})}


def build(options: StandardOptions, surroundings: Surroundings) -> Scorer:
    """Make the scorer."""
    words = load_words()
    return Scorer(
        "standard",
        (AGREEMENT,),
        applies=lambda row: (AGREEMENT.name,) if row.reference and row.should not in ("refuse", "abstain") else (),
        score=lambda row, said: score_standard(row, said, words, options),
    )


SPEC: Final = ScorerSpec("standard", "agreement with the approved standard answer", StandardOptions, build)
