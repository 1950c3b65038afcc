"""A long text falls into stretches of whole clauses, and nothing but a tail of a few characters gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.stretches import LONGEST, stretches

CLAUSE = "这是一个有二十个字符的完整的从句子，是不是。"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CLAUSE * 5, [CLAUSE * 2, CLAUSE * 2, CLAUSE]),
        ("问" * 150, ["问" * 64, "问" * 64, "问" * 22]),
        ("短。" + "问" * 100, ["短。", "问" * 64, "问" * 36]),
        (CLAUSE * 3 + "好。", [CLAUSE * 2, CLAUSE + "好。"]),
        ("问" * 64 + "好。", ["问" * 64]),  # the tail says nothing
        ("Tell a tale of two cities and more.\n" * 2, ["Tell a tale of two cities and more.\n"] * 2),
        ("请用 plain English 回答；" * 5, ["请用 plain English 回答；" * 3, "请用 plain English 回答；" * 2]),
    ],
)
def test_as_many_clauses_as_fit_are_one_stretch(text: str, found: list[str]) -> None:
    assert stretches(text) == found


@given(st.text(alphabet="问答，。！？;!?\n ab", min_size=LONGEST + 1, max_size=600))
def test_nothing_but_a_short_tail_gets_lost(text: str) -> None:
    found = stretches(text)
    assert found
    assert all(len(one) <= LONGEST for one in found)
    joined = "".join(found)
    assert text.startswith(joined)
    assert len(text) - len(joined) < 6
