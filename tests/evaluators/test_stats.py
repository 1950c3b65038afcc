import pytest

from evaluators.stats import bootstrap, interval, two_sided, wilson

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
