"""Words and runs of them."""

from __future__ import annotations

import pytest

from gateway.detectors.names.english import RANKS, TITLES, run_end, shape, tokens


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


def test_titles_and_ranks_are_words_in_small_letters_and_none_is_both() -> None:
    assert not TITLES & RANKS
    assert all(word == word.lower() for word in TITLES | RANKS)
