"""The words of street addresses.

Mutants killed: a word with a capital letter, which is never found; a word that is told for certain and is not; an
ending that is called unsure and is none.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street import vocabulary as known

SETS = {name: value for name, value in vars(known).items() if isinstance(value, frozenset) and name.isupper()}
CAPITALS = {"STATE_CODES", "YEARLIKE"}


@pytest.mark.parametrize("name", sorted(SETS.keys() - CAPITALS))
def test_words_are_compared_in_small_letters(name: str) -> None:
    assert all(word == word.lower().strip() and word for word in SETS[name])


@pytest.mark.parametrize("name", sorted(CAPITALS))
def test_the_post_writes_states_in_capital_letters(name: str) -> None:
    assert all(code.isupper() and len(code) < 4 for code in SETS[name])


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("LOWER", "STREETS"),
        ("DOTTED_BEFORE", "BEFORE_NAME"),
        ("ENGLISH_BEFORE", "BEFORE_NAME"),
        ("JOINED_BEFORE", "BEFORE_NAME"),
        ("FRENCH_BEFORE", "BEFORE_NAME"),
        ("POINTED", "APART"),
        ("SURE_FLATS", "FLATS"),
        ("YEARLIKE", "STATE_CODES"),
    ],
)
def test_what_is_one_of_those_is_one_of_them(part: str, whole: str) -> None:
    assert SETS[part] < SETS[whole]


def test_a_kind_of_street_is_sure_or_vague() -> None:
    assert not known.STREETS & known.VAGUE
    assert not known.BEFORE_OTHERS & known.BEFORE_HOUSES
    assert set(known.UNSURE_ENDINGS) < set(known.ENDINGS)
    assert all(word.endswith(known.ENDINGS) for word in known.NO_STREETS)
