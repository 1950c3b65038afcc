"""A judged metric has a judge and vectors, or says that it has none."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.metric import Bench, JudgedOptions
from evaluators.scorers.judged.scorer import METRICS
from evaluators.scorers.judged.words import judge_words

pytestmark = pytest.mark.anyio


def test_a_bench_without_a_judge_or_vectors_says_so():
    with pytest.raises(JudgeError, match="no_judge"):
        _ = Bench().asking


async def test_vectors_come_from_where_they_were_given():
    class Ones:
        async def embed(self, text):
            return [float(len(text))]

    assert await Bench(vectors=Ones()).embed("中文") == [2.0]
    with pytest.raises(JudgeError, match="no_embedding_model"):
        await Bench().embed("x")


@pytest.mark.parametrize(
    "options", [{"pass_at": 1.5}, {"timeout_s": 0}, {"attempts": 0}, {"attempts": 21}, {"pass_ta": 0.5}]
)
def test_options_out_of_their_range_are_refused(options):
    with pytest.raises(ValidationError):
        JudgedOptions(**options)


def test_what_a_metric_asks_with_is_among_the_words():
    words = judge_words().said
    for metric in METRICS:
        for name in metric.words:
            found = [word for word in words if word == name or (name.endswith("/") and word.startswith(name))]
            assert found, (metric.name, name)
