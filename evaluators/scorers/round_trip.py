"""Whether a user's own personal data comes back as it was, after it went to the model as something else."""

from __future__ import annotations

import unicodedata
from typing import Final

from evaluators.sample import Response, Sample
from evaluators.score import Metric, Refused, Score, Unscored
from evaluators.scorers.refusal import RefusalOptions, read_stance
from evaluators.scorers.spec import Cells, Options, Scorer, ScorerSpec, Surroundings
from evaluators.scorers.words import load_words

ROUND_TRIP: Final = Metric(
    "round_trip", "high", "mean", "values of the user's own that stand in the answer as they were"
)


def restored(sample: Sample, text: str) -> list[bool]:
    """Return for each value that the row allows whether it stands in an answer; full width is no difference."""
    said = unicodedata.normalize("NFKC", text)
    return [unicodedata.normalize("NFKC", value) in said for value in sample.allowed]


def build(options: Options, surroundings: Surroundings) -> Scorer:
    """Make the scorer; it judges rows that hold values of the user's own and are to be answered."""
    words, refusals = load_words(), RefusalOptions()

    def applies(sample: Sample) -> tuple[str, ...]:
        return (ROUND_TRIP.name,) if sample.allowed and sample.should in (None, "answer") else ()

    def score(sample: Sample, response: Response) -> Cells:
        if not applies(sample):
            return {}
        if not response.text.strip() and not response.declined:
            return {ROUND_TRIP.name: Unscored("empty_answer")}
        if read_stance(response, words, refusals).stance == "declines":
            return {ROUND_TRIP.name: Refused("declines")}
        found = restored(sample, response.text)
        missing = [number for number, there in enumerate(found) if not there]
        return {ROUND_TRIP.name: Score(sum(found) / len(found), all(found), {"missing": missing} if missing else {})}

    return Scorer("round_trip", (ROUND_TRIP,), applies, score=score)


SPEC: Final = ScorerSpec("round_trip", "the user's own personal data comes back as it was", Options, build)
