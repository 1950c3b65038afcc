"""Figures and their intervals, held against cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.measure import above, auroc, brier, f1, mark_for, rate


@pytest.mark.parametrize(
    ("shown", "others", "value"),
    [([3, 4], [1, 2], 1.0), ([1, 2], [3, 4], 0.0), ([1, 1], [1, 1], 0.5), ([1, 3], [2, 0], 0.75)],
)
def test_the_area_is_the_share_of_pairs_in_the_right_order(shown: list[int], others: list[int], value: float) -> None:
    area = auroc(np.array(shown, float), np.array(others, float))
    assert area is not None
    assert area.value == pytest.approx(value)
    assert area.low <= area.value <= area.high


def test_one_text_has_no_area() -> None:
    assert auroc(np.array([1.0]), np.array([0.0, 1.0])) is None


def test_a_rate_has_wilsons_interval() -> None:
    found = rate(285, 300)
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (0.919, 0.969)
    assert rate(0, 0) is None


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.5])
def test_no_more_harmless_texts_reach_the_mark_than_allowed(share: float) -> None:
    others = np.random.default_rng(1).random(1000).round(2)  # many are the same
    reached = above(others, mark_for(others, share))
    assert reached is not None
    assert reached.value <= share


def test_precision_f1_and_brier() -> None:
    assert f1(8, 2, 2) == (0.8, 0.8)
    assert f1(0, 0, 5) == (0.0, 0.0)
    assert brier(np.array([1.0]), np.array([0.0])) == 0
    assert brier(np.array([0.5]), np.array([0.5])) == 0.25
