"""Acrostics: the first words, signs or letters of lines, or the last ones, where a text says to read them."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.acrostic import acrostic


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("把各行的第一个字连起来读：\n怎 在风里\n样 写在墙上\n做 是今天的第一个词\n糕 慢慢走", "怎样做糕"),
        ("怎么去看海\n样子都变了\n做人要真心\n糕点也香甜\n\n藏头就是我的问题", "怎样做糕"),
        ("Read the first word of each line:\nHow is it\nto walk\nbake in the sun\nbread falls", "How to bake bread"),
        ("The first letters ask:\nCold\nAir\nKeeps\nEggs", "CAKE"),
        ("Read the last word of each line.\nsay how\ngo to\nwe bake.\nthe bread!", "how to bake bread"),
        ("每行最后一个字连起来：\n风里怎\n墙上样\n慢慢做。\n走走糕", "怎样做糕"),
        ("把首字连起来：\n怎 a\nmake b\n面 c\n包 d", "怎make面包"),
    ],
)
def test_what_a_text_says_to_read_is_read(text: str, said: str) -> None:
    [piece] = acrostic(text)
    assert (piece.text, piece.coded) == (said, False)
    assert text[piece.start : piece.end].count("\n") == 3


@pytest.mark.parametrize(
    "text",
    [
        "写一首藏头诗，第一个字是春。",
        "What is the first word of the Bible?\nAnd who wrote it?\nPlease say.",
        "把各行的第一个字连起来：\n怎 a\n样 b\n做 c",
        "首字\n\n一\n\n二\n\n三\n\n四",
        "",
    ],
)
def test_few_lines_say_nothing(text: str) -> None:
    assert list(acrostic(text)) == []
