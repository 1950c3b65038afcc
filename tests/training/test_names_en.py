"""Names in sentences become labels of words, and figures count whole names."""

from __future__ import annotations

import random

import pytest

from training.names_en import _made_up, _mark, spans


@pytest.mark.parametrize(
    ("text", "marked", "words", "labels"),
    [
        ("Ask Ann Lee now", [(4, 11, "person")], ["Ask", "Ann", "Lee", "now"], ["none", "person", "person", "none"]),
        ("Ask Ann", [], ["Ask", "Ann"], ["none", "none"]),
        ("Ann", [(0, 2, "person")], ["Ann"], ["none"]),  # part of a word is no name
    ],
)
def test_a_word_inside_of_a_span_has_its_label(
    text: str, marked: list[tuple[int, int, str]], words: list[str], labels: list[str]
) -> None:
    assert _mark(text, marked) == (words, labels)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("", set()),
        ("pp", {(0, 2)}),
        (".pp.p", {(1, 3), (4, 5)}),
        ("ppl", {(0, 2)}),
        ("lpp", {(1, 3)}),
        ("ll", set()),
    ],
)
def test_runs_of_one_label_are_whole_names(labels: str, found: set[tuple[int, int]]) -> None:
    named = {"p": "person", "l": "place", ".": "none"}
    assert spans([""] * len(labels), [named[one] for one in labels], "person") == found  # type: ignore[misc]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_made_up_name_is_written_as_names_are_and_the_same_for_one_seed(size: int) -> None:
    def made(seed: int) -> list[list[str]]:
        source = random.Random(seed)
        return [_made_up(source, ["Ann", "Bo"], ["Lee", "Kay"], size) for _ in range(50)]

    assert made(1) == made(1) != made(2)
    assert all(word[0].isupper() for name in made(1) for word in name)
    assert all(1 <= len(name) <= 3 for name in made(1))
