"""Common words: told apart, and counted once each."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.vocabulary import CHINESE, ENGLISH, count, tokens


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("how to make bread", 3),
        ("the the the", 1),
        ("怎么制作蛋糕", 2),
        ("怎么 make 蛋糕", 2),
        ("么怎作制", 0),
        ("xyzzy", 0),
        ("", 0),
    ],
)
def test_different_common_words_are_counted(text: str, held: int) -> None:
    assert count(text) == held


def test_words_and_pairs_of_signs_are_told_where_they_stand() -> None:
    assert list(tokens("ab 一二三 c")) == [(0, 2, "ab"), (3, 5, "一二"), (4, 6, "二三")]


def test_english_words_are_in_small_letters_and_chinese_ones_of_two_different_signs() -> None:
    assert all(word.isascii() and word == word.lower() and len(word) > 1 for word in ENGLISH)
    assert all(len(word) == 2 and word[0] != word[1] for word in CHINESE)
    assert not CHINESE & {word[::-1] for word in CHINESE}
