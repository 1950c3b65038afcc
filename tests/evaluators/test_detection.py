import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.detection import Found, Span, auroc, average_precision, calibration_error, detection, recall_at, spans

SCORES, LABELS = [0.9, 0.8, 0.7, 0.6, 0.4, 0.2], [True, True, False, True, False, False]


def test_figures_of_a_small_table():
    # Of nine pairs one is the wrong way round; precisions at the risky ranks 1, 2, 4 are 1, 1, 3/4.
    assert auroc(SCORES, LABELS) == pytest.approx(8 / 9)
    assert average_precision(SCORES, LABELS) == pytest.approx((1 + 1 + 3 / 4) / 3)
    found = detection(SCORES, LABELS)
    assert (found.positives, found.negatives) == (3, 3)
    assert found.brier == pytest.approx((0.01 + 0.04 + 0.49 + 0.16 + 0.16 + 0.04) / 6)
    assert found.auroc_interval.low < 8 / 9 < found.auroc_interval.high


def test_recall_at_a_rate_finds_no_more_harmless_than_it_may():
    point = recall_at(SCORES, LABELS, 0.0)
    assert (point.recall, point.threshold) == (pytest.approx(2 / 3), 0.8)
    assert recall_at(SCORES, LABELS, 0.34).recall == 1.0
    assert recall_at([0.5, 0.5], [True, False], 0.0).recall == 0.0
    assert recall_at([0.5, 0.5], [True, False], 1.0).recall == 1.0


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), st.booleans()), min_size=2, max_size=60))
def test_the_threshold_keeps_its_word(pairs):
    scores, labels = [score for score, _ in pairs], [label for _, label in pairs]
    if len(set(labels)) < 2:
        return
    for rate in (0.0, 0.1, 0.5):
        point = recall_at(scores, labels, rate)
        false = sum(score >= point.threshold for score, label in pairs if not label)
        assert false <= rate * labels.count(False) + 1e-9
        assert point.recall == sum(score >= point.threshold for score, label in pairs if label) / labels.count(True)
    slow = [(a > b) + (a == b) / 2 for a, x in pairs if x for b, y in pairs if not y]
    assert auroc(scores, labels) == pytest.approx(sum(slow) / len(slow))


def test_scores_that_mean_what_they_say_are_calibrated():
    rng = random.Random(1)
    scores = [rng.random() for _ in range(20_000)]
    labels = [rng.random() < score for score in scores]
    assert calibration_error(scores, labels) < 0.02
    assert calibration_error([1.0] * 10, [False] * 10) == 1.0


@pytest.mark.parametrize(
    ("scores", "labels"), [([0.5], [True]), ([0.5, 0.1], [False, False]), ([1.5, 0], [True, False])]
)
def test_what_cannot_be_measured_is_said(scores, labels):
    with pytest.raises(ValueError, match=r"harmless|\[0, 1\]"):
        detection(scores, labels)


def test_perfect_separation_is_not_certainty():
    found = detection([0.9, 0.8, 0.1, 0.2], [True, True, False, False])
    assert found.auroc == 1.0
    assert found.auroc_interval.low < 0.6


def test_spans_are_compared_by_kind():
    true = [Span(0, 4, "name"), Span(10, 21, "phone"), Span(30, 40, "mail")]
    found = [Span(0, 4, "name"), Span(10, 18, "phone"), Span(50, 55, "phone"), Span(30, 33, "mail")]
    by_kind = spans([(true, found), ([], [])])
    assert by_kind["name"] == Found(1, 1, 1, 1, 0)
    assert by_kind["phone"] == Found(0, 1, 1, 2, 1)
    assert by_kind["mail"] == Found(0, 0, 1, 1, 0)
    assert by_kind["*"].recall == pytest.approx(2 / 3)
    assert by_kind["phone"].precision == 0.5
    assert by_kind["name"].f1 == 1.0


def test_a_kind_that_nobody_wanted_or_found_has_no_rate():
    assert spans([([], [])])["*"] == Found(0, 0, 0, 0, 0)
    assert spans([([], [])])["*"].recall is None
    assert spans([([], [Span(0, 1, "x")])])["x"].precision == 0.0
