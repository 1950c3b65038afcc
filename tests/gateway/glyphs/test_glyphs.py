"""Each table says of a character what it promises, and says it of no character twice."""

from __future__ import annotations

import typing

import pytest

from gateway.glyphs import Name, glyphs, read

NAMES = typing.get_args(Name)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("simplified", "學", "学"),
        ("latin", "а", "a"),  # Cyrillic
        ("latin", "é", "e"),
        ("digits", "三", "3"),
        ("digits", "٣", "3"),
        ("digits", "叁", "3"),
        ("pinyin", "中", "zhong"),
        ("pinyin", "女", "nv"),
        ("tones", "中", "1"),
        ("tones", "的", "5"),
        ("split", "好", "女子"),
    ],
)
def test_a_character_stands_for_what_the_table_says(name: Name, one: str, other: str) -> None:
    assert glyphs(name)[one] == other


@pytest.mark.parametrize("name", NAMES)
def test_no_character_stands_for_itself_or_is_more_than_one(name: Name) -> None:
    table = glyphs(name)
    assert len(table) > 30
    assert all(len(one) == 1 and to for one, to in table.items())
    assert [one for one, to in table.items() if one == to] == []


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("digits", "0123456789"),
        ("tones", "12345"),
        ("latin", "abcdefghijklmnopqrstuvwxyz"),
        ("pinyin", "abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_a_table_leads_to_what_it_says_and_to_nothing_else(name: Name, allowed: str) -> None:
    assert set("".join(glyphs(name).values())) <= set(allowed)


def test_the_simplified_form_of_a_simplified_form_is_itself() -> None:
    table = glyphs("simplified")
    assert [one for one, to in table.items() if to in table] == []


def test_every_character_that_has_a_reading_has_a_tone() -> None:
    assert glyphs("pinyin").keys() == glyphs("tones").keys()


def test_a_table_that_is_kept_is_read_once_and_one_that_is_not_is_ones_own() -> None:
    assert glyphs("tones") is glyphs("tones")
    own = read("tones")
    own.clear()
    assert glyphs("tones")
