"""Factual and answer correctness: what the answer says against what the reference says, both ways."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from evaluators.sample import Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.asking import together
from evaluators.scorers.judged.likeness import Kind, cosine
from evaluators.scorers.judged.metric import Bench, Found, JudgedMetric, JudgedOptions
from evaluators.scorers.judged.shapes import Claims, Heads, Statements, Verdicts
from evaluators.scorers.judged.statements import take_apart, verdicts
from evaluators.scorers.judged.words import numbered, spoken_in


def f_beta(true: int, invented: int, missed: int, beta: float = 1.0) -> float:
    """Return F-beta of counts: above 1 recall weighs more, below it precision; 0 where nothing is right."""
    if not true:
        return 0.0
    precision, recall = true / (true + invented), true / (true + missed)
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


class FactualOptions(JudgedOptions):
    """Options of ``factual_correctness``.

    Attributes:
        mode: ``f1`` (with ``beta``), or one of its two sides.
        beta: Above 1 recall weighs more.
        atomicity: How finely texts are taken apart.
        coverage: Whether all claims are wanted.
    """

    mode: Literal["f1", "precision", "recall"] = "f1"
    beta: float = Field(default=1.0, gt=0)
    atomicity: Literal["low", "high"] = "low"
    coverage: Literal["low", "high"] = "low"


async def factual_correctness(bench: Bench, options: FactualOptions, sample: Sample, response: Response) -> Found:
    """Return F-beta over claims: those of the answer that the reference supports, and the other way round.

    As Ragas counts: what is right are the answer's supported claims, in the recall too.
    """
    spoken, asking = spoken_in(sample), bench.asking

    async def held(text: str, against: str) -> list[bool]:
        holes = {
            "text": text,
            "atomicity": asking.word(f"atomicity/{options.atomicity}", spoken),
            "coverage": asking.word(f"coverage/{options.coverage}", spoken),
        }
        found = await asking.ask("claims", spoken, holes, Claims)
        claims = [one.strip() for one in found.claims if one.strip()]
        if not claims:
            raise JudgeError("no_statements")
        return await verdicts(asking, spoken, claims, against)

    answer, reference = response.text, sample.reference or ""
    both = [held(answer, reference)] + ([held(reference, answer)] if options.mode != "precision" else [])
    judged = await together(both)
    true, invented = sum(judged[0]), judged[0].count(False)
    missed = judged[1].count(False) if len(judged) > 1 else 0
    detail = {"supported": true, "unsupported": invented, "missed": missed}
    if options.mode == "f1":
        return Found(f_beta(true, invented, missed, options.beta), detail)
    over = true + (invented if options.mode == "precision" else missed)
    return Found(true / over if over else 0.0, detail)


class AnswerOptions(JudgedOptions):
    """Options of ``answer_correctness``.

    Attributes:
        weights: Of the statements and of the likeness.
        beta: Above 1 recall weighs more.
        vectors: From the embedding model (``endpoint``), or from the word vectors that come with us (``shipped``).
    """

    weights: tuple[float, float] = (0.75, 0.25)
    beta: float = Field(default=1.0, gt=0)
    vectors: Kind = "endpoint"

    @model_validator(mode="after")
    def _weighs(self) -> AnswerOptions:
        if min(self.weights) < 0 or not sum(self.weights):
            raise ValueError("weights are two numbers from 0 on, and one of them is above 0")
        return self


async def answer_correctness(bench: Bench, options: AnswerOptions, sample: Sample, response: Response) -> Found:
    """Return F-beta over sorted statements and the likeness of the texts, weighted.

    Every statement of the answer stands under one head; an answer or a reference without statements is no match.
    """
    spoken, reference = spoken_in(sample), sample.reference or ""
    ours, gold = await together(
        [take_apart(bench.asking, spoken, sample.question, text) for text in (response.text, reference)]
    )

    def misfit(judged: Heads) -> str:
        whole = len(judged.TP) + len(judged.FP) == len(ours) and len(judged.FN) <= len(gold)
        return "" if whole else "judge_verdict_count"

    holes = {
        "question": sample.question,
        "statements": numbered(ours),
        "reference": numbered(gold),
        "count": str(len(ours)),
        "reference_count": str(len(gold)),
    }
    judged = await bench.asking.ask("correctness", spoken, holes, Heads, misfit)
    counts = (len(judged.TP), len(judged.FP), len(judged.FN))
    facts, (one, other) = f_beta(*counts, options.beta), options.weights
    alike = 0.0
    if other:
        alike = cosine(await bench.embed(response.text), await bench.embed(reference))
    value = (facts * one + max(0.0, alike) * other) / (one + other)
    return Found(value, {"TP": counts[0], "FP": counts[1], "FN": counts[2], "likeness": round(alike, 4)})


METRICS: Final = (
    JudgedMetric(
        "factual_correctness",
        "claims of answer and reference that the other supports (F-beta)",
        factual_correctness,
        needs=("answer", "reference"),
        words=("claims", "verdicts", "atomicity/", "coverage/"),
        shapes=(Claims, Verdicts),
        options=FactualOptions,
    ),
    JudgedMetric(
        "answer_correctness",
        "statements that answer and reference share (F-beta), and their likeness",
        answer_correctness,
        needs=("answer", "reference"),
        words=("statements", "correctness"),
        shapes=(Statements, Heads),
        options=AnswerOptions,
        wants_vectors=lambda options: bool(options.weights[1]),
    ),
)
