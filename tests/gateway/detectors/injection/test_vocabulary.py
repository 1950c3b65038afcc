"""The vocabulary holds together: every class is used, every word can stand in a text."""

from __future__ import annotations

from gateway.detectors.injection.sequences import CUES
from gateway.detectors.injection.vocabulary import WORDS
from gateway.text import CANONICAL, fold


def test_every_step_of_a_cue_is_a_class_and_every_class_is_a_step() -> None:
    assert {step for cue in CUES for step in cue.steps} == set(WORDS)


def test_words_stand_in_folded_form_and_once_in_their_class() -> None:
    for name, row in WORDS.items():
        words = row.split("|")
        assert sorted(set(words)) == sorted(words), name
        assert [word for word in words if fold(word.removesuffix("*"), CANONICAL) != word.removesuffix("*")] == [], name


def test_no_word_is_a_piece_that_anything_holds() -> None:
    short = {word for row in WORDS.values() for word in row.split("|") if len(word.strip("*\n ")) < 2}
    assert short <= {"请", "须", "念", "抄"}
