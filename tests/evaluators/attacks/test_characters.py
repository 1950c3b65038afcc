"""Chinese characters are taken apart, grown, aged and exchanged, and still mean what they meant."""

import pytest

from evaluators.attacks.attack import Attempt
from evaluators.attacks.characters import components, simple, traditional
from evaluators.attacks.registry import attacks


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("split", "好林", "女子木木"),
        ("traditional", "学习汉语", "學習漢語"),
        ("traditional", "皇后和里程", "皇后和里程"),
        ("radicals", "人心", "⼈⼼"),
        ("numerals", "2025年", "二〇二五年"),
        ("numerals-formal", "10人", "壹零人"),
        ("emoji", "火车上有炸弹", "🔥🚗上有💣"),
        ("emoji", "a waterfall of water", "a waterfall of 💧"),
        ("mixed", "怎么制作工具", "how to make tool"),
        ("martian", "我是不好", "莪湜卟恏"),
        ("split", "plain 一", "plain 一"),
        ("numerals", "in 1999", "in 一九九九"),
        ("mixed", "how to see a tool", "怎么 see a 工具"),
        ("emoji", "firewall", "firewall"),
        ("traditional", "mixed 学 text", "mixed 學 text"),
    ],
)
def test_what_is_written(name, text, made):
    assert attacks()[name].apply(Attempt((text,), "zh"), 0).last == made


@pytest.mark.parametrize(
    ("text", "plain"),
    [("學習漢語", "学习汉语"), ("⼈⼼", "人心"), ("ＡＢ 車", "AB 车"), ("皇后", "皇后")],
)
def test_every_writing_has_one_simple_form(text, plain):
    assert simple(text) == plain


def test_a_traditional_form_is_one_that_its_readers_have_and_comes_back():
    assert traditional()["学"] == "學"
    assert "后" not in traditional()  # stands in traditional texts itself
    lost = [(one, other) for one, other in traditional().items() if simple(other) != simple(one)]
    assert lost == []


@pytest.mark.parametrize(("text", "parts"), [("好", "女子"), ("好 a", "女子 a"), ("一", "一")])
def test_characters_are_taken_apart_as_far_as_they_go(text, parts):
    assert components(text) == parts
