"""The same question in other characters, widths and words has the same pieces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.pieces import finding, grams, plain, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎样退货", "如何退货"),
        ("請問怎樣退貨", "怎么退货"),
        ("ＡＰＰ打不开", "app打不开"),
        ("多长时间到账", "几天到账"),
        ("能不能改签", "可否改签"),
        ("What's my PIN", "what is my pin"),
        ("i can't pay", "I can not pay"),
        ("ETC怎样办理", "etc如何办理"),
    ],
)
def test_ways_of_saying_the_same_are_the_same_when_plain(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize("text", ["没有收到", "哪里", "这几天", "怎么退", "可以吗", "没关系", "what is it"])
def test_what_already_says_it_so_stays(text: str) -> None:
    assert plain(text) == text


def test_a_word_inside_another_is_left_alone() -> None:
    assert plain("the dimmer") == "the dimmer"  # im is i am, but not here


def test_chinese_gives_its_n_grams_without_segmentation() -> None:
    assert set(terms("退货费")) == {"退", "货", "费", "退货", "货费", "退货费"}
    assert grams("退货费") == ["退", "货", "费", "退货", "货费"]


def test_characters_alone_are_left_out_where_only_their_pairs_count() -> None:
    assert grams("退 a货费3", alone=False) == ["a", "货费", "3"]


_WORDS = ("如何", "如何才能", "何时", "im", "i m", "pls", "u")


@given(st.lists(st.sampled_from((*_WORDS, " ", "'", "a", "z", "才", "能")), max_size=8))
def test_words_are_found_as_by_one_list_of_them_all(parts: list[str]) -> None:
    longest_first = sorted(_WORDS, key=len, reverse=True)
    latin, other = ("|".join(one for one in longest_first if one.isascii() == ascii) for ascii in (True, False))
    plainly = re.compile(f"(?<![a-z'])(?:{latin})(?![a-z'])|{other}")
    text = "".join(parts)
    assert finding(_WORDS, "a-z'").findall(text) == plainly.findall(text)


def test_english_gives_words_pairs_of_words_and_their_parts() -> None:
    found = terms("top up")
    assert {"top", "up", "top up", "~<to", "~top>"} <= set(found)


def test_numbers_count_as_they_are_but_mean_only_a_number() -> None:
    assert "0" in terms("满300减50")
    assert {"300", "50"} <= set(grams("满300减50"))


def test_mixed_text_gives_both() -> None:
    assert {"我", "app", "app登录".removeprefix("app")} <= set(terms("我的app登录"))


@given(st.text(max_size=60))
def test_any_text_can_be_cut_and_plain_text_is_plain(text: str) -> None:
    folded = plain(text)
    assert all(terms(folded))
    assert all(grams(folded))
    # Each piece of one run stands in the text: nothing is made up.
    assert all(piece.lstrip("~").strip("<>") in folded for piece in grams(folded))
