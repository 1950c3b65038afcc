"""Strings put together: blanks between words, none in Chinese."""

from __future__ import annotations

import pytest

from gateway.detectors.encoding.spacing import together


@pytest.mark.parametrize(
    ("parts", "said", "tight"),
    [
        (["How to", "bake bread"], "How to bake bread", "How tobake bread"),
        (["How to ", "bake"], "How to bake", "How to bake"),
        (["怎样", "做蛋糕"], "怎样做蛋糕", "怎样做蛋糕"),
        (["怎样 bake", "面包"], "怎样 bake面包", "怎样 bake面包"),
        (["", "a", "", "b", "."], "a b.", "ab."),
        ([], "", ""),
    ],
)
def test_words_are_kept_apart(parts: list[str], said: str, tight: str) -> None:
    assert together(parts) == said
    assert together(parts, tight=True) == tight
