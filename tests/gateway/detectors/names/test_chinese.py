"""How Chinese names are scored."""

from __future__ import annotations

from math import exp

import pytest

from gateway.detectors.names.chinese import Candidate, beside
from gateway.detectors.names.weights import ZH, read_chinese

NAMES = read_chinese(ZH.read_bytes())
TEXT = "高兴的时候，王国里的周末。欧阳娜娜女士，1988年生，和张伟一起去。董事会由赵志刚、钱学敏、孙丽三人组成"


def test_the_quick_score_is_the_sum_of_figures_and_neighbours() -> None:
    seen = 0
    for head in NAMES.heads().finditer(TEXT):
        for candidate in NAMES.candidates(TEXT, head.start()):
            total = NAMES.bias + sum(a * b for a, b in zip(NAMES.dense, NAMES.figures(TEXT, candidate), strict=True))
            total += sum(NAMES.neighbours[feature] for feature in beside(TEXT, candidate))
            quick = NAMES.score(TEXT, candidate)
            if quick:
                assert quick == pytest.approx(1 / (1 + exp(-total)), abs=1e-6)
            else:
                assert total < 0
            seen += 1
    assert seen > 10


def test_a_surname_of_two_characters_is_one() -> None:
    at = TEXT.index("欧阳")
    assert Candidate(at, at + 2, at + 4) in list(NAMES.candidates(TEXT, at))


def test_what_no_surname_begins_is_no_candidate() -> None:
    assert list(NAMES.candidates("的时候", 0)) == []
    assert list(NAMES.candidates("王", 0)) == []
