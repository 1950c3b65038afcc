import pytest

from evaluators.scorers.judged.shapes import Verdict, in_order, misnumbered


@pytest.mark.parametrize(
    ("ids", "count", "code"),
    [
        ([None, None], 2, ""),
        ([2, 1], 2, ""),
        ([], 0, ""),
        ([None], 2, "judge_verdict_count"),
        ([1, 2, 3], 2, "judge_verdict_count"),
        ([1, 1], 2, "judge_verdict_order"),
        ([0, 1], 2, "judge_verdict_order"),
        ([1, None], 2, "judge_verdict_order"),
        ([None, 2], 2, "judge_verdict_order"),
    ],
)
def test_numbers_are_each_there_once_or_not_at_all(ids, count, code):
    assert misnumbered([Verdict(id=one, verdict=1) for one in ids], count) == code


def test_verdicts_come_in_the_order_of_their_numbers():
    assert [one.id for one in in_order([Verdict(id=2, verdict=0), Verdict(id=1, verdict=1)])] == [1, 2]
    plain = [Verdict(statement=text, verdict=1) for text in "乙甲"]
    assert in_order(plain) == plain
