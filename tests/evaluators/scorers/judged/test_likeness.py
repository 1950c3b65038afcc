"""Vectors say how alike texts are, and questions are written anew until they differ."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.judged import SAID, ZH, judged

from evaluators.sample import Response
from evaluators.score import Score, Unscored
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.likeness import cosine
from evaluators.scorers.registry import registry
from evaluators.scorers.spec import Surroundings


def test_later_questions_are_asked_for_with_the_earlier_in_view_and_differ():
    def said(path, body):
        if path == "/embeddings":
            return {"data": [{"embedding": [1.0, 1.0]}]}
        prompt = body["messages"][0]["content"]
        return json.dumps({"question": f"问题 {prompt.count('- 问题')}？", "noncommittal": 0}, ensure_ascii=False)

    cell, asked = judged("answer_relevancy", said, embedding=True, strictness=3)
    assert cell.detail["questions"] == ["问题 0？", "问题 1？", "问题 2？"]
    assert len(set(asked)) == 3


def test_a_judge_that_writes_one_question_over_and_over_is_counted_once():
    def said(path, body):
        if path == "/embeddings":
            return {"data": [{"embedding": [1.0, 0.0] if body["input"] == ZH.question else [3.0, 4.0]}]}
        return '{"question": "怎么退？", "noncommittal": 0}'

    cell, asked = judged("answer_relevancy", said, embedding=True, strictness=3)
    assert (cell.value, cell.detail["questions"], len(asked)) == (pytest.approx(0.6), ["怎么退？"], 3)


@pytest.mark.parametrize("vector", [[0.0, 0.0], [1.0], "x", [float("nan"), 1.0]])
def test_vectors_without_direction_or_of_another_length_are_unscored(vector):
    def said(path, body):
        return {"data": [{"embedding": [1.0, 1.0] if body["input"] == SAID else vector}]}

    assert judged("semantic_similarity", said, embedding=True)[0] == Unscored("embedding_malformed")


def test_shipped_vectors_need_no_endpoint():
    spec = registry()["semantic_similarity"]
    scorer = spec.build(spec.options(vectors="shipped"), Surroundings())

    async def go(text):
        async with scorer.judge() as judge:
            return (await judge(ZH, Response(text)))["semantic_similarity"]

    near, far = asyncio.run(go("七天之内能够退货。")), asyncio.run(go("这座桥长三百米。"))
    assert near.value > far.value
    assert asyncio.run(go("？！")) == Unscored("embedding_malformed")


def test_no_value_leaves_the_scale():
    def opposite(path, body):
        return {"data": [{"embedding": [1.0 if body["input"] == SAID else -1.0]}]}

    cell, _ = judged("semantic_similarity", opposite, embedding=True)
    assert cell.value == 0.0
    assert isinstance(cell, Score)


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ([1, 0], [2, 0], 1.0),
        ([1, 0], [0, 5], 0.0),
        ([1, 0], [-1, 0], -1.0),
        ([3, 4], [4, 3], 0.96),
        ([1e200], [1e-200], 1.0),
    ],
)
def test_a_cosine_is_that_of_directions(one, other, value):
    assert cosine(one, other) == pytest.approx(value)


@pytest.mark.parametrize(("one", "other"), [([], []), ([0, 0], [1, 0]), ([1], [1, 2]), ([float("inf")], [1.0])])
def test_what_has_no_direction_has_no_cosine(one, other):
    with pytest.raises(JudgeError, match="embedding_malformed"):
        cosine(one, other)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=8))
def test_no_cosine_leaves_its_range(pairs):
    one, other = zip(*pairs, strict=True)
    with contextlib.suppress(JudgeError):
        assert -1 <= cosine(one, other) <= 1
