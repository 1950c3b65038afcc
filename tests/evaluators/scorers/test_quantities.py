from fractions import Fraction

import pytest

from evaluators.scorers.quantities import quantities
from evaluators.scorers.words import load_words

WORDS = load_words()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("七天内", "7天内"),
        ("七天", "within 7 days"),
        ("一周", "7天"),
        ("24小时", "1 day"),
        ("二十五天", "25 days"),
        ("两年", "24 months"),
        ("a two-year warranty", "保修2年"),
        ("半年", "6个月"),
        ("一个半小时", "90分钟"),
        ("三个工作日", "3 business days"),
        ("百分之五", "5%"),
        ("5 percent", "５％"),
        ("10万元", "100,000 yuan"),
        ("一万二千元", "12000元"),
        ("¥50", "50元"),
        ("US$60", "60 dollars"),
        ("2025年3月1日", "March 1, 2025"),
        ("2025-03-01", "1 March 2025"),
        ("3月31日", "31 March"),
        ("下午5点半", "17:30"),
        ("5 p.m.", "17:00"),
        ("上午9点", "9:00"),
        ("23公斤", "23 kg"),
        ("五次", "5 times"),
        ("REST-2", "rest-2"),
    ],
)
def test_two_writings_of_one_quantity_agree(one, other):
    (first,), (second,) = quantities(one, WORDS), quantities(other, WORDS)
    assert first.agrees(second)
    assert second.agrees(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("7天", "7元"),
        ("5天", "5个工作日"),
        ("24小时", "24 business days"),
        ("16 weeks", "16 months"),
        ("0.2%", "2%"),
        ("3月31日", "6月30日"),
        ("2 p.m.", "5 p.m."),
        ("REST-2", "REST-3"),
        ("extension 4410", "extension 4401"),
        ("$50", "¥50"),
    ],
)
def test_two_different_quantities_do_not_agree(one, other):
    (first,), (second,) = quantities(one, WORDS), quantities(other, WORDS)
    assert not first.agrees(second)


@pytest.mark.parametrize(
    "text", ["一般情况下统一处理", "万一丢失", "one can return it", "no numbers here", "第三方配送"]
)
def test_words_that_only_look_like_numbers_are_none(text):
    assert quantities(text, WORDS) == []


def test_every_quantity_of_a_text_is_found_where_it_stands():
    text = "出发前3至7天取消的,扣除团费的30%"
    found = quantities(text, WORDS)
    assert [(q.dimension, q.raw, text[q.start : q.end]) for q in found] == [
        ("", Fraction(3), "3"),
        ("time", Fraction(7), "7天"),
        ("percent", Fraction(30), "30%"),
    ]
