"""A square of small numbers, kept in blocks, says what the square says and takes far less room.

Killed here: a block of one row that another row shares; a column in the wrong block; what was seen and is lost; what
was never seen and does not say what is usual for its column; a last block that is cut; blocks that are not shared.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.spelling.pairs import Pairs
from gateway.detectors.spelling.table import shipped

PLACES = st.integers(0, 199)


@given(st.integers(1, 200), st.dictionaries(st.tuples(PLACES, PLACES), st.integers(0, 255), max_size=60))
def test_the_blocks_say_what_the_square_says(size: int, told: dict[tuple[int, int], int]) -> None:
    usual = (np.arange(size) * 7 % 251).astype(np.uint8)
    square = np.tile(usual, (size, 1))
    told = {place: step for place, step in told.items() if max(place) < size}
    rows, columns = np.array([*told], np.intp).reshape(-1, 2).T
    steps = np.array([*told.values()], np.uint8)
    square[rows, columns] = steps
    pairs = Pairs(usual, rows, columns, steps)
    every = np.arange(size)
    assert (pairs.at(pairs.begin(every)[:, None], pairs.split(every)) == square).all()
    small = every.astype(np.int32)
    assert (pairs.at(pairs.begin(small), pairs.split(small)) == square[every, every]).all()


def test_the_table_that_ships_takes_a_third_of_a_square_at_most() -> None:
    letters, _, _ = shipped()
    size = len(letters.text) + 1
    assert letters.room < size * size / 3
