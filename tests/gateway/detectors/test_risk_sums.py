"""Sums over n-grams are exact, however many there are, and no n-gram counts twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.risk_sums import is_first, is_new, lines_of, product, summed, together

hashes = st.lists(st.integers(0, 9), max_size=12).map(lambda some: np.array(sorted(some), np.uint32))


@given(hashes)
def test_of_the_same_the_first_counts(some: np.ndarray) -> None:
    assert some[is_first(some)].tolist() == sorted(set(some.tolist()))


@given(hashes, hashes)
def test_what_is_known_is_not_new(some: np.ndarray, known: np.ndarray) -> None:
    known = known[is_first(known)]
    new = some[is_new(some, known)]
    assert new.tolist() == sorted(set(some.tolist()) - set(known.tolist()))
    assert together(known, new).tolist() == sorted({*some.tolist(), *known.tolist()})


@pytest.mark.parametrize("count", [0, 1, 17, 5000, 40_000])
@pytest.mark.parametrize("lines", [1, 3, 64])
def test_sums_are_whole_numbers_in_whatever_blocks(count: int, lines: int) -> None:
    source = np.random.default_rng(count)
    table = source.integers(-127, 128, (64, 16), np.int8)
    places = source.integers(0, 64, count, np.uint32)
    expected = table[places].astype(np.int64).sum(0)
    assert summed(table, places).tolist() == expected.tolist()
    share = np.ones((lines, count), np.float32)
    assert product(share, lines_of(table, places)).tolist() == [expected.tolist()] * lines
