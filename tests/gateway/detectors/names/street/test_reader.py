"""A text that is read word by word.

Mutants killed: a word that touches the end is whole; a hyphen or an apostrophe at the end is no part of what may come;
what stands behind the stop is read; the blanks before a word count as many as one likes.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.reader import Reader, Word


def words(text: str) -> list[tuple[str, str]]:
    reader, out, place = Reader(text, final=True), [], 0
    while (word := reader.at(place)).kind:
        out.append((word.kind, word.text))
        place = word.end
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 Main St.", [("number", "12"), ("word", "Main"), ("word", "St"), ("mark", ".")]),
        ("221B,O'Neil\r\n", [("number", "221B"), ("mark", ","), ("word", "O'Neil"), ("line", "\n")]),
        ("Stoke-on-Trent 5-7", [("word", "Stoke-on-Trent"), ("number", "5"), ("mark", "-"), ("number", "7")]),
        ("Größe été", [("word", "Größe"), ("word", "été")]),
        ("住在NW6", [("mark", "住"), ("mark", "在"), ("word", "NW"), ("number", "6")]),
        ("A-1 d'", [("word", "A"), ("mark", "-"), ("number", "1"), ("word", "d"), ("mark", "'")]),
        ("", []),
    ],
)
def test_a_text_falls_into_words_numbers_lines_and_marks(text: str, expected: list[tuple[str, str]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "cut"),
    [
        ("12 Main", 2, True),
        ("12 Main ", 2, False),
        ("12 Main-", 2, True),
        ("12 Main'", 2, True),
        ("12 Main,", 2, False),
        ("12 Main-S ", 2, False),
        ("12", 0, True),
        ("12,", 2, False),  # no more text makes another sign of a comma
        ("12 ", 2, True),
        ("12 Main", 0, False),
    ],
)
def test_what_the_end_cuts_off_is_told(text: str, place: int, cut: bool) -> None:
    open_end, whole = Reader(text, final=False), Reader(text, final=True)
    open_end.at(place)
    whole.at(place)
    assert (open_end.cut, whole.cut) == (cut, False)


def test_nothing_is_read_behind_the_stop() -> None:
    reader = Reader("12 Main Street", final=False)
    reader.stop = 8
    assert reader.at(3).text == "Main"
    assert reader.at(7) == Word("", "", "", 7, 7)
    assert not reader.cut


def test_many_blanks_are_no_gap_between_words() -> None:
    reader = Reader("12" + " " * 20 + "Main", final=True)
    assert reader.at(2).text == ""
    assert Reader("12    Main", final=True).at(2).near(2) is False
    assert Reader("12  Main", final=True).at(2).near(2) is True


@pytest.mark.parametrize(("text", "end", "cut"), [("St. A", 3, False), ("St A", 2, False), ("St", 2, True)])
def test_a_full_stop_belongs_to_what_is_cut_short(text: str, end: int, cut: bool) -> None:
    reader = Reader(text, final=False)
    assert (reader.dot(2), reader.cut) == (end, cut)


def test_a_comma_may_follow() -> None:
    assert Reader("12, Main", final=True).comma(2) == 3
    assert Reader("12 Main", final=True).comma(2) == 2


def test_a_digit_that_follows_at_once_makes_a_word_none() -> None:
    reader = Reader("Lane512 Lane 5", final=True)
    assert not reader.whole(reader.at(0))
    assert reader.whole(reader.at(7))


def test_capitals_are_told_in_any_latin_alphabet() -> None:
    reader = Reader("Öst öst 5B", final=True)
    assert [reader.at(place).capital for place in (0, 3, 7)] == [True, False, False]
