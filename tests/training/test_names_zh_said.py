"""A teacher reads candidates character by character, and says how likely exactly one of them is a name."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from gateway.detectors.names.chinese import Candidate
from gateway.detectors.names.weights import ZH, read_chinese
from training.names_zh_said import LABELS, UNKNOWN, Line, Lines, is_titled, labels_of, likely, sentences

LINES = Lines(read_chinese(ZH.read_bytes()))
TEXT = "昨天张伟和大家一起去了北京。"


def test_a_line_is_its_text_with_the_characters_of_candidates_alone() -> None:
    line = LINES(TEXT)
    words = line.words()
    assert "".join(words) == TEXT
    assert "昨天" in words
    assert words[words.index("张") + 1] == "伟"
    assert line.surest > 0.5


def test_what_is_marked_is_read_character_by_character_though_it_is_no_candidate() -> None:
    assert {"昨", "天"} <= set(LINES(TEXT, {(0, 2)}).words())


def test_words_of_a_name_have_its_labels_and_those_in_doubt_none() -> None:
    line = Line("请张伟和李娜来", (0, 1, 2, 3, 4, 5, 6), ())
    none, first, more = range(len(LABELS))
    assert labels_of(line, {(1, 3)}, {(4, 6)}) == [none, first, more, none, UNKNOWN, UNKNOWN, none]
    assert labels_of(line, {(1, 3)}, {(2, 4)}) == [none, first, more, UNKNOWN, none, none, none]  # a mark is certain


@pytest.mark.parametrize(
    ("candidate", "sure"),
    [
        (Candidate(1, 2, 3), 0.9 * 0.8 * 0.75),
        (Candidate(1, 2, 4), 0.9 * 0.8 * 0.25 * 0.9),
        (Candidate(4, 5, 6), 0.0001),
    ],
)
def test_a_name_is_likely_if_it_begins_goes_on_and_ends_there(candidate: Candidate, sure: float) -> None:
    begun, on = [0.01, 0.9, 0.01, 0.01, 0.01, 0.01], [0.01, 0.01, 0.8, 0.25, 0.1, 0.01]
    said = np.array([[log(1 - one - two), log(one), log(two)] for one, two in zip(begun, on, strict=True)])
    line = Line("请张伟和李娜", (0, 1, 2, 3, 4, 5), ((candidate, 0.5),))
    assert likely(line, said, candidate) == pytest.approx(sure, rel=1e-6)


@pytest.mark.parametrize(
    ("said", "titled"), [("王先生说", True), ("李某", True), ("王先念", False), ("张伟先生", False)]
)
def test_a_surname_with_a_title_is_not_somebody_by_name(said: str, titled: bool) -> None:
    assert is_titled(said) is titled


def test_chinese_sentences_come_once_each_and_folded() -> None:
    texts = ["今天天气很好。我们去公园吧！\n好", "今天天气很好。 only English here.", "字" * 81, "我們走吧，張偉。"]
    found = list(sentences(texts))
    assert found[:2] == ["今天天气很好。", "我们去公园吧!"]
    assert len(found) == 3
