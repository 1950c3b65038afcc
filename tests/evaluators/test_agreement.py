import random

import pytest

from evaluators.agreement import Agreement, agreement, correct, rogan_gladen


def test_kappa_of_a_known_table():
    # Cohen's kappa of [[20, 5], [10, 15]] is 0.4, its standard error 0.1256 (textbook example).
    found = Agreement(both=20, missed=5, invented=10, neither=15)
    assert found.kappa == pytest.approx(0.4)
    assert found.kappa_interval == pytest.approx((0.4 - 0.246, 0.4 + 0.246), abs=0.02)
    assert (found.sensitivity, found.specificity) == (0.8, 0.6)


def test_agreement_counts_what_both_say():
    found = agreement([(True, True), (True, False), (False, True), (False, False), (False, False)])
    assert found == Agreement(1, 1, 1, 2)


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [([(True, True), (False, False)], 1.0), ([(True, False), (False, True)], -1.0), ([(True, True)] * 5, 0.0)],
)
def test_the_ends_of_kappa(pairs, kappa):
    assert agreement(pairs).kappa == pytest.approx(kappa)


def test_a_few_answers_without_a_quarrel_prove_little():
    low, high = Agreement(4, 0, 0, 4).kappa_interval
    assert low < 0.5
    assert high == 1.0


def test_nobody_agrees_about_nothing():
    with pytest.raises(ValueError, match="judged by both"):
        agreement([])


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.8])
def test_a_corrected_rate_is_the_true_one(truth):
    observed = truth * 0.9 + (1 - truth) * 0.2
    assert rogan_gladen(observed, 0.9, 0.8) == pytest.approx(truth)


def test_a_judge_that_is_a_coin_corrects_nothing():
    assert rogan_gladen(0.5, 0.5, 0.5) is None
    assert correct(5, 10, Agreement(10, 10, 10, 10)).interval == (0.0, 1.0)
    assert correct(5, 10, Agreement(10, 0, 0, 0)).rate is None


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng, held, runs, truth = random.Random(5), 0, 200, 0.2
    for number in range(runs):
        judge = agreement(
            [
                *((True, rng.random() < 0.9) for _ in range(100)),
                *((False, rng.random() < 0.15) for _ in range(100)),
            ]
        )
        yes = sum(rng.random() < truth * 0.9 + (1 - truth) * 0.15 for _ in range(300))
        low, high = correct(yes, 300, judge, number).interval
        held += low <= truth <= high
    assert 0.89 <= held / runs <= 1.0


def test_an_uncertain_judge_widens_the_interval():
    small, large = correct(30, 100, Agreement(9, 1, 2, 8)), correct(30, 100, Agreement(900, 100, 200, 800))
    assert small.rate == pytest.approx(large.rate)
    assert small.interval.high - small.interval.low > large.interval.high - large.interval.low
