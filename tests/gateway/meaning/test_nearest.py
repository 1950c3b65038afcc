"""Nearest of very many: what the index finds is what comparing all finds, nearly always."""

import sys

import numpy as np
import pytest

from gateway.errors import ConfigError
from gateway.meaning.nearest import Index, middles, spread


def rows(number: int = 4000, width: int = 32) -> np.ndarray:
    made = np.random.default_rng(1).standard_normal((number, width)).astype(np.float32)
    made[1::2] = made[::2] + 0.3 * made[1::2]  # every second one is near the one before
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def index_of(made: np.ndarray, each: int = 1500) -> Index:
    index = Index(made[spread(len(made))], len(made))
    for at in range(0, len(made), each):
        index.add(made[at : at + each])
    return index


def test_the_nearest_are_found_as_by_comparing_all() -> None:
    made = rows()
    index = index_of(made)
    assert len(index) == len(made)
    hits = 0
    for at in range(0, 200, 2):
        true = set(np.argsort(-(made @ made[at]))[:2].tolist())
        found = index.near(made[at], 10)
        assert found[0] == at
        hits += len(true & set(found))
    assert hits >= 190  # of 200


def test_vectors_come_back_nearly_as_they_were() -> None:
    made = rows()
    assert np.abs(index_of(made).rows([3, 1999]) - made[[3, 1999]]).max() < 0.01


def test_the_same_vectors_make_the_same_index_however_they_came() -> None:
    made = rows()
    assert index_of(made).near(made[7], 50) == index_of(made, 4000).near(made[7], 50)


@pytest.mark.parametrize("number", [1, 2, 40])
def test_few_vectors_are_all_found(number: int) -> None:
    made = rows(number + number % 2)[:number]
    assert sorted(index_of(made).near(made[0], 100)) == list(range(number))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ConfigError, match=r"answers-large"):
        index_of(rows(10))


def test_middles_lie_where_the_vectors_are() -> None:
    draw = np.random.default_rng(1)
    centres = draw.standard_normal((5, 16)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    made = centres[np.repeat(np.arange(5), 100)] + 0.05 * draw.standard_normal((500, 16)).astype(np.float32)
    found = middles(made / np.linalg.norm(made, axis=1, keepdims=True), 5)
    assert (found @ centres.T).max(1) == pytest.approx(np.ones(5), abs=0.01)
    assert sorted((found @ centres.T).argmax(1)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("number", "count"), [(1, 1), (3, 1), (3, 7)])
def test_there_are_no_more_middles_than_vectors(number: int, count: int) -> None:
    assert len(middles(rows(4)[:number], count)) == min(number, count)


@pytest.mark.parametrize("number", [1, 40, 5000, 1_000_000])
def test_what_cells_are_learned_from_is_spread_over_all(number: int) -> None:
    shown = spread(number)
    assert 0 < len(shown) <= number
    assert shown[-1] >= 0.9 * (number - 1) or number < 10
