from math import comb

import pytest

from evaluators.stats import bootstrap, holm, interval, paired_interval, paired_p, sign_test, two_sided, wilson

ONE_SIDED = two_sided(0.95)


@pytest.mark.parametrize(
    ("mark", "n", "enough"),
    [(0.95, 300, 292), (0.90, 1000, 916), (0.96, 4000, 3861)],
)
def test_the_filing_marks_need_this_many_to_be_proven(mark, n, enough):
    assert wilson(enough, n, ONE_SIDED).low >= mark
    assert wilson(enough - 1, n, ONE_SIDED).low < mark


def test_at_most_five_percent_of_300_needs_8():
    assert wilson(8, 300, ONE_SIDED).high <= 0.05
    assert wilson(9, 300, ONE_SIDED).high > 0.05


def test_wilson_agrees_with_a_published_value():
    low, high = wilson(285, 300)  # 95 % two-sided: 91.9-97.0 %
    assert (low, high) == pytest.approx((0.919, 0.970), abs=1e-3)


@pytest.mark.parametrize("successes", [0, 10])
def test_wilson_never_claims_certainty(successes):
    low, high = wilson(successes, 10)
    assert 0 <= low < high <= 1


def test_the_bootstrap_is_the_same_for_the_same_seed_and_another_for_another():
    clusters = [[i / 17] for i in range(17)]
    assert bootstrap(clusters, 1) == bootstrap(clusters, 1)
    assert bootstrap(clusters, 1) != bootstrap(clusters, 2)


def test_the_bootstrap_holds_the_mean_and_narrows_with_more_rows():
    few = bootstrap([[i % 5 / 4] for i in range(20)], 1)
    many = bootstrap([[i % 5 / 4] for i in range(400)], 1)
    assert few.low < 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 2


def test_asking_a_row_ten_times_is_no_new_evidence():
    once = interval([[1.0], [0.0], [1.0], [1.0]], "rate", 1)
    often = interval([[1.0] * 10, [0.0] * 10, [1.0] * 10, [1.0] * 10], "rate", 1)
    assert often == once


def test_means_that_all_agree_still_have_an_interval():
    low, high = interval([[1.0]] * 20, "mean", 1)
    assert low < 0.9
    assert high == 1.0


def test_the_sign_test_is_the_binomial_one():
    for worse in range(12):
        for better in range(12):
            n, fewer = worse + better, min(worse, better)
            assert sign_test(worse, better) == pytest.approx(
                min(1, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)
            )


def test_holm_says_what_its_paper_says():
    assert holm([]) == []
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_paired_intervals_stay_small_in_memory_and_cover_the_mean():
    gains = [(0.1 * (at % 5 - 2),) for at in range(3000)]
    low, high = paired_interval(gains, 1)
    assert low < 0 < high
    assert high - low < 0.02
    assert paired_p(gains, 1) > 0.5
    assert paired_p([(0.1,)] * 3 + [(0.2,)] * 30, 1) < 0.01
    assert paired_p([(0.0,), (0.0,)], 1) == 1.0
    assert paired_p([(0.1,)] * 2, 1) == 1 / 2


def test_a_wider_level_gives_a_wider_paired_interval():
    gains = [(value / 10,) for value in (-3, 1, 2, 4, 5, -1, 0, 2, 3)]
    wide, narrow = paired_interval(gains, 1, 0.99), paired_interval(gains, 1, 0.8)
    assert wide.low < narrow.low < narrow.high < wide.high
