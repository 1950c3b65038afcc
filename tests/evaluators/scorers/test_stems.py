"""Forms of an English word meet in its stem; other words do not."""

import pytest

from evaluators.scorers.stems import stem


@pytest.mark.parametrize(
    "family",
    ["refund refunds refunded refunding", "policy policies", "box boxes", "day day's days"],
)
def test_the_forms_of_a_word_meet(family):
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize("word", ["bed", "is", "as", "red", "king", "", "退货", "a", "'s"])
def test_short_words_and_chinese_ones_keep_their_endings(word):
    assert stem(word) == word.partition("'")[0]


def test_other_words_stay_apart():
    assert stem("refund") != stem("refuse")
