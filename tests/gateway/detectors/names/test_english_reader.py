"""How a run of words is read: the likeliest parts of it, without titles and ranks.

Mutants killed: a rank that is no part of a name wherever it stands; one that is a part of every name; a switch
that costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.detectors.names import english_reader
from gateway.detectors.names.english_reader import Part, Reader
from gateway.detectors.names.weights import EN, read_english


class Everybody(Reader):
    """Takes every word with a capital for a person."""

    def judge(self, words: Sequence[str], at: int) -> list[float]:
        return [0.0, 3.0, 0.0, 0.0]


READER = Everybody(read_english(EN.read_bytes()))


def read(text: str, first: int, end: int) -> list[str]:
    around = ["", "", *text.split(), "", ""]
    return [" ".join(around[part.first : part.end]) for part in READER.read(around, first + 2, end + 2)]


@pytest.mark.parametrize(
    ("text", "first", "end", "people"),
    [
        ("yesterday General Grant spoke", 1, 3, ["Grant"]),
        ("yesterday Major General John Scheidt spoke", 1, 5, ["John Scheidt"]),
        ("I met Stephen King there", 2, 4, ["Stephen King"]),
        ("I met Bishop Philip Morgan there", 2, 5, ["Philip Morgan"]),
        ("I asked Dr. Ludwig van Houten again", 2, 6, ["Ludwig van Houten"]),
        ("I asked Mr. Brown again", 2, 4, ["Brown"]),
        ("a King Air landed", 1, 3, ["Air"]),
        ("a General landed", 1, 2, ["General"]),
    ],
)
def test_titles_and_ranks_are_no_part_of_a_name_but_where_they_are_the_name(
    text: str, first: int, end: int, people: list[str]
) -> None:
    assert read(text, first, end) == people


def test_small_words_at_the_ends_of_a_part_are_left_out() -> None:
    words = ["", "", "de", "Ann", "van", "", ""]
    assert english_reader._trimmed(Part(2, 5, "person", 1.0), words) == Part(3, 4, "person", 1.0)


@given(st.lists(st.lists(st.integers(-48, 48).map(lambda steps: steps / 16), min_size=4, max_size=4), min_size=1))
@example([[0.0, 2.5, 0.0, 0.0], [9.0, 0.0, 0.0, 0.0]])
@example([[2.5, 0.0, 0.0, 0.0], [0.0, 9.0, 0.0, 0.0]])
def test_of_ways_that_are_as_likely_the_first_is_taken(totals: list[list[float]]) -> None:
    best, back = totals[0], []
    for total in totals[1:]:
        ways = [[one - (0.0 if k == to else english_reader._SWITCH) for k, one in enumerate(best)] for to in range(4)]
        back.append([way.index(max(way)) for way in ways])
        best = [max(way) + more for way, more in zip(ways, total, strict=True)]
    path = [best.index(max(best))]
    for came in reversed(back):
        path.insert(0, came[path[0]])
    assert english_reader._likeliest(totals) == path
