"""The table is small, comes back as it was written, and a damaged one is told of."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.spelling.table import Content, Letters, Words, jumbled, read_table, shipped, write_table
from gateway.errors import PolicyError

SMALL = Content(
    characters="".join(sorted("^$天气炸昨")),
    single=np.array([40, 40, 60, 60, 80, 80], np.uint8),
    keys=np.array([9, 23], np.uint32),
    pairs=np.array([10, 20], np.uint8),
    words=("weather", "bomb"),
    often=np.array([100, 120], np.uint8),
)


def test_it_comes_back_as_it_was_written() -> None:
    again = read_table(write_table(SMALL))
    assert (again.characters, again.words) == (SMALL.characters, SMALL.words)
    assert again.keys.tolist() == SMALL.keys.tolist()
    assert again.pairs.tolist() == SMALL.pairs.tolist()
    assert again.single.tolist() == SMALL.single.tolist()
    assert again.often.tolist() == SMALL.often.tolist()


def test_the_same_content_makes_the_same_bytes() -> None:
    assert write_table(SMALL) == write_table(SMALL)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"PK\x03\x04 no archive",
        write_table(SMALL)[:-40],
        write_table(SMALL._replace(often=np.array([1], np.uint8))),
        write_table(SMALL._replace(single=np.array([1], np.uint8))),
        write_table(SMALL._replace(keys=np.zeros(0, np.uint32), pairs=np.zeros(0, np.uint8))),
    ],
)
def test_a_damaged_one_is_told_of(file: bytes) -> None:
    with pytest.raises(PolicyError, match=r"table of spellings .*(damaged|cannot be read)"):
        read_table(file)


def test_a_pair_that_came_is_likelier_than_one_that_did_not() -> None:
    letters, _, _ = shipped()
    seen = letters.follows(np.array([letters.number["天"]]), np.array([letters.number["气"]]))
    unseen = letters.follows(np.array([letters.number["天"]]), np.array([letters.number["炸"]]))
    assert seen[0] > unseen[0] + 5


def test_a_run_has_a_chance_for_each_character_and_its_end() -> None:
    letters, _, _ = shipped()
    assert letters.chances("天气").shape == (3,)
    assert letters.chances("").shape == (1,)
    assert letters.chances("天\u4dff")[1] == pytest.approx(-14.0)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("制浩昨药", [0, 1, 2]),
        ("今天天气很好", []),
        ("a昨b", []),
        ("天气，\u4dff\u4dff！天气", [3, 4]),
        ("", []),
        ("abc", []),
    ],
)
def test_odd_characters_are_found(text: str, places: list[int]) -> None:
    letters, _, _ = shipped()
    assert letters.odd(text, -9.0).tolist() == places


@given(st.text(alphabet="今天气很好药昨浩炸造，a 。\u4dff", max_size=40))
def test_a_character_is_odd_by_its_run_alone(text: str) -> None:
    letters, _, _ = shipped()
    expected: list[int] = []
    for run in re.finditer("[\u3400-\u9fff]+", text):
        chances = letters.chances(run.group())
        expected += [run.start() + at for at in np.flatnonzero(chances[:-1] + chances[1:] < -18.0).tolist()]
    assert letters.odd(text, -9.0).tolist() == expected


def test_characters_of_a_sound_and_of_a_shape_are_known() -> None:
    letters, words, digest = shipped()
    assert letters.number["炸"] in letters.sounds["zha"]
    assert letters.wholes["火乍"] == letters.number["炸"]
    assert words.mixed[jumbled("machine")] == "machine"
    assert len(digest) == 16


def test_the_words_of_a_small_table() -> None:
    words = Words(SMALL)
    assert words.often["weather"] > words.often["bomb"]
    assert set(words.mixed.values()) == {"weather"}
    assert sorted(Letters(SMALL).text) == sorted(SMALL.characters)
