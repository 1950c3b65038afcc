"""The passage that answers is found first, by words or by meaning, and only by who may see it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gateway.knowledge.index import Index, searched
from gateway.knowledge.kept import KeptPassage

NONE = np.zeros(2, np.float32)


def passage(number: int, text: str, vector=(0, 0), access=(), flagged=(), headings=()) -> KeptPassage:
    made = np.array(vector, np.float32)
    return KeptPassage(f"d#{number}", "d", "手册", "", text, headings, "", frozenset(access), tuple(flagged), made)


TEXTS = [
    "无理由退货的运费由买家承担，七天内申请。",
    "电子发票在确认收货后二十四小时内发送到邮箱。",
    "Refunds are paid to the original card within ten days.",
    "金卡会员享受免费配送和双倍积分。",
    "The office is open from nine to five on weekdays.",
    "发票抬头 tax number 填写错误可以重开一次。",
]
ALL = [passage(at, text) for at, text in enumerate(TEXTS)]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("退货运费谁承担", 0),
        ("發票什麼時候發到郵箱", 1),
        ("When is the refund paid to my card?", 2),
        ("会员的积分", 3),
        ("office opening hours: is it open on weekdays", 4),
        ("发票的tax number写错了", 5),
    ],
)
def test_words_find_the_passage(question: str, best: int) -> None:
    found = Index(ALL).search(question, NONE, 3)
    assert found[0].passage.text == TEXTS[best]
    assert 0 < found[0].confidence <= 1
    assert len({one.passage.id for one in found}) == len(found) <= 3


def test_headings_are_searched_too() -> None:
    made = Index([*ALL, passage(9, "三天以内由主管审批。", headings=("病假",))])
    assert made.search("病假谁审批", NONE, 1)[0].passage.id == "d#9"


def test_meaning_finds_what_words_do_not() -> None:
    made = Index([passage(0, "甲乙丙", (1, 0)), passage(1, "丁戊己", (0, 1)), passage(2, "庚辛壬", (0.6, 0.8))])
    found = made.search("完全不同", np.array([0, 1], np.float32), 2)
    assert [one.passage.id for one in found] == ["d#1", "d#2"]
    assert [round(one.near, 2) for one in found] == [1.0, 0.8]
    assert found[0].covered == 0


def test_both_rankings_count() -> None:
    made = Index([passage(0, "退货运费", (0, 1)), passage(1, "退货运费", (1, 0)), passage(2, "天气", (1, 0))])
    found = made.search("退货运费", np.array([1, 0], np.float32), 3)
    assert [one.passage.id for one in found] == ["d#1", "d#0", "d#2"]


def test_vectors_may_be_searched_elsewhere() -> None:
    asked = []

    def nearest(vector, count):
        asked.append((vector.tolist(), count))
        return [("d#1", 0.9), ("gone#7", 0.8), ("d#0", 0.1)]

    made = Index([passage(0, "甲"), passage(1, "乙")], nearest)
    found = made.search("丙丁", np.array([1, 0], np.float32), 5)
    assert [(one.passage.id, round(one.near, 1)) for one in found] == [("d#1", 0.9), ("d#0", 0.1)]
    assert asked == [([1.0, 0.0], 100)]


def test_labels_hide_what_is_for_others_in_both_rankings() -> None:
    made = Index(
        [
            passage(0, "工资表", (1, 0), access=["hr"]),
            passage(1, "工资说明", (1, 0)),
            passage(2, "工资", (1, 0), ["a", "hr"]),
        ]
    )
    ask = np.array([1, 0], np.float32)
    assert [one.passage.id for one in made.search("工资表", ask, 5)] == ["d#1"]
    assert {one.passage.id for one in made.search("工资表", ask, 5, frozenset(["hr"]))} == {"d#0", "d#1", "d#2"}
    assert {one.passage.id for one in made.search("工资表", ask, 5, frozenset(["a"]))} == {"d#1", "d#2"}


def test_a_flagged_passage_is_never_found() -> None:
    made = Index([passage(0, "退货说明", flagged=["attack.indirect"])])
    assert made.search("退货说明", NONE, 5) == ()


@pytest.mark.parametrize("question", ["", "？？", "zzzz qqqq", "😀"])
def test_a_question_that_no_passage_knows_finds_nothing(question: str) -> None:
    assert Index(ALL).search(question, NONE, 3) == ()
    assert Index([]).search(question, NONE, 3) == ()


def test_a_chinese_character_is_looked_for_with_its_neighbour() -> None:
    assert searched("退货") == ["退货"]
    assert "a" in searched("退 a")


def test_documents_that_are_gone_are_found_by_neither_ranking() -> None:
    other = replace(passage(7, "退货运费另行规定。", (1, 0)), id="e#7", document="e")
    index = Index([passage(0, TEXTS[0], (1, 0)), other])
    asked = np.array([1, 0], np.float32)
    assert {one.passage.id for one in index.search("退货运费", asked, 5)} == {"d#0", "e#7"}
    assert [one.passage.id for one in index.search("退货运费", asked, 5, gone=["d", "unknown"])] == ["e#7"]
    assert index.search("退货运费", asked, 5, gone=["d", "e"]) == ()
