"""The network that judges words: a word alone, five together, and what is remembered.

Mutants killed: a word whose case is forgotten; a table of words that holds another; a memory that changes what is said.
"""

from __future__ import annotations

import numpy as np
import pytest

from gateway.detectors.names import english_net
from gateway.detectors.names.english import LABELS
from gateway.detectors.names.english_net import (
    BESIDE,
    HIDDEN,
    NEAR,
    ROWS,
    WIDTH,
    EnglishNames,
    Remembered,
    Tables,
    table,
)
from gateway.detectors.names.english_reader import Reader
from gateway.detectors.names.weights import EN, read_english

NAMES = read_english(EN.read_bytes())


def test_a_table_holds_its_words_and_hardly_any_other() -> None:
    tables = Tables(table({"ann", "bo"}), table({"lee"}), table({"house", "ann"}))
    said = {word: tables.flags(word) for word in ("ann", "bo", "lee", "house", "tree", "mr.", "ann.")}
    assert said == {"ann": "fc", "bo": "f", "lee": "l", "house": "c", "tree": "", "mr.": "", "ann.": "fc"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann", "Ann", True),
        ("Ann", "ann", False),
        ("Ann", "ANN", False),
        ("", "\n", False),
        ("x" * 16, "x" * 40, True),
        ("王", "李", False),
    ],
)
def test_a_word_is_known_by_its_signs_and_by_how_it_is_written(one: str, other: str, *, same: bool) -> None:
    signs = NAMES.tables.signs(one)
    assert (signs == NAMES.tables.signs(other)) is same
    assert all(0 <= sign < ROWS for sign in signs)


def test_what_is_said_is_the_sum_of_all_that_words_show() -> None:
    chance = np.random.default_rng(2)
    shapes = (NEAR * WIDTH, HIDDEN), (HIDDEN,), (HIDDEN, len(LABELS)), (len(LABELS),)
    matrices = [chance.normal(size=shape).astype(np.float32) for shape in shapes]
    rows = chance.integers(-127, 128, (ROWS, WIDTH)).astype(np.int8)
    names = EnglishNames(NAMES.tables, rows, 0.01, *matrices)
    words = ["I", "met", "Ann", "Lee", "today"]
    seen = np.concatenate([sum(rows[sign].astype(float) * 0.01 for sign in names.tables.signs(word)) for word in words])
    inward, between, outward, end = matrices
    expected = np.maximum(seen @ inward + between, 0) @ outward + end
    assert np.allclose(names.judge([names.row(word) for word in words]), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("most", [0, 1, 4, 16_384])
def test_what_is_remembered_changes_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english_net, "_REMEMBERED", most)
    reader, kept = Reader(NAMES), Remembered(NAMES)
    words = ["", "", "Dear", "Leo", "Wang", ",", "the", "Bank", "of", "Xi", "'s", "Leo", "Wang", "", ""]
    for _ in range(2):
        for at in range(BESIDE, len(words) - BESIDE):
            near = [NAMES.row(word) for word in words[at - BESIDE : at + BESIDE + 1]]
            assert reader.judge(words, at) == NAMES.judge(near)
            assert np.array_equal(kept[words[at]], near[BESIDE])
            assert len(kept) <= max(1, most)
