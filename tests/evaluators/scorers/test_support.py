"""Each sign of support, by statements that differ from their passage in one thing."""

import pytest

from evaluators.scorers.alignment import read_passages, take_apart
from evaluators.scorers.by_row import load_lore
from evaluators.scorers.support import measure

LORE = load_lore()
WORDS = LORE.words
ZH = (
    "青禾商城支持签收后七天内无理由退货，定制商品除外。地下车位月租四百五十元，地面车位月租二百八十元。",
    "李明把钥匙交给王芳。",
)
EN = ("The firm was founded by Alice Gray in 1998. Blood results are ready in 2 days, biopsy results in 7 days.",)
MIXED = ("Sluice 网关默认监听 8080 端口，日志保存 30 天。",)


def support(statement, passages):
    return measure(take_apart(statement, WORDS), read_passages(passages, WORDS), LORE.rarity)


@pytest.mark.parametrize(
    ("statement", "passages"),
    [
        ("青禾商城支持签收后7天内无理由退货。", ZH),
        ("地面车位月租280元。", ZH),
        ("李明把钥匙交给王芳。", ZH),
        ("The firm was founded by Alice Gray in 1998.", EN),
        ("Biopsy results are ready in 7 days.", EN),
        ("网关默认监听 8080 端口。", MIXED),
    ],
)
def test_what_a_passage_says_shows_no_sign_against_it(statement, passages):
    found = support(statement, passages)
    assert (found.new, found.numbers, found.denied, found.opposed) == ((), (), False, "")
    assert found.signs["misplaced"] < 0.2
    assert found.signs["near"] > 0.7


@pytest.mark.parametrize(
    ("statement", "passages", "sign"),
    [
        ("青禾商城支持签收后九天内无理由退货。", ZH, "nowhere"),
        ("地面车位月租四百五十元。", ZH, "misplaced"),
        ("地面车位月租四百五十元。", ZH, "clash_number"),
        ("青禾商城不支持签收后七天内无理由退货。", ZH, "clash_denial"),
        ("青禾商城支持签收前七天内无理由退货，价格上涨。", ZH, "new_share"),
        ("王芳把钥匙交给李明。", ZH, "inverted_close"),
        ("The firm was founded by Bob Hill in 1998.", EN, "named_new"),
        ("The firm was founded by Alice Gray in 1999.", EN, "nowhere"),
        ("The firm was not founded by Alice Gray.", EN, "clash_denial"),
        ("I think the firm was founded by Alice Gray.", EN, "personal"),
        ("网关默认监听 8081 端口。", MIXED, "nowhere"),
        ("网关日志保存 30 天后上传云端。", MIXED, "new_share"),
    ],
)
def test_one_difference_shows_in_its_own_sign(statement, passages, sign):
    assert support(statement, passages).signs[sign] > 0.1


def test_an_opposite_is_named():
    passages = ("销售额比去年增加了三成。",)
    found = support("销售额比去年减少了三成。", passages)
    assert found.opposed == "增加"
    assert found.signs["clash_opposed"] > 0.3


def test_what_is_exchanged_is_named_with_what_stands_there():
    found = support("The firm was founded by Bob Hill in 1998.", EN)
    assert ("bob hill", "alice gray") in found.exchanged


@pytest.mark.parametrize("statement", ["", "……", "的", "a" * 5000, "天" * 5000, "1" * 5000])
def test_a_statement_without_words_or_with_too_many_is_measured_too(statement):
    signs = support(statement, ZH).signs
    assert all(value == value and abs(value) < 100 for value in signs.values())
    assert support(statement, ()).signs["near"] == 0.0
