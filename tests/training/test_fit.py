"""Logistic regression: finds what separates, ignores what is not known, the same every time."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from training.fit import doubted, fit, sigmoid


def test_it_finds_what_separates_each_risk_and_skips_what_is_not_known() -> None:
    source = np.random.default_rng(3)
    features = sp.csr_matrix((source.random((400, 6)) < 0.5).astype(np.float32))
    dense = features.toarray()
    targets = dense[:, :2].copy()
    counts = np.ones_like(targets)
    targets[:100, 1] = 1 - targets[:100, 1]  # wrong, but said not to be known
    counts[:100, 1] = 0
    model = fit(features, targets, counts, strength=0.1)
    right = (sigmoid(model.logits(features)) > 0.5) == (dense[:, :2] > 0.5)
    assert right.all()
    again = fit(features, targets, counts, strength=0.1)
    assert (again.weights == model.weights).all()


def test_few_rounds_come_close_to_the_best_though_some_features_are_everywhere_and_most_are_rare() -> None:
    source = np.random.default_rng(5)
    often = 1 / np.arange(1, 400) ** 0.8
    features = sp.csr_matrix((source.random((600, often.size)) < often).astype(np.float32) / 5)
    targets = (source.random((600, 1)) < sigmoid(features @ source.normal(size=(often.size, 1)) * 4)).astype(np.float32)

    def loss(rounds: int) -> float:
        model = fit(features, targets, np.ones_like(targets), strength=0.05, rounds=rounds)
        chance = np.clip(sigmoid(model.logits(features)), 1e-6, 1 - 1e-6)
        missed = -(targets * np.log(chance) + (1 - targets) * np.log(1 - chance)).sum()
        return float(missed + 0.025 * np.square(model.weights).sum())

    best = loss(500)
    assert best <= loss(25) < 1.05 * best


def test_a_doubted_label_is_never_quite_sure() -> None:
    assert np.allclose(doubted(np.array([[0.0, 1.0]], np.float32), 0.1), [[0.05, 0.95]])
