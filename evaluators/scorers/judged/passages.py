"""What the passages are worth (precision, utilisation, recall, relevance, entities), and groundedness in them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Final

from evaluators.sample import Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.asking import Asking, together
from evaluators.scorers.judged.metric import Bench, Found, JudgedMetric, JudgedOptions
from evaluators.scorers.judged.shapes import Attributions, Entities, Rating, Useful, in_order, misnumbered
from evaluators.scorers.judged.words import Spoken, numbered, spoken_in
from evaluators.scorers.lexical import sentences


def average_precision(hits: Sequence[bool]) -> float:
    """Return the precision at the rank of each hit, averaged; 0 without a hit."""
    ranks = [sum(hits[:rank]) / rank for rank, hit in enumerate(hits, 1) if hit]
    return math.fsum(ranks) / len(ranks) if ranks else 0.0


async def _useful(bench: Bench, sample: Sample, answer: str) -> Found:
    def misfit(judged: Useful) -> str:
        return "" if judged.verdict in (0, 1) else "judge_verdict_value"

    spoken = spoken_in(sample)
    judged = await together(
        [
            bench.asking.ask(
                "useful", spoken, {"question": sample.question, "context": one.text, "answer": answer}, Useful, misfit
            )
            for one in sample.contexts
        ]
    )
    hits = [one.verdict == 1 for one in judged]
    return Found(
        average_precision(hits), {"useful": [p.id for p, hit in zip(sample.contexts, hits, strict=True) if hit]}
    )


async def context_precision(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return the average precision of the ranking, where a passage counts that was of use for the reference."""
    return await _useful(bench, sample, sample.reference or "")


async def context_utilization(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return the average precision of the ranking, where a passage counts that was of use for the answer."""
    return await _useful(bench, sample, response.text)


async def context_recall(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return the sentences of the reference that can be attributed to the passages, over all of them.

    The sentences are ours and not the judge's, so that it cannot leave one out.
    """
    wanted = sentences(sample.reference or "")
    if not wanted:
        raise JudgeError("no_statements")

    def misfit(judged: Attributions) -> str:
        wrong = misnumbered(judged.classifications, len(wanted))
        outside = any(one.attributed not in (0, 1) for one in judged.classifications)
        return wrong or ("judge_verdict_value" if outside else "")

    holes = {
        "question": sample.question,
        "context": "\n".join(one.text for one in sample.contexts),
        "statements": numbered(wanted),
        "count": str(len(wanted)),
    }
    judged = await bench.asking.ask("attributed", spoken_in(sample), holes, Attributions, misfit)
    held = [one.attributed == 1 for one in in_order(judged.classifications)]
    missing = [text for text, ok in zip(wanted, held, strict=True) if not ok]
    return Found(sum(held) / len(held), {"not_in_passages": missing[:50], "sentences": len(wanted)})


async def _rated(asking: Asking, spoken: Spoken, names: tuple[str, str], holes: dict[str, str]) -> Found:
    """Ask for two ratings from 0 to 2 in different words, and return their mean; one alone is none."""

    def misfit(judged: Rating) -> str:
        return "" if judged.rating in (0, 1, 2) else "judge_verdict_value"

    first, second = await together([asking.ask(name, spoken, holes, Rating, misfit) for name in names])
    return Found((first.rating + second.rating) / 4, {"ratings": [first.rating, second.rating]})


async def context_relevance(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return how far the passages hold what the question needs: the mean of two ratings.

    Passages that only repeat the question hold nothing (0), and nobody is asked.
    """
    context, question = "\n".join(one.text for one in sample.contexts).strip(), sample.question.strip()
    if context in question:
        return Found(0.0, {"repeats_the_question": True})
    holes = {"question": question, "context": context}
    return await _rated(bench.asking, spoken_in(sample), ("relevance_first", "relevance_second"), holes)


async def response_groundedness(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return how far the answer as a whole is supported by the passages: the mean of two ratings."""
    holes = {"answer": response.text, "context": "\n".join(one.text for one in sample.contexts)}
    return await _rated(bench.asking, spoken_in(sample), ("grounded_first", "grounded_second"), holes)


async def context_entity_recall(bench: Bench, options: JudgedOptions, sample: Sample, response: Response) -> Found:
    """Return the entities of the reference that stand in the passages as well, over all of the reference's."""
    texts = (sample.reference or "", "\n".join(one.text for one in sample.contexts))
    named = await together(
        [bench.asking.ask("entities", spoken_in(sample), {"text": text}, Entities) for text in texts]
    )
    wanted, there = ({_same(one) for one in judged.entities} - {""} for judged in named)
    if not wanted:
        raise JudgeError("no_entities")
    return Found(len(wanted & there) / len(wanted), {"missing": sorted(wanted - there)[:50], "wanted": len(wanted)})


def _same(entity: str) -> str:
    """Return an entity without what does not tell it from another: width, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", entity).casefold().split())


_RATED: Final = ("answer", "contexts")
METRICS: Final = (
    JudgedMetric(
        "context_precision",
        "passages that were of use for the reference come first (average precision)",
        context_precision,
        needs=("contexts", "reference"),
        words=("useful",),
        shapes=(Useful,),
    ),
    JudgedMetric(
        "context_utilization",
        "passages that were of use for the answer come first (average precision)",
        context_utilization,
        needs=("answer", "contexts"),
        words=("useful",),
        shapes=(Useful,),
    ),
    JudgedMetric(
        "context_recall",
        "sentences of the reference that the passages hold, over all",
        context_recall,
        needs=("contexts", "reference"),
        words=("attributed",),
        shapes=(Attributions,),
    ),
    JudgedMetric(
        "context_relevance",
        "the passages hold what the question needs (two ratings)",
        context_relevance,
        needs=("contexts",),
        words=("relevance_first", "relevance_second"),
        shapes=(Rating,),
    ),
    JudgedMetric(
        "context_entity_recall",
        "entities of the reference that the passages name, over all",
        context_entity_recall,
        needs=("contexts", "reference"),
        words=("entities",),
        shapes=(Entities,),
    ),
    JudgedMetric(
        "response_groundedness",
        "the answer as a whole is supported by the passages (two ratings)",
        response_groundedness,
        needs=_RATED,
        words=("grounded_first", "grounded_second"),
        shapes=(Rating,),
    ),
)
