"""Statements of answer and reference are counted, none of them left out."""

from __future__ import annotations

import json

import pytest
from kit.judged import STATEMENTS, judged
from pydantic import ValidationError

from evaluators.score import Unscored
from evaluators.scorers.judged.correctness import f_beta
from evaluators.scorers.registry import registry


def test_statements_that_the_judge_leaves_out_of_its_heads_are_no_judgement():
    head = {"statement": "s", "reason": ""}
    for heads in ({"TP": [head], "FP": [], "FN": []}, {"TP": [head] * 2, "FP": [], "FN": [head] * 9}):
        said = lambda path, body, heads=heads: (  # noqa: E731 - a script
            STATEMENTS if '{"statements"' in body["messages"][0]["content"] else json.dumps(heads)
        )
        assert judged("answer_correctness", said, weights=(1, 0))[0] == Unscored("judge_verdict_count")


def test_weights_without_weight_are_refused():
    for weights in ((0, 0), (-1, 2)):
        with pytest.raises(ValidationError, match="weights"):
            registry()["answer_correctness"].options(weights=weights)


@pytest.mark.parametrize(
    ("true", "invented", "missed", "beta", "value"),
    [
        (1, 0, 0, 1.0, 1.0),
        (0, 0, 0, 1.0, 0.0),
        (0, 3, 2, 1.0, 0.0),
        (1, 1, 1, 1.0, 0.5),
        (2, 0, 2, 1.0, 2 / 3),
        (2, 0, 2, 2.0, 10 / 18),  # recall counts for more
        (2, 2, 0, 2.0, 10 / 12),
    ],
)
def test_an_f_score_weighs_what_is_missed_against_what_is_invented(true, invented, missed, beta, value):
    assert f_beta(true, invented, missed, beta) == pytest.approx(value)
