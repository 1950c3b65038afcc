"""Hiding text: lengths stay, and nothing that any span hides stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.masking import Span, hide, mask, merge


@pytest.mark.parametrize(
    ("spans", "merged"),
    [
        ([], []),
        ([Span(4, 6), Span(0, 2)], [Span(0, 2), Span(4, 6)]),
        ([Span(0, 2), Span(2, 4)], [Span(0, 2), Span(2, 4)]),
        ([Span(0, 3, (1, 1)), Span(2, 4, (1, 1))], [Span(0, 4)]),
        ([Span(0, 9, (2, 2)), Span(3, 5)], [Span(0, 9)]),
        ([Span(0, 9, (2, 4)), Span(0, 9, (3, 1))], [Span(0, 9, (2, 1))]),
        ([Span(0, 3), Span(2, 5), Span(4, 8)], [Span(0, 8)]),
    ],
)
def test_spans_that_overlap_become_one_that_keeps_no_end(spans: list[Span], merged: list[Span]) -> None:
    assert merge(spans) == merged


@pytest.mark.parametrize(
    ("text", "keep", "hidden"),
    [
        ("11010519491231002X", (6, 4), "110105********002X"),
        ("张三", (0, 0), "**"),
        ("张三丰", (1, 0), "张**"),
        ("abc", (0, 1), "**c"),
        ("abc", (2, 1), "***"),
        ("abc", (5, 5), "***"),
        ("", (0, 0), ""),
    ],
)
def test_a_text_is_hidden_but_for_its_ends(text: str, keep: tuple[int, int], hidden: str) -> None:
    assert hide(text, keep) == hidden


@pytest.mark.parametrize(
    ("text", "spans", "masked"),
    [
        ("没有什么", [], "没有什么"),
        ("我是张三，call 123", [Span(2, 4), Span(10, 13)], "我是**，call ***"),
        ("abcdef", [Span(3, 6), Span(0, 2)], "**c***"),
        ("😀张三😀", [Span(1, 3)], "😀**😀"),
    ],
)
def test_every_span_of_a_text_is_hidden_where_it_stands(text: str, spans: list[Span], masked: str) -> None:
    assert mask(text, spans) == masked


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(0, 3), st.integers(0, 3)), max_size=6)


@settings(deadline=None)
@given(st.text("ab1张三，😀", max_size=30), SPANS)
def test_masking_keeps_the_length_and_touches_nothing_else(text: str, drawn: list[tuple[int, int, int, int]]) -> None:
    spans = [Span(min(a, len(text)), min(a + n, len(text)), (h, t)) for a, n, h, t in drawn]
    masked = mask(text, spans)
    assert len(masked) == len(text)
    for at, (was, now) in enumerate(zip(text, masked, strict=True)):
        covered = [span for span in spans if span.start <= at < span.end]
        assert now == was or (now == "*" and covered)
        if any(span.keep == (0, 0) for span in covered):
            assert now == "*"


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([Span(1, 3, instead="XYZ")], "aXYZde"),
        ([Span(1, 3, instead="")], "ade"),
        ([Span(1, 3, instead="X"), Span(3, 4, instead="Y")], "aXYe"),
        ([Span(1, 3, instead="X"), Span(1, 3, instead="X")], "aXde"),
        # What stands for one value does not stand for what overlaps with it.
        ([Span(1, 3, instead="X"), Span(2, 4)], "a***e"),
        ([Span(1, 3, instead="X"), Span(1, 3, instead="Y")], "a**de"),
        ([Span(1, 3), Span(1, 3, instead="Y")], "a**de"),
    ],
)
def test_something_can_stand_in_the_place_of_a_span(spans: list[Span], said: str) -> None:
    assert mask("abcde", spans) == said
    assert mask("abcde", spans[::-1]) == said
