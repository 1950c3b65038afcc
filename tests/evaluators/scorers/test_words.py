"""The words that scorers go by are read once, and find what they are for in both languages."""

import pytest

from evaluators.scorers.words import even, fold, load_words


@pytest.mark.parametrize(
    ("text", "plain"),
    [("ＡＢ１２", "ab12"), ("Don’t", "don't"), ("㎏", "kg"), ("中文 Mixed", "中文 mixed"), ("", "")],
)
def test_texts_are_compared_even_and_in_lower_case(text, plain):
    assert fold(text) == plain
    assert even(text).lower() == plain
    assert fold(plain) == plain


def test_the_words_are_read_once():
    assert load_words() is load_words()


@pytest.mark.parametrize(
    ("name", "found", "other"),
    [
        ("negations", ["不可以退", "you cannot return it"], ["可以退", "you can return it"]),
        ("citations", ["[1]", "【2】"], ["a[b", "第一"]),
    ],
)
def test_patterns_find_what_they_are_for_in_both_languages(name, found, other):
    pattern = getattr(load_words(), name)
    assert [text for text in found if not pattern.search(text)] == []
    assert [text for text in other if pattern.search(text)] == []


def test_each_word_of_a_pair_knows_its_other_side():
    sides = load_words().sides
    for pairs in sides.values():
        for number, side in pairs:
            assert any((number, 3 - side) in others for others in sides.values())
    for word, pairs in sides.items():
        assert not {(number, 3 - side) for number, side in pairs} & set(pairs), word


def test_longer_units_are_tried_before_shorter_ones():
    units = load_words().units
    for text in ("3千克", "3公斤", "5 kilometers", "5km"):
        assert any(pattern.search(fold(text)) for pattern, _, _ in units), text
    assert all(size > 0 for _, _, size in units)
