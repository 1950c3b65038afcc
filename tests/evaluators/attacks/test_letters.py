"""Latin letters in disguise are still read aloud as the question."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.attacks.attack import Attempt
from evaluators.attacks.letters import letterings
from evaluators.attacks.registry import attacks


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("leetspeak", "Leaks", "L34k5"),
        ("pig-latin", "string apple", "ing-stray apple-ay"),
        ("alternating", "How to", "hOw tO"),
        ("circled", "Ab0 9中", "Ⓐⓑ⓪ ⑨中"),
        ("homoglyph", "ace", "асе"),
        ("mathematical", "aZ", "𝐚𝐙"),
        ("pig-latin", "中 shh", "中 -shhay"),
    ],
)
def test_what_is_written(name, text, made):
    assert attacks()[name].apply(Attempt((text,), "zh"), 0).last == made


READ_BACK = [attack for attack in letterings() if attack.undo and not attack.same]


@pytest.mark.parametrize("attack", READ_BACK, ids=lambda attack: attack.id)
@settings(max_examples=40, deadline=None)
@given(text=st.text("abcdefgxyzABC 0123中，.", max_size=30))
def test_letters_in_disguise_are_read_back(attack, text):
    assert attack.undo(attack.apply(Attempt((text,), "en"), 3).last) == text


@settings(max_examples=40, deadline=None)
@given(text=st.text("abcdefgh中 ", max_size=30), seed=st.integers(0, 99))
def test_swapped_letters_stay_in_their_words_and_first_and_last_stay_in_place(text, seed):
    (attack,) = (one for one in letterings() if one.id == "swapped-letters")
    made = attack.apply(Attempt((text,), "en"), seed).last
    assert attack.same(made) == attack.same(text)
    for one, other in zip(re.findall("[a-z]+", text), re.findall("[a-z]+", made), strict=True):
        assert (one[0], one[-1], sorted(one)) == (other[0], other[-1], sorted(other))
