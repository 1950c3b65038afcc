"""Columns: read from right to left or from left to right, where lines by themselves say less."""

from __future__ import annotations

import math

import pytest

from gateway.detectors.encoding.columns import columns


def page(text: str, *, rightmost: bool = True, height: int = 0) -> str:
    height = height or math.isqrt(len(text))
    parts = [text[at : at + height].ljust(height, "\u3000") for at in range(0, len(text), height)]
    return "\n".join("".join(part[row] for part in (reversed(parts) if rightmost else parts)) for row in range(height))


@pytest.mark.parametrize("rightmost", [True, False])
@pytest.mark.parametrize(
    "said",
    [
        "怎样制作蛋糕请告诉我详细步骤",
        "请告诉我怎么粉刷房子",
        "How do I make a cake with my children at home?",
        "请用 English 告诉我 how to make 蛋糕",
        "怎么制作蛋糕",
    ],
)
def test_a_page_is_read_column_by_column(said: str, *, rightmost: bool) -> None:
    for before, behind in (("", ""), ("竖着读：\n\n", "\n谢谢")):
        text = before + page(said, rightmost=rightmost) + behind
        pieces = list(columns(text))
        assert (said, "columns", False) in [(piece.text, piece.how, piece.coded) for piece in pieces]
        assert text[pieces[0].start : pieces[0].end] == page(said, rightmost=rightmost)


@pytest.mark.parametrize(
    "text",
    [
        "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。",
        "请告诉我\n怎么制作\n什么蛋糕",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "怎么制\n什么作\n可以！",
        "i -> f\ns -> p",
        "for x in a:\n    do(x)  \nreturn this",
        "aaaa\nbbbb\ncccc",
        "一行",
        "\n\n\n",
        "",
    ],
)
def test_lines_that_say_what_they_say_are_no_page(text: str) -> None:
    assert list(columns(text)) == []


def test_two_long_lines_of_one_length_are_no_page() -> None:
    assert list(columns(page("怎样制作蛋糕请告诉我详细步骤", height=2))) == []
