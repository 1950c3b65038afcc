import math

import pytest

from evaluators.score import Refused, Score, Skipped, Unscored, decode, encode, outcome


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.01, 1.01])
def test_a_score_outside_its_range_cannot_be_made(value):
    with pytest.raises(ValueError, match="Unscored"):
        Score(value, passed=True)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (Score(1.0, True, {"statements": [{"text": "支持七天退货"}]}), "pass"),
        (Score(0.0, False), "fail"),
        (Refused("declines"), "refused"),
        (Unscored("no_statements", {"error": "KeyError"}), "unscored"),
        (Skipped("no_judge"), "skipped"),
    ],
)
def test_a_cell_comes_back_from_its_written_form(cell, word):
    assert outcome(cell) == word
    assert decode(encode(cell)) == cell


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"outcome": "pass"},
        {"outcome": "good", "value": 1},
        {"outcome": "unscored"},
        {"outcome": "pass", "value": 7},
    ],
)
def test_what_is_no_cell_is_not_read_as_one(written):
    with pytest.raises(ValueError):  # noqa: PT011 - any of the messages will do
        decode(written)
