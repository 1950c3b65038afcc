import pytest

from evaluators.scorers.rarity import load_rarity
from evaluators.scorers.stems import stem

RARITY = load_rarity()


@pytest.mark.parametrize(
    ("common", "rare"), [("people", "zygote"), ("time", "sluice"), ("问题", "闸门"), ("治疗", "贷款")]
)
def test_common_words_weigh_less_than_rare_ones(common, rare):
    one, other = (stem(word) if word.isascii() else word for word in (common, rare))
    assert 0.1 <= RARITY(one) < RARITY(other) <= 1.0


def test_a_word_that_nobody_uses_is_among_the_rarest():
    made_up = [RARITY(f"qx{number}zv") for number in range(50)]
    assert sorted(made_up)[25] > 0.7
