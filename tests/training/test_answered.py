"""Answers are learnt from as they stream: harmless ones with their beginnings, harmful ones as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.detectors.risk_names import WINDOW
from training.answered import answer_targets, beginnings, begun
from training.corpora.rows import Row


def answer(text: str, *risks: str, language: str = "zh", weight: float = 1.0) -> Row:
    return Row(text, "set", language, "answer", frozenset(risks), weight=weight)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("当然可以。先洗菜，再切菜。", ["当然可以。", "当然可以。先洗菜，"]),
        ("Sure. First wash it, then cut it.", ["Sure. ", "Sure. First wash it, "]),
        ("好的，ok. 请看这里，没有了", ["好的，ok. ", "好的，ok. 请看这里，"]),
        ("没有别的", []),
        ("", []),
    ],
)
def test_beginnings_end_with_clauses_and_the_whole_is_none_of_them(text: str, found: list[str]) -> None:
    assert list(map(str.rstrip, beginnings(text))) == list(map(str.rstrip, found))


def test_of_a_long_answer_some_beginnings_are_looked_at_from_the_first_to_the_last_of_one_window() -> None:
    found = beginnings("这是一句话。" * 300)
    assert len(found) == 14
    assert found[0] == "这是一句话。"
    assert WINDOW - 12 < len(found[-1]) <= WINDOW


def test_every_beginning_belongs_to_its_answer() -> None:
    rows = [answer("没有别的"), answer("当然可以。先洗菜，再切菜。"), answer("No. Not this one.", language="en")]
    examples, whole = begun(rows)
    assert examples.row.tolist() == [0, 1, 1, 1, 2, 2]
    assert whole.tolist() == [True, True, False, False, True, False]
    assert examples.chinese.tolist() == [True] * 4 + [False] * 2
    assert examples.rows is rows


def test_beginnings_of_harmless_answers_count_together_as_one_row_and_those_of_harmful_ones_do_not() -> None:
    rows = [answer("当然可以。先洗菜，再切菜。", weight=0.5), answer("当然可以。先砸门，再进去。", "harm")]
    wanted, counts = answer_targets(begun(rows))
    assert wanted[:, 0].tolist() == [0, 0, 0, 1, 0, 0]
    assert counts[1:3, 0].tolist() == [0.25, 0.25]
    assert counts[4:, 0].tolist() == [0, 0]
    assert np.all(counts[[0, 3], 0] > 0)


def test_beginnings_of_an_answer_of_which_nothing_is_known_do_not_count() -> None:
    unknown = Row("当然可以。先洗菜，再切菜。", "set", "zh", "answer", unknown=frozenset({"*"}))
    _, counts = answer_targets(begun([unknown, answer("好的。这就来。")]))
    assert counts[:3, 0].tolist() == [0, 0, 0]
    assert counts[-1, 0] > 0
