"""Very many lists in two arrays are the lists that they were made of."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.lists import batched, joined, lists

LISTS = st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=4), max_size=9)


@given(LISTS, st.integers(0, 9), st.integers(0, 9))
def test_each_list_and_some_of_them_come_back(made: list[list[int]], one: int, other: int) -> None:
    kept = lists([np.array(each, np.int32) for each in made])
    assert len(kept) == len(made)
    assert [kept.of(at).tolist() for at in range(len(kept))] == made
    backwards = kept.some(range(len(kept))[::-1])
    assert [backwards.of(at).tolist() for at in range(len(kept))] == made[::-1]
    start, end = sorted((min(one, len(made)), min(other, len(made))))
    between = kept.between(start, end)
    assert [between.of(at).tolist() for at in range(len(between))] == made[start:end]


@given(LISTS, LISTS)
def test_lists_that_came_in_parts_are_one(first: list[list[int]], then: list[list[int]]) -> None:
    parts = [
        (np.array([number for each in made for number in each], np.int32), np.array([*map(len, made)], np.int64))
        for made in (first, then)
    ]
    kept = joined(parts)
    assert [kept.of(at).tolist() for at in range(len(kept))] == first + then


def test_texts_come_so_many_at_once() -> None:
    assert [*batched("abcde", 2)] == [("a", "b"), ("c", "d"), ("e",)]
    assert [*batched(())] == []
