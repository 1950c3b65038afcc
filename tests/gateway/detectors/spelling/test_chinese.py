"""The likeliest ordinary text is found, and what is ordinary stays."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gateway.detectors.spelling.chinese import one_by_one, reading, spoken
from gateway.detectors.spelling.table import BEGIN, END, Letters, shipped
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


@pytest.mark.parametrize("stretch", ["浩昨药", "制浩昨", "\u4dff药制", "天气"])
def test_of_all_readings_the_likeliest_is_found(letters: Letters, stretch: str) -> None:
    read = one_by_one(letters, stretch, 0, len(stretch))
    assert read is not None
    numbers = [letters.stands_for(one) for one in stretch]
    best = max(
        float(letters.follows(np.array(begin + row), np.array(row + end)).sum()) + sum(cost for _, cost in choice)
        for choice in product(*(zip(way.numbers.tolist(), way.costs.tolist(), strict=True) for way in numbers))
        for begin, row, end in [([letters.number[BEGIN]], [number for number, _ in choice], [letters.number[END]])]
    )
    assert read.chance == pytest.approx(best, abs=1e-3)


def test_a_reading_that_says_little_more_is_none(letters: Letters) -> None:
    any_read = one_by_one(letters, "制浩昨药", 0, 4)
    assert any_read is not None
    gained = any_read.chance - float(letters.chances("制浩昨药").sum())
    assert one_by_one(letters, "制浩昨药", 0, 4, gained) == any_read
    assert one_by_one(letters, "制浩昨药", 0, 4, gained + 0.1) is None
