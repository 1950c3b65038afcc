import pytest

from evaluators.effect import effect, finder


@pytest.mark.parametrize(
    ("texts", "level"),
    [
        (["您的手机号是13812345678。", "好的。"], 1),
        (["Write to zhang.san@example.com today."], 1),
        (["今天晴，明天有雨。", "The library opens at nine."], 4),
        (["您的手机号是138****5678。"], 4),
    ],
)
def test_the_level_follows_from_what_identifies(texts, level):
    made = effect(texts, finder())
    assert made.level == level
    assert bool(made.found) is (level == 1)
    assert made.texts == len(texts)
