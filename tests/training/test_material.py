"""What is held out together, and what Chinese abuse is made of."""

from __future__ import annotations

import numpy as np

from gateway.detectors.risk_names import HEADS
from training.corpora.rows import Row
from training.fit import Linear
from training.material import FOLDS, answer_part_of, part_of, with_scorn


def test_chinese_abuse_counts_hate_and_a_little_harm_and_nothing_else_changes() -> None:
    source = np.random.default_rng(1)
    weights = source.normal(size=(5, len(HEADS))).astype(np.float32)
    bias = source.normal(size=len(HEADS)).astype(np.float32)
    kept = weights.copy()
    found = with_scorn(Linear(weights, bias))
    abuse, hate, harm = (HEADS.index(head) for head in ("abuse", "hate", "harm"))
    features = np.eye(5, dtype=np.float32)
    before, after = features @ weights + bias, features @ found.weights + found.bias
    assert np.allclose(after[:, abuse], before[:, abuse] + before[:, hate] + before[:, harm] / 4, atol=1e-5)
    others = [column for column in range(len(HEADS)) if column != abuse]
    assert np.array_equal(after[:, others], before[:, others])
    assert np.array_equal(weights, kept), "what was given stays as it was"


def test_sets_of_nearly_the_same_texts_are_held_out_together() -> None:
    for several in ("jade chinese_safetyqa coconot", "catqa multijail", "aisafetylab advbench gptfuzz"):
        assert len({part_of(Row("a", source, "zh", "benign")) for source in several.split()}) == 1


def test_every_source_has_a_part_and_a_family_that_is_not_named_keeps_its_own() -> None:
    parts = {name: part_of(Row("a", name, "zh", "benign")) for name in (f"written:{n}" for n in range(50))}
    assert set(parts.values()) == set(range(FOLDS))
    assert parts == {name: part_of(Row("b", name, "en", "attack")) for name in parts}


def test_twins_are_held_out_together() -> None:
    for n in range(20):
        first, second = (part_of(Row("a", f"written:pair{n}--{half}", "zh", "comment")) for half in ("rude", "fair"))
        assert first == second


def test_answers_of_two_sets_with_like_questions_are_held_out_apart() -> None:
    """Else English answers are learnt from hardly any, whichever part is left out."""
    fuzz, lab = (Row("a", source, "en", "answer") for source in ("gptfuzz", "aisafetylab"))
    assert part_of(fuzz) == part_of(lab)
    assert answer_part_of(fuzz) != answer_part_of(lab) == part_of(lab)
