"""Characters that stand apart are put together; what is ordinary stays as it is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.apart import chinese, legible, runs


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        ("b o m b", ["bomb"]),
        ("h o w   t o", ["how", "to"]),
        ("h|o|w| |t|o", ["how", "to"]),
        ("h o w", ["how"]),
        ("h", ["h"]),
    ],
)
def test_a_wider_gap_parts_words(stretch: str, words: list[str]) -> None:
    assert runs(stretch) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("如 何 办 理", [(0, 7, "如何办理")]),
        ("请问如 何 办 理挂失", [(2, 9, "如何办理")]),
        ("怎-么-挂-失", [(0, 7, "怎么挂失")]),
        ("怎  么  挂  失", [(0, 10, "怎么挂失")]),
        ("如 何 办 理    怎 么 办 啊", [(0, 7, "如何办理"), (11, 18, "怎么办啊")]),
        ("see 如 何 办 理 and 怎*么*挂*失", [(4, 11, "如何办理"), (16, 23, "怎么挂失")]),
        ("-如-何-办", [(1, 6, "如何办")]),
        ("please 如 何 办 理 it", [(7, 14, "如何办理")]),
        ("今天,我去买菜。", []),
        ("1.买 2.卖 3.送", []),
        ("see 我 you 他 they 你", []),
        ("how are you", []),
        ("", []),
    ],
)
def test_chinese_that_stands_apart_is_found(text: str, found: list[tuple[int, int, str]]) -> None:
    assert list(chinese(text)) == found


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("w h a t   i s   i t", "what is it"),
        ("w-h-a-t-i-s", "whatis"),
        ("?w h a t   i s", "what is"),
        ("01010111 01101000 01100001", ""),
        ("87, 104, 97, 116, 32, 105, 115", ""),
        # A word, or a sign of another script, is there: nothing is changed, however much stands apart.
        ("what is a b c d", "what is a b c d"),
        ("如 何", "如 何"),
        ("a b c d 是什么", "a b c d 是什么"),
        ("🔫 👉 👦", "🔫 👉 👦"),
        # Short ones mean something as they are.
        ("8964", "8964"),
        ("110", "110"),
        ("13:45 - 14:00", "13:45 - 14:00"),
        ("sb", "sb"),
        ("c++ or c#?", "c++ or c#?"),
        ("a b", "a b"),
        ("", ""),
    ],
)
def test_a_text_without_a_word_is_put_together(text: str, plain: str) -> None:
    assert legible(text) == plain


@given(st.text("abz 01-|.,药如\n", max_size=40))
def test_what_is_legible_stays_so(text: str) -> None:
    plain = legible(text)
    assert legible(plain) == plain
    for start, end, said in chinese(text):
        assert 0 <= start < end <= len(text)
        assert said in text[start:end].translate(str.maketrans("", "", " -|.,\n"))


@pytest.mark.parametrize("unit", ["如 ", " ", "a ", "如  ", "1 ", "-"])
def test_a_megabyte_is_looked_through_in_proportion(unit: str) -> None:
    begin = time.process_time()
    text = unit * (1_000_000 // len(unit))
    list(chinese(text))
    legible(text)
    assert time.process_time() - begin < 30
