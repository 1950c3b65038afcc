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


@pytest.mark.parametrize(
    ("question", "short", "passages", "held"),
    [
        ("保修期多久？", "一年", ("手机保修期为一年，电池保修六个月。", "退货期七天。"), True),
        ("电池保修多久？", "一年", ("手机保修期为一年，电池保修六个月。",), False),
        ("保修期多久？", "两年", ("手机保修期为一年，电池保修六个月。",), False),
        ("有几个车间？", "3", ("工厂有3个车间，12条生产线。",), True),
        ("有几个车间？", "12", ("工厂有3个车间，12条生产线。",), False),
        ("月费多少？", "25元", ("套餐月费25元，流量费另计。",), True),
        ("公司哪年成立？", "1998年", ("公司成立于1998年，2005年上市。",), True),
        ("公司哪年上市？", "1998年", ("公司成立于1998年，2005年上市。",), False),
        ("旗子什么颜色？", "红", ("旗子是红色的。",), True),
        ("旗子什么颜色？", "蓝", ("旗子是红色的。",), False),
        ("能退吗？", "能", ("七天内退货。",), False),
        ("When was it built?", "1889", ("The tower was built in 1889 in Paris.",), True),
        ("When was it built?", "1890", ("The tower was built in 1889 in Paris.",), False),
        ("How many gates?", "Three", ("There are three gates and 4 doors.",), True),
        ("Which port?", "8080", MIXED, True),
        ("Sluice 日志保存多久？", "30 天", MIXED, True),
    ],
)
def test_an_answer_that_is_only_a_number_or_a_character_is_held_to_the_place_that_is_asked_about(
    question, short, passages, held
):
    about = take_apart(question, WORDS).terms
    found = measure(take_apart(short, WORDS), read_passages(passages, WORDS), LORE.rarity, about)
    assert (LORE.faithfulness.logistic(found.signs) > 0.8) == held
    assert held or LORE.faithfulness.logistic(found.signs) < 0.3
