"""Fits a logistic regression for each risk, the same for the same texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float32]
_BEND: Final = 0.02
"""How far from sure a fitted chance is on average, as ``chance * (1 - chance)``: no more than a guess is needed."""


class Linear(NamedTuple):
    """Weights of every feature for every risk, and what each risk begins with."""

    weights: Floats
    bias: Floats

    def logits(self, features: sp.csr_matrix) -> Floats:
        """Return the log-odds of every text for every risk."""
        return np.asarray(features @ self.weights, np.float32) + self.bias


def sigmoid(logits: Floats) -> Floats:
    """Return log-odds as probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), np.float32)


def fit(
    features: sp.csr_matrix, targets: Floats, counts: Floats, *, strength: float = 0.02, rounds: int = 50
) -> Linear:
    """Fit weights with L-BFGS.

    Args:
        features: A row for each text.
        targets: How much each text shows each risk, in [0, 1].
        counts: How much each text counts for each risk; 0 where it is not known.
        strength: How strongly weights are drawn to zero.
        rounds: So many steps at most.
    """
    weights = np.zeros((features.shape[1], targets.shape[1]), np.float32)
    bias = np.zeros(targets.shape[1], np.float32)
    for risk in range(targets.shape[1]):
        known = np.flatnonzero(counts[:, risk])
        weights[:, risk], bias[risk] = _fit_one(
            features[known], targets[known, risk], counts[known, risk], strength, rounds
        )
    return Linear(weights, bias)


def _fit_one(
    features: sp.csr_matrix, targets: Floats, counts: Floats, strength: float, rounds: int
) -> tuple[Floats, np.float32]:
    """Fit one risk by itself: risks that are fitted together hold each other up.

    Weights are looked for in steps of their own: what stands in many texts moves less. So as many rounds come
    close to the best weights, where plain steps would stop far from them.
    """
    turned = features.T.tocsr()
    bend = features.multiply(features).T.tocsr() @ (counts * np.float32(_BEND))
    step = np.asarray(1 / np.sqrt(bend + np.float32(strength)), np.float32)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = flat[:-1].astype(np.float32) * step, np.float32(flat[-1])
        chance = sigmoid(features @ weights + bias)
        sure = np.clip(chance, 1e-7, 1 - 1e-7)
        missed = -(counts * (targets * np.log(sure) + (1 - targets) * np.log(1 - sure))).sum(dtype=np.float64)
        error = (chance - targets) * counts
        slope: NDArray[np.float64] = np.empty(flat.size)
        slope[:-1] = (turned @ error + np.float32(strength) * weights) * step
        slope[-1] = error.sum()
        return float(missed) + 0.5 * strength * float(np.square(weights, dtype=np.float64).sum()), slope

    begin = np.zeros(features.shape[1] + 1)
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 6, "ftol": 1e-7})
    return found.x[:-1].astype(np.float32) * step, np.float32(found.x[-1])


def doubted(targets: Floats, share: float) -> Floats:
    """Return targets that are never quite sure."""
    return np.asarray(targets * (1 - share) + share / 2, np.float32)


__all__: Sequence[str] = ("Floats", "Linear", "doubted", "fit", "sigmoid")
