"""Makes scorers of judged metrics: what is missing is skipped, what declines is refused, what fails is unscored."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from evaluators.endpoint import Endpoint, open_endpoint
from evaluators.passport import identity
from evaluators.sample import Response, Sample
from evaluators.score import Cell, Metric, Refused, Score, Skipped, Unscored
from evaluators.scorers.judge import EmbeddingModel, JudgeError
from evaluators.scorers.judged import correctness, likeness, passages, statements, topics
from evaluators.scorers.judged.asking import Asking
from evaluators.scorers.judged.metric import Bench, JudgedMetric, JudgedOptions, Vectors
from evaluators.scorers.judged.words import judge_words
from evaluators.scorers.refusal import RefusalOptions, read_stance
from evaluators.scorers.spec import Address, Cells, Judge, Scorer, ScorerSpec, Surroundings
from evaluators.scorers.words import load_words

METRICS: Final[tuple[JudgedMetric, ...]] = (
    *statements.METRICS,
    *likeness.METRICS,
    *passages.METRICS,
    *correctness.METRICS,
    *topics.METRICS,
)


def judge_identity(metric: JudgedMetric, options: JudgedOptions, model: str, embedding: str) -> str:
    """Return who the judge of a metric is: its model, parameters and options, its words in both languages, its shapes.

    What only says when a row passes, or how long to wait, makes no other judge.
    """
    words = judge_words()
    chosen = options.model_dump(mode="json", exclude={"pass_at", "timeout_s", "attempts"})
    said = words.both((*metric.words, "again", "faults/")) if metric.words else ""
    shapes = [shape.model_json_schema() for shape in metric.shapes]
    vectors = embedding if metric.wants_vectors(options) else ""
    return identity(model, {**chosen, "metric": metric.name, "embedding": vectors}, said, shapes)


def applies_to(metric: JudgedMetric, sample: Sample) -> bool:
    """Whether a row has what a metric needs besides an answer."""
    there = {
        "answer": True,
        "contexts": any(one.text.strip() for one in sample.contexts),
        "reference": bool((sample.reference or "").strip()),
        "topics": bool(sample.topics),
    }
    return all(there[need] for need in metric.needs)


def lacking(metric: JudgedMetric, options: Any, surroundings: Surroundings) -> str:
    """Return why a metric cannot be judged here, as a stable word; empty if it can."""
    if metric.words and surroundings.judge is None:
        return "no_judge"
    if metric.wants_vectors(options) and options.vectors == "endpoint" and surroundings.embedding is None:
        return "no_embedding_model"
    return ""


def spec(metric: JudgedMetric) -> ScorerSpec:
    """Return a metric as a scorer that suites can use."""

    def build(options: JudgedOptions, surroundings: Surroundings) -> Scorer:
        return scorer(metric, options, surroundings)

    return ScorerSpec(metric.name, f"{metric.summary}; with a judge model", metric.options, build)


def scorer(metric: JudgedMetric, options: Any, surroundings: Surroundings) -> Scorer:
    """Make the scorer; without what it needs its cells are skipped, and say why."""
    measured = (Metric(metric.name, metric.better, "mean", metric.summary),)

    def applies(sample: Sample) -> tuple[str, ...]:
        return (metric.name,) if applies_to(metric, sample) else ()

    lacks = lacking(metric, options, surroundings)
    if lacks:

        def skip(sample: Sample, response: Response) -> Cells:
            return dict.fromkeys(applies(sample), Skipped(lacks))

        return Scorer(metric.name, measured, applies, score=skip)
    judge, embedding = surroundings.judge, surroundings.embedding
    model, vectors = judge.model if judge else "", embedding.model if embedding else ""
    if metric.wants_vectors(options) and options.vectors == "shipped":
        from gateway.meaning.vectors import shipped  # noqa: PLC0415 - numpy only where it is wanted

        vectors = f"shipped:{shipped().version}"
    versions = {"judge": model, "passport": judge_identity(metric, options, model, vectors)}
    if metric.words:
        versions["words"] = str(judge_words().version)
    if metric.wants_vectors(options):
        versions["embedding"] = vectors

    @asynccontextmanager
    async def opened() -> AsyncIterator[Judge]:
        async with _bench(metric, options, surroundings) as bench:
            words, refusals = load_words(), RefusalOptions()

            async def judge_row(sample: Sample, response: Response) -> Cells:
                if not applies_to(metric, sample):
                    return {}
                if "answer" in metric.needs:
                    if not response.text.strip() and not response.declined:
                        return {metric.name: Unscored("empty_answer")}
                    stance = "answers" if metric.hears_refusals else read_stance(response, words, refusals).stance
                    if stance in ("declines", "abstains"):
                        return {metric.name: Refused(stance)}
                return {metric.name: await _cell(metric, options, bench, sample, response)}

            yield judge_row

    return Scorer(metric.name, measured, applies, judge=opened, versions=versions)


async def _cell(metric: JudgedMetric, options: Any, bench: Bench, sample: Sample, response: Response) -> Cell:
    try:
        found = await metric.judge(bench, options, sample, response)
    except JudgeError as error:
        return Unscored(error.code)
    if not math.isfinite(found.value):
        return Unscored("no_finite_number")
    value = min(1.0, max(0.0, found.value))
    passed = value >= options.pass_at if metric.better == "high" else value <= 1 - options.pass_at
    return Score(value, passed, found.detail)


class _Shipped:
    """The word vectors that come with us, as a metric wants them."""

    async def embed(self, text: str) -> Sequence[float]:
        """Return the vector of a text; one of no known word has no direction."""
        from gateway.meaning.pieces import plain  # noqa: PLC0415 - numpy only where it is wanted
        from gateway.meaning.vectors import shipped  # noqa: PLC0415

        return [float(number) for number in shipped().of(plain(text)).vector]


@asynccontextmanager
async def _bench(metric: JudgedMetric, options: Any, surroundings: Surroundings) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:

        async def endpoint(address: Address) -> Endpoint:
            return await stack.enter_async_context(
                open_endpoint(address.url, key=address.key, seconds=options.timeout_s, attempts=options.attempts)
            )

        judge, embedding = surroundings.judge, surroundings.embedding
        asking: Asking | None = None
        vectors: Vectors | None = None
        if metric.words and judge is not None:
            asking = Asking(
                await endpoint(judge), judge.model, options.parameters, judge_words(), kept=surroundings.kept
            )
        if metric.wants_vectors(options) and options.vectors == "shipped":
            vectors = _Shipped()
        elif metric.wants_vectors(options) and embedding is not None:
            vectors = EmbeddingModel(await endpoint(embedding), embedding.model)
        yield Bench(asking, vectors)
