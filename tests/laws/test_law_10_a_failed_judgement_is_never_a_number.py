"""Law 10: a failed judgement is never a number: ``Score | Unscored``, no NaN.

Mutants killed: ``0.0`` or ``nan`` for what could not be judged; a failure that counts as a pass.
"""

from __future__ import annotations

import math

import pytest

from evaluators.score import Refused, Score, Skipped, Unscored, outcome


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.1, 1.1])
def test_a_score_is_a_number_between_nought_and_one(value: float) -> None:
    with pytest.raises(ValueError, match="Unscored"):
        Score(value, passed=True)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (Score(0.4, passed=False), "fail"),
        (Score(0.4, passed=True), "pass"),
        (Unscored("no_statements"), "unscored"),
        (Refused("the target declined"), "refused"),
        (Skipped("the eval extra is not installed"), "skipped"),
    ],
)
def test_what_could_not_be_judged_is_neither_a_pass_nor_a_number(
    cell: Score | Unscored | Refused | Skipped, word: str
) -> None:
    assert outcome(cell) == word
    assert hasattr(cell, "value") == isinstance(cell, Score)
