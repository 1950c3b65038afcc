"""All vectors are compared, whatever their number, and the highest are found, the earlier of equals first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.rows import Rows, highest, weighed


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


@given(st.lists(st.integers(-3, 3), max_size=400), st.integers(0, 12))
def test_the_highest_are_those_that_sorting_all_finds(values: list[int], count: int) -> None:
    scores = np.array(values, np.float32)
    assert highest(scores, count).tolist() == sorted(range(len(values)), key=lambda at: (-values[at], at))[:count]
