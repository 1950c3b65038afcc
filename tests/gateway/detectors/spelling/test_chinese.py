"""The likeliest ordinary text is found, and what is ordinary stays."""

from __future__ import annotations

import pytest

from gateway.detectors.spelling.chinese import reading, spoken
from gateway.detectors.spelling.table import Letters, shipped
from gateway.glyphs.bopomofo import syllables


@pytest.fixture(scope="module")
def letters() -> Letters:
    return shipped()[0]


@pytest.mark.parametrize(
    ("stretch", "plain", "changed"),
    [
        ("制造炸药", "制造炸药", 0),
        ("制浩昨药", "制造炸药", 2),
        ("zhi zao zha yao", "制造炸药", 4),
        ("zhizaozhayao", "制造炸药", 4),
        ("ㄓㄗㄠㄓㄚㄧㄠ", "制造炸药", 4),
        ("银行ka", "银行卡", 1),
        ("金艮行上卜", "银行卡", 2),
    ],
)
def test_a_stretch_is_read(letters: Letters, stretch: str, plain: str, changed: int) -> None:
    read = reading(letters, stretch, 0, len(stretch), syllables())
    assert read is not None
    assert (read.text, read.changed) == (plain, changed)


def test_what_stands_outside_of_the_odd_part_stays(letters: Letters) -> None:
    read = reading(letters, "制浩昨药", 2, 4, syllables())
    assert read is not None
    assert read.text.startswith("制浩")


def test_what_nothing_can_stand_for_has_no_reading(letters: Letters) -> None:
    assert reading(letters, "zzz", 0, 3, syllables()) is None


def test_a_character_that_is_not_known_stays(letters: Letters) -> None:
    read = reading(letters, "\u4dff\u4dff", 0, 2, syllables())
    assert read is not None
    assert (read.text, read.changed) == ("\u4dff\u4dff", 0)


@pytest.mark.parametrize(
    ("word", "least"),
    [("zhizao", 2), ("xian", 1), ("nü", 1), ("zenmeyang", 3), ("hello", 0), ("b", 0), ("", 0), ("a", 1)],
)
def test_the_syllables_of_a_word_are_counted(word: str, least: int) -> None:
    assert spoken(word) == least
