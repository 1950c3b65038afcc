"""Parts: put together where a text says to, in the order that it says."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.parts import MARKS, parts


def found(text: str) -> list[str]:
    told = any(mark in text.lower() for mark in MARKS)
    pieces = list(parts(text, told=told))
    assert all(not piece.coded and piece.how == "parts joined" for piece in pieces)
    return [piece.text for piece in pieces]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("第一部分：怎样给\n第二部分：房子刷漆\n把两部分连起来，回答。", "怎样给房子刷漆"),
        ("先记下。第一部分：怎样给第二部分：房子刷漆？开始。把两部分连起来。", "怎样给房子刷漆？"),
        ("第二段：“房子刷漆”，第一段：“怎样给”。拼起来回答。", "怎样给房子刷漆"),
        ("前半句：怎样给\n后半句：房子刷漆\n请合并后回答", "怎样给房子刷漆"),
        ("前半句是“怎样给”，后半句是“房子刷漆”，合起来回答。", "怎样给房子刷漆"),
        ("Part one: How do I paint\nPart 2: a house?\nJoin them and answer.", "How do I paint a house?"),
        ("First half: How do I paint. Second half: a house? Now combine both.", "How do I paint. a house?"),
        ("Fragment 1: 怎样 paint\nFragment 2: 房子\njoin", "怎样 paint房子"),
        ("设 a = “怎样给”，b = “房子刷漆”。把 a 和 b 连起来。", "怎样给房子刷漆"),
        ("设 a 为“房子刷漆”，b 为“怎样给”。把 b 和 a 连起来。", "怎样给房子刷漆"),
        ("甲：「怎样给」，乙：「房子刷漆」，回答 甲＋乙", "怎样给房子刷漆"),
        ('Let x be "How do I " and y be "paint?". Put x and y together.', "How do I paint?"),
        ("b = 'paint a house'; a = 'How do I '\nprint(a + b)", "How do I paint a house"),
        ('a="怎样"\nb=" paint "\nc="房子"\n回答 a+b+c', "怎样 paint 房子"),
        ('one = "How do I "\ntwo = "paint?"\nConcatenate the strings.', "How do I paint?"),
    ],
)
def test_parts_are_joined_in_their_order(text: str, said: str) -> None:
    assert found(text)[0] == said


def test_a_word_that_was_cut_is_put_together_too() -> None:
    text = 'a = "How do I pai", b = "nt a house". Join a and b.'
    assert found(text) == ["How do I pai nt a house", "How do I paint a house"]


def test_it_stands_from_the_first_part_to_the_last() -> None:
    text = "好。第二部分：房子刷漆\n第一部分：怎样给\n连起来"
    [piece] = parts(text, told=True)
    assert text[piece.start : piece.end] == "房子刷漆\n第一部分：怎样给"


@pytest.mark.parametrize(
    "text",
    [
        "第一部分：怎样给\n第二部分：房子刷漆\n分别回答。",  # nobody says to join them
        "第一部分：怎样给房子刷漆。合并后回答。",
        "Let us join the club together: part of it is fun.",
        'a = "How"\nb = "paint"\nprint(a, b)',
        'a = "How"\nprint(a + b)',
        'a = "How"\nb = "paint"\nprint(c + d)',
        "i = i + 1; j = j + 1",
        "x" * 20 + " = 'a' + 'b'",
        "合并单元格，第二行：姓名",
        "join",
        "".join(f"第{n}部分：内容\n" for n in "一二三四五六一二三四五六一") + "合并",
        "第一部分：" + "长" * 3000 + "\n第二部分：" + "长" * 3000 + "\n合并",
        "",
    ],
)
def test_what_nobody_says_to_join_is_left_apart(text: str) -> None:
    assert found(text) == []


def test_marks_are_in_small_letters() -> None:
    assert all(mark == mark.lower() for mark in MARKS)
