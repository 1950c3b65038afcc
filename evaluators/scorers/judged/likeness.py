"""Answer relevancy and semantic similarity: what vectors say about texts and about questions that a judge writes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import Final, Literal

from pydantic import Field

from evaluators.sample import Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.metric import Bench, Found, JudgedMetric, JudgedOptions
from evaluators.scorers.judged.shapes import Question
from evaluators.scorers.judged.words import spoken_in

Kind = Literal["endpoint", "shipped"]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors of one length.

    Raises:
        JudgeError: ``embedding_malformed``: their lengths differ, or one has no direction.
    """
    norms = math.hypot(*one) * math.hypot(*other)
    if len(one) != len(other) or not norms or not math.isfinite(norms):
        raise JudgeError("embedding_malformed")
    return max(-1.0, min(1.0, math.fsum(map(mul, one, other)) / norms))


class RelevancyOptions(JudgedOptions):
    """Options of ``answer_relevancy``.

    Attributes:
        strictness: How many questions are written for an answer. The second and later ones are asked for with those
            before in view, so that they differ; one that does not is left out of the mean.
        vectors: From the embedding model (``endpoint``), or from the word vectors that come with us (``shipped``).
    """

    strictness: int = Field(default=3, ge=1, le=10)
    vectors: Kind = "endpoint"


async def answer_relevancy(bench: Bench, options: RelevancyOptions, sample: Sample, response: Response) -> Found:
    """Return how alike the question and those are that the answer answers, on average; 0 if it evades each time."""
    spoken = spoken_in(sample)
    written: list[Question] = []
    for number in range(options.strictness):
        earlier = [one.question.strip() for one in written]

        def misfit(judged: Question, earlier: Sequence[str] = earlier) -> str:
            if not judged.question.strip():
                return "judge_no_question"
            if judged.noncommittal not in (0, 1):
                return "judge_verdict_value"
            return "judge_same_question" if judged.question.strip() in earlier else ""

        shown = "\n".join(f"- {one}" for one in earlier)
        added = bench.asking.word("earlier", spoken).replace("{questions}", shown) + "\n" if earlier else ""
        try:
            written.append(
                await bench.asking.ask(
                    "question", spoken, {"answer": response.text, "earlier": added}, Question, misfit
                )
            )
        except JudgeError as error:
            if error.code != "judge_same_question" or not number:
                raise
            break
    questions = [one.question.strip() for one in written]
    detail = {"questions": questions, "asked_for": options.strictness}
    if all(one.noncommittal for one in written):
        return Found(0.0, {**detail, "evades": True})
    asked = await bench.embed(sample.question)
    likenesses = [cosine(asked, await bench.embed(one)) for one in questions]
    return Found(max(0.0, math.fsum(likenesses) / len(likenesses)), detail)


class SimilarityOptions(JudgedOptions):
    """Options of ``semantic_similarity``.

    Attributes:
        vectors: From the embedding model (``endpoint``), or from the word vectors that come with us (``shipped``).
    """

    vectors: Kind = "endpoint"


async def semantic_similarity(bench: Bench, options: SimilarityOptions, sample: Sample, response: Response) -> Found:
    """Return the cosine of answer and reference; below 0 counts as 0."""
    one, other = await bench.embed(response.text), await bench.embed(sample.reference or "")
    return Found(max(0.0, cosine(one, other)))


METRICS: Final = (
    JudgedMetric(
        "answer_relevancy",
        "likeness of the question and those that the answer answers",
        answer_relevancy,
        needs=("answer",),
        words=("question", "earlier"),
        shapes=(Question,),
        options=RelevancyOptions,
        wants_vectors=lambda options: True,
    ),
    JudgedMetric(
        "semantic_similarity",
        "likeness of answer and reference",
        semantic_similarity,
        needs=("answer", "reference"),
        options=SimilarityOptions,
        wants_vectors=lambda options: True,
    ),
)
