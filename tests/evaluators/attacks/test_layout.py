"""The characters are all there, and stand otherwise: wide, in columns, backwards, with nothing between them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.attacks.attack import Attempt
from evaluators.attacks.layout import from_columns, full_width, half_width, to_columns
from evaluators.attacks.registry import attacks


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("full-width", "a b1", "ａ　ｂ１"),
        ("vertical", "一二三四", "三一\n四二"),
        ("bidi", "abc", "\u202ecba\u202c"),
        ("vertical", "一", "一\n　"),
        ("words-reversed", "how to do", "do to how"),
        ("spaced", "中a文", "中 a 文"),
        ("reversed", "中 ab", "ba 中"),
        ("half-width", "ＨＯＷ，好。", "HOW,好｡"),
        ("soft-breaks", "中a", "中\na"),
    ],
)
def test_what_is_written(name, text, made):
    assert attacks()[name].apply(Attempt((text,), "zh"), 0).last == made


texts = st.text("ab1 中文，。 ", min_size=1, max_size=30).map(lambda text: " ".join(text.split()) or "中")


@settings(max_examples=40, deadline=None)
@given(texts)
def test_columns_and_width_are_read_back(text):
    assert from_columns(to_columns(text)) == text
    assert len(set(map(len, to_columns(text).split("\n")))) == 1
    assert unicodedata.normalize("NFKC", full_width(text)) == unicodedata.normalize("NFKC", text)
    assert not any("!" <= character <= "~" for character in full_width(text))


@pytest.mark.parametrize(("text", "made"), [("ＨＯＷ", "HOW"), ("「中」。", "｢中｣｡"), ("plain 好", "plain 好")])
def test_wide_letters_and_marks_become_half_as_wide(text, made):
    assert half_width(text) == made
