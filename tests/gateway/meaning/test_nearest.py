"""Nearest of very many: what the index finds is what comparing all finds, nearly always."""

import sys

import numpy as np
import pytest

from gateway.errors import ConfigError
from gateway.meaning.nearest import Index


def rows(number: int = 4000, width: int = 32) -> np.ndarray:
    made = np.random.default_rng(1).standard_normal((number, width)).astype(np.float32)
    made[1::2] = made[::2] + 0.3 * made[1::2]  # every second one is near the one before
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_the_nearest_are_found_as_by_comparing_all() -> None:
    made = rows()
    index = Index(made)
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
    assert np.abs(Index(made).rows([3, 1999]) - made[[3, 1999]]).max() < 0.01


def test_the_same_vectors_make_the_same_index() -> None:
    made = rows()
    assert Index(made).near(made[7], 50) == Index(made).near(made[7], 50)


@pytest.mark.parametrize("number", [1, 2, 40])
def test_few_vectors_are_all_found(number: int) -> None:
    made = rows(number + number % 2)[:number]
    assert sorted(Index(made).near(made[0], 100)) == list(range(number))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ConfigError, match=r"answers-large"):
        Index(rows(10))
