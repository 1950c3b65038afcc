"""Numbers of rounds are taken so that drift of the machine cancels."""

from math import isnan

import pytest

from benchmarks.speed.stats import difference, middle, percentile, ratio, spread


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3, 1, 2], 0.5, 2), ([1, 2, 3, 4], 0.5, 2), (range(1, 101), 0.99, 99), ([7], 0.99, 7), ([5, 9], 1.0, 9)],
)
def test_a_percentile_is_a_value_that_was_seen(values, share, expected):
    assert percentile(list(values), share) == expected


def test_of_nothing_there_is_no_number():
    assert isnan(percentile([], 0.5))
    assert isnan(middle([]))


def test_a_ratio_is_taken_within_each_round_so_that_drift_cancels():
    assert ratio([100, 50, 10], [200, 100, 20]) == 0.5
    assert difference([11, 21, 100], [10, 20, 30]) == 1
    assert spread([90, 100, 110]) == pytest.approx(0.2)
