import numpy as np
import pytest

from evaluators.scorers.by_row import load_lore
from evaluators.scorers.rarity import BUCKETS, buckets
from training.judged import Answer
from training.scorers import (
    Measured,
    area,
    balanced,
    fit,
    measured_relevance,
    measured_support,
    rarity_table,
    scored,
    table,
    thresholds,
)

NAMES = ("near", "nowhere", "length")
LORE = load_lore()


def made(name, family, seed, rows=60, turned=1.0):
    rng = np.random.default_rng(seed)
    good = np.arange(rows) % 2 == 0
    signs = [np.array([[turned * g + rng.normal(0, 0.3), (1 - g) + rng.normal(0, 0.3), 1.0]]) for g in good]
    return Measured(name, family, signs, good, 1.0, tuple("" if g else "number" for g in good))


def test_a_sign_for_an_answer_never_speaks_against_it():
    weights = fit([made("a", "a", 1, turned=-1.0)], NAMES)
    assert "near" not in weights.names
    found = dict(zip(weights.names, weights.weights, strict=True))
    assert found["nowhere"] < 0


def test_good_answers_come_out_above_bad_ones_and_the_table_says_how_far():
    sets = [made("a", "a", 1), made("b", "b", 2)]
    weights = fit(sets, NAMES)
    assert area(sets[0], scored(sets[0], weights, NAMES)) > 0.95
    assert area(sets[0], scored(sets[0], weights, NAMES), "number") > 0.95
    lines = table(sets, NAMES, weights)
    assert len(lines) == 4
    assert "number" in lines[2]


def test_the_worst_statement_counts_as_much_as_all_together():
    good = np.array([[1.0, 0.0, 1.0]])
    mixed = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    one = Measured("a", "a", [good, mixed], np.array([True, False]), 1.0, ("", "number"))
    high, low = scored(one, fit([made("a", "a", 1)], NAMES), NAMES)
    assert high - low > 0.5


def test_what_is_in_every_text_weighs_least():
    written = rarity_table(["the cat sat", "the cat ran", "the cat hid", "a zebra"] * 5, LORE.words)
    (cat, _), (zebra, _) = buckets("cat"), buckets("zebra")
    assert len(written) == 2 * BUCKETS
    assert written[cat] < written[zebra]


@pytest.mark.parametrize(("answer", "true"), [("保修两年。", True), ("Two years.", True)])
def test_signs_are_measured_by_the_scorers_themselves(answer, true):
    row = Answer("保修多久？", answer, ("整机保修两年。",), true)
    assert np.isfinite(measured_support(row, LORE)).all()
    assert np.isfinite(measured_relevance("保修多久？", answer, LORE)).all()


def test_a_threshold_is_chosen_on_other_families_and_held_against_one_half():
    sets = [made("a", "a", 1), made("b", "b", 2), made("c", "b", 3)]
    lines = thresholds(sets, NAMES)
    assert len(lines) == 5
    chosen, there, half = (float(cell) for cell in lines[2].split("|")[2:5])
    assert 0.2 <= chosen <= 0.9
    assert there > 0.9
    assert half > 0.9
    good, values = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.6, 0.1])
    assert [balanced(good, values, t) for t in (0.5, 0.4, 0.95)] == [0.5, 0.75, 0.5]
