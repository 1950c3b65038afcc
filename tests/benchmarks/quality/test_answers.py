"""The figures of answer banks mean what they say."""

from __future__ import annotations

import pytest

from benchmarks.quality.answers import Asked, auc, bank_of, measured


@pytest.mark.parametrize(
    ("high", "low", "area"), [([2, 3], [0, 1], 1.0), ([0, 1], [2, 3], 0.0), ([1, 1], [1, 1], 0.5), ([], [1], None)]
)
def test_the_area_counts_pairs(high: list[float], low: list[float], area: float | None) -> None:
    assert auc(high, low) == area


def test_wrong_counts_all_questions_and_right_those_that_the_bank_holds() -> None:
    bank = bank_of("b", [("怎么退款", "refund"), ("怎么换货", "exchange")])
    asked = [("如何退款？", "refund"), ("如何换货", "refund"), ("今天天气怎么样", None), ("如何换货？", "exchange")]
    line = measured(Asked("b", bank, asked))
    assert (line.questions, line.ways, line.wrong, line.top) == (4, 2, 0.25, pytest.approx(2 / 3))
    assert line.right == pytest.approx(2 / 3)
