"""Fits the small network that looks at a text a second time, as a sentence, and how its word is weighed.

The encoder that ships reads Chinese and English into the same space, so both languages teach one network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from gateway.detectors.risk_names import WINDOW
from gateway.detectors.risk_sentence import PIECES, SCALE
from gateway.meaning.encoder import WIDTH, Encoder
from training.fit import Floats, sigmoid

_BETWEEN: Final = 128
"""Numbers between the vector and the heads."""
_ROUNDS: Final = 8
_BATCH: Final = 512
_DROP: Final = 0.2
_RATE: Final = 2e-3
_DECAY: Final = 1e-4
_TOGETHER: Final = 1024
"""Pieces of texts that are read at once."""


class Net(NamedTuple):
    """The network: two matrices, of which the last line is the constant."""

    inward: Floats
    outward: Floats

    def logits(self, vectors: NDArray[np.floating[Any]]) -> Floats:
        """Return the log-odds of every head for each vector."""
        between = np.maximum(vectors.astype(np.float32) * SCALE @ self.inward[:-1] + self.inward[-1], 0)
        return np.asarray(between @ self.outward[:-1] + self.outward[-1], np.float32)


def vectors(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float16]:
    """Return what the encoder makes of the first window of each folded text; some 2 ms of one core for each."""
    found = np.zeros((len(texts), WIDTH), np.float16)
    cuts = [encoder.cut(text[:WINDOW])[:PIECES] for text in tqdm(texts, "cutting", delay=2, disable=None)]
    order = sorted(range(len(cuts)), key=lambda at: len(cuts[at]))
    with tqdm(total=len(order), desc="reading as sentences", unit=" texts", delay=2, disable=None) as bar:
        begin = 0
        while begin < len(order):
            end = begin + max(1, _TOGETHER // len(cuts[order[begin]]))
            some = order[begin:end]
            found[some] = encoder.read([cuts[at] for at in some])
            bar.update(len(some))
            begin = end
    return found


def fit_net(read: NDArray[np.float16], wanted: Floats, counts: Floats, seed: int) -> Net:
    """Fit the network with Adam (Kingma and Ba, 2015), the same for the same texts, seed and threads.

    Args:
        read: A vector for each text.
        wanted: How much each text shows each risk, in [0, 1].
        counts: How much that counts; 0 where it is not known.
        seed: Of the order of texts and of what is dropped.
    """
    chance = np.random.default_rng(seed)
    heads = wanted.shape[1]
    begin = (
        chance.normal(0, (2 / WIDTH) ** 0.5, (WIDTH, _BETWEEN)),
        np.zeros(_BETWEEN),
        chance.normal(0, (1 / _BETWEEN) ** 0.5, (_BETWEEN, heads)),
        np.zeros(heads),
    )
    parts = [part.astype(np.float32) for part in begin]
    slope, power = ([np.zeros_like(part) for part in parts] for _ in range(2))
    steps, taken = _ROUNDS * -(-len(read) // _BATCH), 0
    with tqdm(total=steps, desc="fitting sentences", delay=2, disable=None) as bar:
        for _ in range(_ROUNDS):
            order = chance.permutation(len(read))
            for at in range(0, len(read), _BATCH):
                some = order[at : at + _BATCH]
                x = read[some].astype(np.float32) * SCALE
                inside = x @ parts[0] + parts[1]
                kept = (chance.random(inside.shape, np.float32) >= _DROP) / np.float32(1 - _DROP)
                open_ = np.maximum(inside, 0) * kept
                told = sigmoid((open_ @ parts[2] + parts[3]).astype(np.float32))
                error = (told - wanted[some]) * counts[some] / np.float32(len(some))
                back = (error @ parts[2].T) * kept * (inside > 0)
                slopes = x.T @ back, back.sum(0), open_.T @ error, error.sum(0)
                taken += 1
                rate = _RATE * (1 - taken / steps)
                for number, now in enumerate(slopes):
                    slope[number] = 0.9 * slope[number] + 0.1 * now
                    power[number] = 0.99 * power[number] + 0.01 * now**2
                    step = slope[number] / (1 - 0.9**taken) / (np.sqrt(power[number] / (1 - 0.99**taken)) + 1e-8)
                    decay = _DECAY * parts[number] if parts[number].ndim > 1 else 0
                    parts[number] -= np.float32(rate) * (step + decay)
                bar.update()
    return Net(np.vstack([parts[0], parts[1]]), np.vstack([parts[2], parts[3]]))


def weigh(grams: Floats, sentence: Floats, weights: Mapping[str, Sequence[float]], heads: Sequence[str]) -> Floats:
    """Return the probabilities of every head that n-grams and sentence give together.

    Args:
        grams: Log-odds by n-grams, a line for each text,
        sentence: and as sentences.
        weights: For each head how much either counts, and the constant.
        heads: The heads in the order of the columns.
    """
    one, other, begin = np.array([weights[head] for head in heads], np.float32).T
    return sigmoid(grams * one + sentence * other + begin)
