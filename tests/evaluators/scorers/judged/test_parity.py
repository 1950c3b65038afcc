"""Ragas and our own metrics, asked about the same rows with the same verdicts: the same number comes out.

Ragas' prompts are attributes of its metrics; here they say nothing but their input, for a judge that only rules.
"""

from __future__ import annotations

import asyncio
import json
import os
import random

import pytest
from kit.oracle import Oracle, OracleAsking, OracleVectors, split

from evaluators.sample import Passage, Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.metric import Bench
from evaluators.scorers.judged.scorer import METRICS
from evaluators.scorers.judged.tools import accuracy
from evaluators.scorers.lexical import sentences

OURS = {metric.name: metric for metric in METRICS}
SEEDS = range(25)
PARTS = [
    "七天内可以退货",
    "运费由买家承担",
    "门店在北京",
    "Returns are free",
    "Zhang Wei signed it",
    "共 120 元",
    "周末不营业",
]


@pytest.fixture(scope="module")
def ragas():
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    return pytest.importorskip("ragas.metrics.collections")


def row(seed: int) -> tuple[Sample, Response]:
    draw = random.Random(seed)

    def text(most: int) -> str:
        return "。".join(draw.sample(PARTS, draw.randint(1, most))) + "。"

    contexts = tuple(Passage(f"p{at}", text(3)) for at in range(draw.randint(1, 4)))
    return Sample(f"r{seed}", f"问题{seed}。运费。", "zh", contexts=contexts, reference=text(4)), Response(text(4))


def ours(name: str, seed: int, **options) -> float:
    sample, said = row(seed)
    metric = OURS[name]
    bench = Bench(OracleAsking(Oracle(seed)), OracleVectors())
    return asyncio.run(metric.judge(bench, metric.options(**options), sample, said)).value


def theirs(metric, seed: int, **more) -> float:
    """Ask one of Ragas' metrics; its prompts become their input, marked by the attribute that holds them."""
    for name, prompt in list(vars(metric).items()):
        if name == "prompt" or name.endswith("_prompt"):
            prompt.to_string = lambda given, name=name: json.dumps([name, given.model_dump()], ensure_ascii=False)
    sample, said = row(seed)
    fields = {
        "user_input": sample.question,
        "response": said.text,
        "reference": sample.reference,
        "retrieved_contexts": [passage.text for passage in sample.contexts],
        **more,
    }
    wanted = metric.ascore.__code__.co_varnames[1 : metric.ascore.__code__.co_argcount]
    return float(asyncio.run(metric.ascore(**{name: fields[name] for name in wanted})).value)


def judge(ragas, seed: int):
    from ragas.embeddings.base import BaseRagasEmbedding
    from ragas.llms.base import InstructorBaseRagasLLM

    oracle, vectors = Oracle(seed), OracleVectors()
    written = {"questions": 0}

    def ruled(name: str, given: dict, shape: str) -> dict:
        if shape == "StatementGeneratorOutput":
            return {"statements": split(given.get("answer") or given["text"])}
        if shape == "ClaimDecompositionOutput":
            return {"claims": split(given["response"])}
        if shape in ("NLIStatementOutput", "StatementFaithfulnessOutput"):
            return oracle.verdicts(given["statements"], given["context"])
        if shape == "AnswerRelevanceOutput":
            written["questions"] += 1
            return oracle.question(given["response"], written["questions"] - 1)
        if shape == "ContextPrecisionOutput":
            return {"reason": "", "verdict": oracle.yes(given["question"], given["context"], given["answer"])}
        if shape == "ContextRecallOutput":
            judged = [(one, oracle.yes(one.rstrip("。."), given["context"])) for one in sentences(given["answer"])]
            return {"classifications": [{"statement": s, "reason": "", "attributed": held} for s, held in judged]}
        if shape in ("ContextRelevanceOutput", "ResponseGroundednessOutput"):
            about = given.get("user_input") or given["response"]
            return {"rating": oracle.rating(name.removeprefix("judge")[0], about, given["context"])}
        if shape == "EntitiesList":
            return {"entities": split(given["text"])}
        if shape == "ClassificationWithReason":
            return oracle.heads(given["answer"], given["ground_truth"])
        if shape == "TopicExtractionOutput":
            return {"topics": split(given["user_input"].partition("\n")[0].partition(": ")[2])}
        if shape == "TopicRefusedOutput":
            return {"refused_to_answer": bool(oracle.yes("refused", given["topic"]))}
        assert shape == "TopicClassificationOutput"
        return {"classifications": [bool(oracle.yes("within", one)) for one in given["topics"]]}

    class Judge(InstructorBaseRagasLLM):
        def __init__(self):
            pass

        def generate(self, prompt, response_model):
            raise NotImplementedError

        async def agenerate(self, prompt, response_model):
            name, given = json.loads(prompt)
            return response_model.model_validate(ruled(name, given, response_model.__name__))

    class Embedding(BaseRagasEmbedding):
        def __init__(self):
            super().__init__(cache=None)

        def embed_text(self, text, **options):
            return asyncio.run(vectors.embed(text)) if not _running() else _now(vectors.embed(text))

        async def aembed_text(self, text, **options):
            return await vectors.embed(text)

    return Judge(), Embedding()


