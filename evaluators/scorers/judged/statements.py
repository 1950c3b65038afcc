"""Faithfulness and noise sensitivity: an answer is taken apart, and every statement laid beside texts.

Ragas' traps that are closed here: fewer verdicts than statements, a verdict of 7, an answer without statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from evaluators.sample import Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.asking import Asking, together
from evaluators.scorers.judged.metric import Bench, Found, JudgedMetric, JudgedOptions
from evaluators.scorers.judged.shapes import Statements, Verdicts, in_order, misnumbered
from evaluators.scorers.judged.words import Spoken, numbered, spoken_in

SHOWN: Final = 50
"""Statements that a report shows of one row."""


async def take_apart(asking: Asking, spoken: Spoken, question: str, text: str) -> list[str]:
    """Return the statements of an answer.

    Raises:
        JudgeError: ``no_statements``: it has none; or what the judge itself fails with.
    """
    found = await asking.ask("statements", spoken, {"question": question, "answer": text}, Statements)
    statements = [one.strip() for one in found.statements if one.strip()]
    if not statements:
        raise JudgeError("no_statements")
    return statements


async def verdicts(asking: Asking, spoken: Spoken, statements: Sequence[str], context: str) -> list[bool]:
    """Return for each statement whether it follows from a text."""

    def misfit(judged: Verdicts) -> str:
        wrong = misnumbered(judged.statements, len(statements))
        return wrong or ("judge_verdict_value" if any(one.verdict not in (0, 1) for one in judged.statements) else "")

    holes = {"context": context, "statements": numbered(list(statements)), "count": str(len(statements))}
    judged = await asking.ask("verdicts", spoken, holes, Verdicts, misfit)
    return [one.verdict == 1 for one in in_order(judged.statements)]


async def faithfulness(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return the statements of the answer that the passages support, over all of them."""
    spoken = spoken_in(sample)
    statements = await take_apart(bench.asking, spoken, sample.question, response.text)
    supported = await verdicts(bench.asking, spoken, statements, "\n".join(one.text for one in sample.contexts))
    shown = [
        {"text": text, "reason": "supported" if held else "unsupported", "passage": ""}
        for text, held in zip(statements, supported, strict=True)
    ]
    return Found(sum(supported) / len(supported), {"statements": shown[:SHOWN], "count": len(shown)})


class NoiseOptions(JudgedOptions):
    """Options of ``noise_sensitivity``.

    Attributes:
        mode: Whether errors are counted that come from passages which hold some of the reference (``relevant``),
            or from those that hold none of it.
    """

    mode: Literal["relevant", "irrelevant"] = Field(default="relevant")


async def noise_sensitivity(bench: Bench, options: NoiseOptions, sample: Sample, response: Response) -> Found:
    """Return the wrong statements that passages led to, over all statements.

    A statement is wrong if the reference does not support it. It is laid to relevant passages if one of them supports
    it, to irrelevant ones if one of these does and no relevant one.
    """
    spoken, reference = spoken_in(sample), sample.reference or ""
    ours, gold = await together(
        [take_apart(bench.asking, spoken, sample.question, text) for text in (response.text, reference)]
    )
    passages = [one.text for one in sample.contexts]
    judged = await together(
        [
            verdicts(bench.asking, spoken, ours, reference),
            *(verdicts(bench.asking, spoken, gold, passage) for passage in passages),
            *(verdicts(bench.asking, spoken, ours, passage) for passage in passages),
        ]
    )
    right, holds, says = judged[0], judged[1 : 1 + len(passages)], judged[1 + len(passages) :]
    relevant = [any(held) for held in holds]
    blamed = []
    for number in range(len(ours)):
        by_relevant = any(of and said[number] for of, said in zip(relevant, says, strict=True))
        by_irrelevant = any(not of and said[number] for of, said in zip(relevant, says, strict=True))
        led = by_relevant if options.mode == "relevant" else by_irrelevant and not by_relevant
        blamed.append(led and not right[number])
    misled = [text for text, led in zip(ours, blamed, strict=True) if led]
    detail = {"misled": misled[:SHOWN], "wrong": right.count(False), "relevant_passages": sum(relevant)}
    return Found(sum(blamed) / len(blamed), detail)


METRICS: Final = (
    JudgedMetric(
        "faithfulness",
        "statements of the answer that the passages support, over all",
        faithfulness,
        needs=("answer", "contexts"),
        words=("statements", "verdicts"),
        shapes=(Statements, Verdicts),
    ),
    JudgedMetric(
        "noise_sensitivity",
        "wrong statements that passages led to, over all",
        noise_sensitivity,
        needs=("answer", "contexts", "reference"),
        words=("statements", "verdicts"),
        shapes=(Statements, Verdicts),
        options=NoiseOptions,
        better="low",
    ),
)
