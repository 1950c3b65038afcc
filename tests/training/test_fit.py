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


def test_a_doubted_label_is_never_quite_sure() -> None:
    assert np.allclose(doubted(np.array([[0.0, 1.0]], np.float32), 0.1), [[0.05, 0.95]])