def _running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _now(coroutine):
    """Run a coroutine that waits for nothing (Ragas' semantic similarity embeds inside its loop)."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


CASES = [
    ("faithfulness", "Faithfulness", {}, {}),
    ("noise_sensitivity", "NoiseSensitivity", {"mode": "relevant"}, {"mode": "relevant"}),
    ("noise_sensitivity", "NoiseSensitivity", {"mode": "irrelevant"}, {"mode": "irrelevant"}),
    ("context_precision", "ContextPrecision", {}, {}),
    ("context_utilization", "ContextUtilization", {}, {}),
    ("context_recall", "ContextRecall", {}, {}),
    ("context_relevance", "ContextRelevance", {}, {}),
    ("context_entity_recall", "ContextEntityRecall", {}, {}),
    ("response_groundedness", "ResponseGroundedness", {}, {}),
    ("factual_correctness", "FactualCorrectness", {}, {}),
    ("factual_correctness", "FactualCorrectness", {"mode": "precision"}, {"mode": "precision"}),
    ("factual_correctness", "FactualCorrectness", {"mode": "recall"}, {"mode": "recall"}),
    ("factual_correctness", "FactualCorrectness", {"beta": 2.0}, {"beta": 2.0}),
]
EMBEDDED = [
    ("answer_relevancy", "AnswerRelevancy", {"strictness": 3}, {"strictness": 3}),
    ("answer_correctness", "AnswerCorrectness", {}, {}),
    ("answer_correctness", "AnswerCorrectness", {"weights": (0.5, 0.5), "beta": 2.0},
     {"weights": [0.5, 0.5], "beta": 2.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "peer", "options", "peers"), CASES)
def test_the_same_verdicts_give_the_same_number(ragas, name, peer, options, peers):
    values = set()
    for seed in SEEDS:
        llm, _ = judge(ragas, seed)
        expected = theirs(getattr(ragas, peer)(llm=llm, **peers), seed)
        found = ours(name, seed, **options)
        # Ragas rounds this one metric to two places, and divides others by a little more than the whole.
        assert found == pytest.approx(expected, abs=0.0051 if name == "factual_correctness" else 1e-6), seed
        values.add(round(found, 3))
    assert len(values) > 2


@pytest.mark.parametrize(("name", "peer", "options", "peers"), EMBEDDED)
def test_the_same_verdicts_and_vectors_give_the_same_number(ragas, name, peer, options, peers):
    values = set()
    for seed in SEEDS:
        llm, embedding = judge(ragas, seed)
        expected = theirs(getattr(ragas, peer)(llm=llm, embeddings=embedding, **peers), seed)
        found = ours(name, seed, **options)
        assert found == pytest.approx(expected, abs=1e-6), seed
        values.add(round(found, 3))
    assert len(values) > 2


def test_the_same_vectors_give_the_same_similarity(ragas):
    for seed in SEEDS:
        _, embedding = judge(ragas, seed)
        expected = theirs(ragas.SemanticSimilarity(embeddings=embedding), seed)
        assert ours("semantic_similarity", seed) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("mode", ["f1", "precision", "recall"])
def test_the_same_topics_give_the_same_adherence_where_there_are_any_to_count(ragas, mode):
    from dataclasses import replace

    from ragas.messages import AIMessage, HumanMessage

    counted = 0
    for seed in SEEDS:
        llm, _ = judge(ragas, seed)
        sample, said = row(seed)
        sample = replace(sample, question="退货。运费。门店。发票。", topics=("购物",))
        messages = [HumanMessage(content=sample.question), AIMessage(content=said.text)]
        expected = theirs(
            ragas.TopicAdherence(llm=llm, mode=mode), seed, user_input=messages, reference_topics=["购物"]
        )
        metric = OURS["topic_adherence"]
        bench = Bench(OracleAsking(Oracle(seed)))
        try:
            found = asyncio.run(metric.judge(bench, metric.options(mode=mode), sample, said)).value
        except JudgeError as error:
            told = (error.code, expected)  # a number of Ragas' for what cannot be divided
            found = None
        if found is None:
            assert told == ("no_topic_to_count", 0.0)
            continue
        assert found == pytest.approx(expected, abs=1e-6)
        counted += 1
    assert counted > 15


@pytest.mark.parametrize("order", ["strict", "any"])
def test_the_same_calls_give_the_same_accuracy(ragas, order):
    from ragas.messages import AIMessage, ToolCall

    draw, values = random.Random(7), set()
    for _ in range(200):
        names = draw.sample(["search", "book", "pay"], draw.randint(1, 3))
        wanted = [{"name": name, "args": {"n": draw.randint(0, 1), "城": "北京"}} for name in names]
        made = [dict(call, args={**call["args"], "n": draw.randint(0, 1)}) for call in wanted]
        if draw.random() < 0.5:
            draw.shuffle(made)
        if draw.random() < 0.2:
            made.pop()
        metric = ragas.ToolCallAccuracy(strict_order=order == "strict")
        message = AIMessage(content="", tool_calls=[ToolCall(**call) for call in made])
        expected = asyncio.run(
            metric.ascore(user_input=[message], reference_tool_calls=[ToolCall(**call) for call in wanted])
        ).value
        found = accuracy(made, wanted, order)
        assert found == pytest.approx(expected)
        values.add(found)
    assert len(values) > 2
