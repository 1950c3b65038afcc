"""Every text is learnt once a round, beside texts of about its length, in steps that grow and then shrink."""

from __future__ import annotations

import numpy as np
import pytest

from training.batches import batches, by_length, share

SIZES = np.random.default_rng(1).integers(2, 128, 3000)
CHOSEN = np.arange(0, 3000, 2)


@pytest.mark.parametrize("rounds", [1, 3])
def test_every_chosen_text_is_learnt_once_a_round(rounds: int) -> None:
    lots = batches(SIZES, CHOSEN, rounds, np.random.default_rng(1))
    assert np.array_equal(np.sort(np.concatenate(lots)), np.repeat(CHOSEN, rounds))
    assert max(map(len, lots)) == 256


def test_texts_of_a_batch_are_about_as_long_but_batches_come_in_any_order() -> None:
    lots = batches(SIZES, CHOSEN, 1, np.random.default_rng(1))
    filled = sum(SIZES[lot].sum() for lot in lots) / sum(SIZES[lot].max() * len(lot) for lot in lots)
    assert filled > 0.8
    assert [SIZES[lot].max() for lot in lots] != sorted(SIZES[lot].max() for lot in lots)


def test_the_same_seed_gives_the_same_batches() -> None:
    one, same, other = (batches(SIZES, CHOSEN, 2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_texts_are_read_once_from_short_to_long() -> None:
    read = np.concatenate(by_length(SIZES, CHOSEN))
    assert np.array_equal(np.sort(read), CHOSEN)
    assert np.all(np.diff(SIZES[read]) >= 0)


def test_nothing_chosen_makes_no_batch() -> None:
    nothing = np.zeros(0, np.int64)
    assert batches(SIZES, nothing, 2, np.random.default_rng(1)) == by_length(SIZES, nothing) == []


def test_steps_grow_at_first_and_then_shrink() -> None:
    found = [share(step, 1000) for step in range(1000)]
    assert found[0] == pytest.approx(1 / 60)
    assert max(found) == pytest.approx(0.94, abs=0.01)
    assert found.index(max(found)) in range(58, 62)
    assert 0 < found[-1] < 0.002
    assert 0 < share(0, 1) <= 1
