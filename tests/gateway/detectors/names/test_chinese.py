"""How Chinese names are scored.

Mutants killed: what stands beside is summed in another order; a candidate that may be one is taken for hopeless.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detectors.names.chinese import COMPOUND, Candidate, Scorer, beside, inside
from gateway.detectors.names.weights import ZH, read_chinese

NAMES = read_chinese(ZH.read_bytes())
SCORER = Scorer(NAMES)
TEXT = "高兴的时候，王国里的周末。欧阳娜娜女士，1988年生，和张伟一起去。董事会由赵志刚、钱学敏、孙丽三人组成"


def test_the_quick_score_is_the_sum_of_figures_and_neighbours() -> None:
    seen = 0
    for head in NAMES.heads().finditer(TEXT):
        for candidate in NAMES.candidates(TEXT, head.start()):
            total = NAMES.bias + sum(a * b for a, b in zip(NAMES.dense, NAMES.figures(TEXT, candidate), strict=True))
            places = *inside(TEXT, candidate), *beside(TEXT, candidate)
            total += sum(NAMES.neighbours[feature] for feature in places)
            quick = NAMES.score(TEXT, candidate)
            if quick:
                assert quick == pytest.approx(1 / (1 + exp(-total)), abs=1e-6)
            else:
                assert total < 0
            seen += 1
    assert seen > 10


def one_by_one(text: str, start: int) -> list[tuple[int, int, float]]:
    told = [(one.given, one.end, NAMES.score(text, one)) for one in NAMES.candidates(text, start)]
    return told if text[start : start + 2] in COMPOUND else [one for one in told if one[2]]


@given(
    st.lists(st.sampled_from([*TEXT, "欧阳", "司马", "王伟", "李娜", ":", "a", "1", "\n"]), max_size=12).map("".join)
)
@settings(max_examples=60, deadline=None)
def test_at_once_is_said_what_is_said_one_by_one(text: str) -> None:
    for start in range(len(text)):
        assert SCORER.at(text, start) == one_by_one(text, start)


def test_weights_in_whatever_steps_are_looked_up() -> None:
    # More different ones than fit into a byte.
    many = replace(NAMES, neighbours=[at / 7919 for at in range(len(NAMES.neighbours))])
    scorer = Scorer(many)
    for text in (TEXT, "号:王伟", ":王伟", "的号:王伟"):
        for start in range(len(text)):
            told = [(one.given, one.end, many.score(text, one)) for one in many.candidates(text, start)]
            assert scorer.at(text, start) == [one for one in told if one[2] or text[start : start + 2] in COMPOUND]


def test_nothing_that_may_be_a_name_is_taken_for_hopeless() -> None:
    characters = sorted({*TEXT})
    for text in map("".join, product("王高周", characters, characters)):
        assert SCORER.at(text, 0) == one_by_one(text, 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("关爱", Candidate(0, 1, 2)), ("很关爱他", Candidate(1, 2, 3)), True),  # whatever stands beside
        (("关爱", Candidate(0, 1, 2)), ("爱关", Candidate(0, 1, 2)), False),
        (("关爱", Candidate(0, 1, 2)), ("关爱国", Candidate(0, 1, 3)), False),
        (("欧阳娜", Candidate(0, 2, 3)), ("阳娜", Candidate(0, 1, 2)), True),  # of a surname the last character counts
        (("易康复", Candidate(0, 1, 3)), ("欧阳康复", Candidate(0, 2, 4)), False),
    ],
)
def test_a_name_is_known_by_its_own_characters_next_to_each_other(
    one: tuple[str, Candidate], other: tuple[str, Candidate], same: bool
) -> None:
    assert (inside(*one) == inside(*other)) is same


def test_two_characters_of_a_given_name_count_whatever_the_surname() -> None:
    assert inside("易康复", Candidate(0, 1, 3))[1] == inside("欧阳康复", Candidate(0, 2, 4))[1]


def test_a_surname_of_two_characters_is_one() -> None:
    at = TEXT.index("欧阳")
    assert Candidate(at, at + 2, at + 4) in list(NAMES.candidates(TEXT, at))


def test_what_no_surname_begins_is_no_candidate() -> None:
    assert list(NAMES.candidates("的时候", 0)) == []
    assert list(NAMES.candidates("王", 0)) == []
