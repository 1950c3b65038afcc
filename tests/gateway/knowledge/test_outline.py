"""Paragraphs are collected under the headings that stand above them, and under no others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.knowledge.document import Section
from gateway.knowledge.outline import Outline

Step = tuple[int, str]
"""The level of a heading, or 0 for a paragraph, and its words."""


def outlined(steps: list[Step], place: str = "") -> tuple[str, tuple[Section, ...]]:
    outline = Outline()
    for level, words in steps:
        if level:
            outline.heading(level, words)
        else:
            outline.text(words)
    return outline.title, outline.sections(place)


@pytest.mark.parametrize(
    ("steps", "title", "sections"),
    [
        ([], "", ()),
        ([(0, "一"), (0, " two ")], "", (Section("一\ntwo"),)),
        ([(0, "前"), (1, "题 title"), (0, "后")], "题 title", (Section("前"), Section("后", ("题 title",)))),
        ([(2, "二"), (1, "一"), (1, "另"), (0, "文")], "一", (Section("文", ("另",)),)),
        (
            [(1, "一"), (2, "二"), (3, "三"), (0, "a"), (2, "四"), (0, "b")],
            "一",
            (Section("a", ("一", "二", "三")), Section("b", ("一", "四"))),
        ),
        ([(3, "三"), (0, "a"), (2, "二"), (0, "b")], "", (Section("a", ("三",)), Section("b", ("二",)))),
        ([(1, " \n "), (0, "a"), (2, "二\n  行"), (0, "\u3000")], "", (Section("a"),)),
        ([(2, "二\n  行"), (0, "b")], "", (Section("b", ("二 行",)),)),
    ],
)
def test_a_section_stands_under_the_headings_of_smaller_levels(
    steps: list[Step], title: str, sections: tuple[Section, ...]
) -> None:
    assert outlined(steps) == (title, sections)


def test_the_place_is_that_of_the_last_section() -> None:
    assert [one.place for one in outlined([(0, "a"), (1, "题"), (0, "b")], "p. 3")[1]] == ["", "p. 3"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["甲", "b", " ", "c d"])), max_size=12))
def test_no_paragraph_is_lost_and_no_section_is_empty(steps: list[Step]) -> None:
    _, sections = outlined(steps)
    said = [line for one in sections for line in one.text.split("\n")]
    assert said == [words.strip() for level, words in steps if not level and words.strip()]
    assert all(one.text for one in sections)
