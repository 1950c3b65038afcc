"""Ragas' faithfulness and answer relevancy, as Ragas defines them, with its traps closed.

What Ragas would turn into a number and is none (verdicts missing, a verdict of 7, no statements,
a judge that fails) is unscored. Without the extra ``eval`` or without a judge the cells are
skipped, and say why.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Literal

from pydantic import Field

from evaluators.sample import Response, Sample
from evaluators.score import Cell, Metric, Refused, Score, Skipped, Unscored
from evaluators.scorers.refusal import RefusalOptions, read_stance
from evaluators.scorers.spec import Address, Cells, Judge, Options, Scorer, ScorerSpec, Surroundings
from evaluators.scorers.words import load_words

MetricName = Literal["faithfulness", "answer_relevancy"]

METRICS: Final[Mapping[MetricName, Metric]] = {
    "faithfulness": Metric("ragas_faithfulness", "high", "mean", "statements that the judge finds supported, over all"),
    "answer_relevancy": Metric(
        "ragas_answer_relevancy", "high", "mean", "likeness of the question and those the answer answers"
    ),
}


class RagasOptions(Options):
    """Options of the scorer ``ragas``.

    Attributes:
        metrics: Which of Ragas' metrics.
        strictness: How many questions are generated for the relevancy; at temperature 0 more
            than one asks the same thing again.
        pass_at: From which value on a row passes.
        parameters: Further fields of the judge's request.
        timeout_s: Seconds for one question to the judge.
    """

    metrics: tuple[MetricName, ...] = Field(default=("faithfulness", "answer_relevancy"), min_length=1)
    strictness: int = Field(default=1, ge=1, le=10)
    pass_at: float = Field(default=0.8, ge=0, le=1)
    parameters: dict[str, Any] = Field(default_factory=dict)
    timeout_s: float = Field(default=120.0, gt=0)


def missing(surroundings: Surroundings, metric: MetricName) -> str:
    """Return why a metric cannot be judged here, as a stable word; empty if it can."""
    if importlib.util.find_spec("ragas") is None:
        return "extra_eval_not_installed"
    if surroundings.judge is None:
        return "no_judge"
    if metric == "answer_relevancy" and surroundings.embedding is None:
        return "no_embedding_model"
    return ""


def build(options: RagasOptions, surroundings: Surroundings) -> Scorer:
    """Make the scorer; imports Ragas (seconds) only where there is something to judge with."""
    lacks = {name: missing(surroundings, name) for name in options.metrics}
    metrics = tuple(METRICS[name] for name in options.metrics)
    names = tuple(metric.name for metric in metrics)

    def applies(sample: Sample) -> tuple[str, ...]:
        return names if sample.contexts else ()

    if all(lacks.values()):
        cells = {METRICS[name].name: Skipped(reason) for name, reason in lacks.items()}

        def skip(sample: Sample, response: Response) -> Cells:
            return cells if sample.contexts else {}

        return Scorer("ragas", metrics, applies, score=skip)
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"  # read when Ragas is imported; it posts on every call otherwise
    from evaluators.scorers.ragas_models import VERSION  # noqa: PLC0415 - takes seconds

    judge = surroundings.judge
    versions = {"ragas": VERSION, "judge": judge.model if judge else ""}
    if surroundings.embedding:
        versions["embedding"] = surroundings.embedding.model
    calls = 2 * sum(not lacks[name] for name in options.metrics)
    return Scorer(
        "ragas", metrics, applies, judge=lambda: _open(options, surroundings, lacks), versions=versions, calls=calls
    )


@asynccontextmanager
async def _open(
    options: RagasOptions, surroundings: Surroundings, lacks: Mapping[MetricName, str]
) -> AsyncIterator[Judge]:
    from evaluators.endpoint import Endpoint, open_endpoint  # noqa: PLC0415 - aiohttp only where something is asked
    from evaluators.scorers.judge import EmbeddingModel, JudgeError, JudgeModel  # noqa: PLC0415
    from evaluators.scorers.ragas_models import answer_relevancy, faithfulness  # noqa: PLC0415

    words, refusals = load_words(), RefusalOptions()
    async with AsyncExitStack() as stack:

        async def opened(address: Address) -> Endpoint:
            manager = open_endpoint(address.url, key=address.key, seconds=options.timeout_s)
            return await stack.enter_async_context(manager)

        judge, embedding = surroundings.judge, surroundings.embedding
        if judge is None:
            raise ValueError("there is no judge to open")
        model = JudgeModel(await opened(judge), judge.model, options.parameters)
        vectors = EmbeddingModel(await opened(embedding), embedding.model) if embedding else None

        async def one(name: MetricName, sample: Sample, response: Response) -> Cell:
            if lacks[name]:
                return Skipped(lacks[name])
            try:
                if name == "faithfulness":
                    passages = [passage.text for passage in sample.contexts]
                    value = await faithfulness(model, sample.question, response.text, passages)
                elif vectors is not None:
                    value = await answer_relevancy(model, vectors, sample.question, response.text, options.strictness)
                else:
                    return Skipped("no_embedding_model")
            except JudgeError as error:
                return Unscored(error.code)
            if not math.isfinite(value):
                return Unscored("no_statements")
            value = min(1.0, max(0.0, value))
            return Score(value, value >= options.pass_at)

        async def judge_row(sample: Sample, response: Response) -> Cells:
            if not sample.contexts:
                return {}
            if not response.text.strip() and not response.declined:
                return {METRICS[name].name: Unscored("empty_answer") for name in options.metrics}
            stance = read_stance(response, words, refusals).stance
            if stance in ("declines", "abstains"):
                return {METRICS[name].name: Refused(stance) for name in options.metrics}
            return {METRICS[name].name: await one(name, sample, response) for name in options.metrics}

        yield judge_row


SPEC: Final = ScorerSpec("ragas", "Ragas' faithfulness and answer relevancy, with a judge model", RagasOptions, build)
