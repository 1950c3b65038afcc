"""The network for sentences learns what its vectors tell, and the same from the same."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.meaning.encoder import WIDTH, shipped
from training.sentence import Net, fit_net, vectors, weigh


def material(number: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    read = chance.normal(0, WIDTH**-0.5, (number, WIDTH)).astype(np.float16)
    wanted = (read[:, :2] > 0).astype(np.float32)
    return read, wanted, np.ones_like(wanted)


def right(net: Net) -> np.ndarray:
    read, wanted, _ = material()
    return np.asarray(((net.logits(read) > 0) == (wanted > 0)).mean(0))


def test_it_learns_what_the_vectors_tell() -> None:
    assert (right(fit_net(*material(), 1)) > 0.8).all()


def test_what_does_not_count_teaches_nothing() -> None:
    read, wanted, counts = material()
    counts[:, 1] = 0
    told = right(fit_net(read, wanted, counts, 1))
    assert told[0] > 0.8
    assert told[1] < 0.65


def test_the_same_seed_makes_the_same_network() -> None:
    one, same, other = (fit_net(*material(600), seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one.inward, other.inward)


def test_texts_are_read_in_their_order() -> None:
    encoder = shipped().encoder
    texts = ["a much longer text that is read after the others", "好", "怎么做蛋糕"]
    found = vectors(encoder, texts)
    for text, vector in zip(texts, found, strict=True):
        assert vector.astype(np.float32) == pytest.approx(encoder.read([encoder.cut(text)])[0], abs=2e-3)


def test_both_are_weighed_for_each_head() -> None:
    weights = {"a": [1.0, 0.0, 0.0], "b": [0.0, 2.0, -2.0]}
    found = weigh(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32), weights, ["a", "b"])
    assert found[0] == pytest.approx([0.5, 0.5])
