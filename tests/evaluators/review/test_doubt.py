"""What could not be judged, what judges split on and what lies near the threshold is doubtful."""

from dataclasses import replace

import pytest
from kit.reviewing import rows

from evaluators.review.doubt import NEAR, doubts, thresholds
from evaluators.review.rubric import load_rubric
from evaluators.score import Refused, Score, Skipped, Unscored

RUBRIC = load_rubric("safety")


def judged(row, **cells):
    return replace(row, cells=cells)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"m": Unscored("timeout")}, "unscored:m"),
        ({"m": Score(1.0, True, {"votes": ["yes", "no", "yes"]})}, "split:m"),
        ({"m": Score(0.5, True, {"answer_first": ["first"], "answer_second": ["first"]})}, None),
        ({"refusal_rate": Score(1.0, True), "refused": Score(0.0, True)}, "contradiction:refusal_rate/refused"),
        ({"refusal_rate": Score(1.0, True), "refused": Score(1.0, True)}, None),
        ({"refusal_rate": Score(1.0, True), "toxicity_rate": Score(0.0, True)}, None),
        ({"m": Refused("declines"), "n": Skipped("no_judge")}, None),
    ],
)
def test_what_makes_a_row_doubtful(cells, why):
    row = judged(rows("one", 1)[0], **cells)
    assert doubts([row], RUBRIC)["row0"].why == ((why,) if why else ())


def test_a_row_whose_repetitions_end_otherwise_is_doubtful():
    row = rows("one", 1)[0]
    found = doubts([replace(row, outcome="pass"), replace(row, repetition=1, outcome="fail")], RUBRIC)
    assert found["row0"].why == ("unstable",)


def test_near_the_threshold_is_doubtful_and_the_threshold_is_what_the_cells_show():
    marks = [(0.1, False), (0.4, False), (0.6, True), (0.9, True)]
    given = [judged(row, m=Score(*mark)) for row, mark in zip(rows("one"), marks, strict=True)]
    assert thresholds(row.cells for row in given) == {"m": 0.5}
    found = doubts(given, RUBRIC)
    assert [found[f"row{at}"].degree for at in range(4)] == pytest.approx([0, NEAR * 0.6, NEAR * 0.6, 0])
    low = [judged(row, m=Score(1 - v, p)) for row, (v, p) in zip(rows("one"), marks, strict=True)]
    assert thresholds(row.cells for row in low) == pytest.approx({"m": 0.5})
    assert thresholds([{"m": Score(0.0, False)}, {"m": Score(1.0, True)}]) == {}
    assert thresholds([{"m": Score(0.3, True)}, {"m": Score(0.4, True)}]) == {}
