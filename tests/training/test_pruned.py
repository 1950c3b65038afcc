"""Of the model for sixteen languages stays what Chinese and English are cut into."""

from __future__ import annotations

import collections
from pathlib import Path

import numpy as np

from gateway.meaning.encoder import MATRICES, SHIPPED, WIDTH, read_encoder
from training.pruned import Whole, alike, chosen, count, pack_encoder, pruned

WEIGHTS = Path(__file__).parents[2] / "gateway" / "meaning" / "weights"
PIECES = ["<unk>", "<s>", "</s>", "\u2581", "\u2581the", "\u2581\u0438", "好", "k", "ый", "。"]


def test_frequent_pieces_and_signs_stay() -> None:
    counted = collections.Counter({4: 2, 8: 1})
    assert [PIECES[number] for number in chosen(PIECES, counted)] == [
        *PIECES[:5],
        "好",
        "k",
        "。",
    ]


def test_what_stays_says_the_same() -> None:
    chance = np.random.default_rng(1)
    shapes = {name: one.shape for name, one in np.load(WEIGHTS / SHIPPED).items() if name in MATRICES}
    arrays = {name: chance.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
    rows = chance.integers(0, 64, (len(PIECES), WIDTH)).astype(np.uint8)
    steps = np.tile(np.array([[0.1, -3.2]], np.float32), (len(PIECES), 1))
    model = Whole(PIECES, np.full(len(PIECES), -2, np.float32), rows, steps, arrays)
    kept = read_encoder(pack_encoder(pruned(model, [0, 1, 2, 3, 4, 6, 7, 9])))
    full = read_encoder(pack_encoder(model))
    assert alike(full, kept, ["the 好k。", "好好"]) > 0.999
    assert count(full, ["the 好", "好"])[6] == 2
    assert count(kept, ["好"])[5] == 1
