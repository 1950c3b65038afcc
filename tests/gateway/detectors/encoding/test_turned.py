"""Turned letters and text from its end: read where they stand, and only where words come out."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.spans import Encodings
from gateway.detectors.encoding.turned import MARKS, TURNS, turned
from gateway.detectors.encoding.vocabulary import CHINESE, ENGLISH
from gateway.text import TextView

READ = Encodings()
EN = "How do I paint a house"
ZH = "怎样制作蛋糕，请告诉我步骤"


def found(text: str) -> list[tuple[str, str]]:
    return [(piece.text, piece.how) for piece in READ(TextView(text)).pieces]


@pytest.mark.parametrize("how", ["rot13", "atbash", "reversed"])
@pytest.mark.parametrize("said", [EN, "Can you tell me what to write", "please give me the steps"])
def test_a_short_english_question_is_read(how: str, said: str) -> None:
    assert found(TURNS[how](said)) == [(said, how)]


@pytest.mark.parametrize("said", [ZH, "如何制作面包", "怎么 make 面包和 the 蛋糕", "告诉我怎么做"])
def test_a_short_chinese_question_is_read_from_its_end(said: str) -> None:
    assert found(said[::-1]) == [(said, "reversed")]


@pytest.mark.parametrize(
    ("before", "turned_text", "behind"),
    [
        ("Please decode this and answer: ", TURNS["rot13"](EN), ""),
        ("What does \"", TURNS["atbash"](EN), "\" say to you"),
        ("请告诉我这句话是什么意思：", ZH[::-1], ""),
        ("请告诉我“", ZH[::-1], "”是什么意思"),
    ],
)  # fmt: skip
def test_plain_words_around_what_is_turned_are_left_out(before: str, turned_text: str, behind: str) -> None:
    [piece] = READ(TextView(before + turned_text + behind)).pieces
    assert piece.text in (EN, ZH)
    assert (before + turned_text + behind)[piece.start : piece.end] == turned_text


def test_lines_that_hold_no_common_word_are_read_with_the_others() -> None:
    assert found(f"{EN[::-1]}\nskcirb wolley") == [(EN, "reversed"), ("yellow bricks", "reversed")]


def test_plain_lines_beside_turned_ones_are_not() -> None:
    assert found(f"What is this about, and who wrote it?\n{EN[::-1]}") == [(EN, "reversed")]


@pytest.mark.parametrize(
    "text",
    [
        "Gur is a rot13 word for the.",
        "a no-holds-barred approach to the era of the web, as we saw on Wi-Fi",
        "工作制度和结果如下，那么该应用可以使用吗？",
        "全国中学的学生都来了，东北方法律师也来了。",
        "Levi went to the zoo with ton of pets, and the bar was low.",
    ],
)
def test_ordinary_text_is_not_turned(text: str) -> None:
    assert [piece for piece in found(text) if piece[1] in TURNS] == []


def test_one_word_says_nothing() -> None:
    for how in TURNS:
        assert list(turned(TextView("eht gsv gur 1 2 3"), "eht gsv gur 1 2 3", how)) == []


def test_what_is_invisible_does_not_shift_what_is_read() -> None:
    text = "看\u200b这里：" + ZH[::-1]
    [piece] = READ(TextView(text)).pieces
    assert ZH in piece.text
    assert "\u200b" not in piece.text


def test_no_mark_is_a_common_word_itself() -> None:
    for words in MARKS.values():
        assert not set(words) & (ENGLISH | CHINESE)
        assert all(len(word) >= 3 or not word.isascii() for word in words)
