"""All vectors are compared, whatever their number, and the highest are found, the earlier of equals first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.rows import Rows, cosines, highest, length_one, products, weighed


@pytest.mark.parametrize("count", [0, 1, 139, 140, 141, 1000])
@pytest.mark.parametrize("width", [1, 64, 128, 9_500])
def test_the_products_are_those_of_one_multiplication(count: int, width: int) -> None:
    draw = np.random.default_rng(count + width)
    rows, vector = draw.standard_normal((2, max(1, count), width)).astype(np.float32)
    rows = rows[:count]
    assert len(Rows(rows)) == count
    assert np.allclose(Rows(rows) @ vector[0], rows @ vector[0], atol=1e-2)


def test_every_block_is_too_small_to_be_shared_out_among_threads() -> None:
    for width in (1, 64, 100, 128, 1024, 4096):
        rows = np.zeros((20_000, width), np.float32)
        assert Rows(rows)._blocks.shape[1] * width < 9_216


@pytest.mark.parametrize("count", [1, 70, 71, 500])
@pytest.mark.parametrize("width", [1, 128, 9_500])
def test_rows_are_added_up_with_their_weights(count: int, width: int) -> None:
    draw = np.random.default_rng(count + width)
    rows, weights = draw.standard_normal((count, width)).astype(np.float32), np.arange(count, dtype=np.float32) / count
    assert np.allclose(weighed(weights, rows), weights @ rows, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 70, 71, 500])
def test_few_rows_and_many_have_the_same_products(count: int) -> None:
    draw = np.random.default_rng(count)
    rows, vector = draw.standard_normal((count, 128)).astype(np.float32), np.ones(128, np.float32)
    assert np.allclose(products(rows, vector), rows.sum(1), atol=1e-3)


@pytest.mark.parametrize(("count", "others"), [(0, 3), (1, 1), (700, 63), (5000, 2000), (10, 9000)])
def test_each_row_is_compared_with_each_of_some(count: int, others: int) -> None:
    draw = np.random.default_rng(count)
    rows, some = (draw.standard_normal((number, 32)).astype(np.float32) for number in (count, others))
    assert np.allclose(cosines(rows, some), rows @ some.T, atol=1e-3)


def test_several_lists_of_weights_have_a_sum_each() -> None:
    draw = np.random.default_rng(1)
    rows, weights = draw.standard_normal((300, 128)).astype(np.float32), draw.standard_normal((4, 300)).astype("f4")
    assert np.allclose(weighed(weights, rows), weights @ rows, atol=1e-3)


def test_rows_are_made_as_long_as_one_and_zeros_stay() -> None:
    rows = np.array([[3, 4], [0, 0], [1e-4, 0]], np.float32)
    assert length_one(rows) == pytest.approx(np.array([[0.6, 0.8], [0, 0], [1, 0]]))


@given(st.lists(st.integers(-3, 3), max_size=400), st.integers(0, 12))
def test_the_highest_are_those_that_sorting_all_finds(values: list[int], count: int) -> None:
    scores = np.array(values, np.float32)
    assert highest(scores, count).tolist() == sorted(range(len(values)), key=lambda at: (-values[at], at))[:count]
