"""Words, runs and how a run is read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.detectors.names import english
from gateway.detectors.names.english import LABELS, Reader, run_end, shape, tokens
from gateway.detectors.names.weights import EN, read_english


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dr. J. O'Brien's cat", ["Dr", ".", "J.", "O'Brien", "'s", "cat"]),
        ("Jean-Luc (42)", ["Jean-Luc", "(", "42", ")"]),
        ("我叫Bob了", ["我", "叫", "Bob", "了"]),
        ("a\nb", ["a", "\n", "b"]),
        ("it's -- don't", ["it", "'s", "-", "-", "don't"]),
        ("", []),
    ],
)
def test_texts_fall_into_words(text: str, words: list[str]) -> None:
    assert [token.text for token in tokens(text)] == words
    assert all(text[token.start : token.end] == token.text for token in tokens(text))


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (["John", "Smith", "ran"], 2),
        (["Ludwig", "van", "Beethoven", "."], 3),
        (["Juan", "de", "la", "Cruz"], 4),
        (["Juan", "de", "la", "casa"], 1),
        (["Bob"], 1),
    ],
)
def test_a_run_holds_small_words_only_inside(words: list[str], end: int) -> None:
    assert run_end(words, 0) == end


@pytest.mark.parametrize(
    ("word", "look"),
    [("John", "Aa"), ("IBM", "AA"), ("J.", "A."), ("McDonald", "AaA"), ("run", "a"), ("42", "9"), ("\n", "n")],
)
def test_how_words_look(word: str, look: str) -> None:
    assert shape(word) == look


@pytest.mark.parametrize("most", [0, 1, 30, 16_384])
def test_a_word_is_judged_by_the_sums_of_its_features_whatever_is_remembered(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(english, "_REMEMBERED", most)
    names = read_english(EN.read_bytes())
    reader = Reader(names)
    words = ["", "", "Dear", "Leo", "Wang", ",", "the", "Bank", "of", "Xi", "'s", "Leo", "Wang", "", ""]
    for _ in range(2):
        for at in range(2, len(words) - 2):
            places = names.features(words, at)
            sums = [sum(table[place] - 128 for place in places) / 16 for table in names.weights]
            assert reader.judge(words, at) == sums
            assert len(sums) == len(LABELS)


@given(st.lists(st.lists(st.integers(-48, 48).map(lambda steps: steps / 16), min_size=4, max_size=4), min_size=1))
@example([[0.0, 2.5, 0.0, 0.0], [9.0, 0.0, 0.0, 0.0]])
@example([[2.5, 0.0, 0.0, 0.0], [0.0, 9.0, 0.0, 0.0]])
def test_of_ways_that_are_as_likely_the_first_is_taken(totals: list[list[float]]) -> None:
    best, back = totals[0], []
    for total in totals[1:]:
        ways = [[one - (0.0 if k == to else english._SWITCH) for k, one in enumerate(best)] for to in range(4)]
        back.append([way.index(max(way)) for way in ways])
        best = [max(way) + more for way, more in zip(ways, total, strict=True)]
    path = [best.index(max(best))]
    for came in reversed(back):
        path.insert(0, came[path[0]])
    assert english._likeliest(totals) == path
