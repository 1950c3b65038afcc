"""Sentences end where people end them, in Chinese, English and both."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.knowledge.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天下雨。明天放晴！后天呢？", ["今天下雨。", "明天放晴！", "后天呢？"]),
        ("他说：“走吧。”然后走了。", ["他说：“走吧。”", "然后走了。"]),
        ("It rains. It will clear! Really? Yes.", ["It rains.", "It will clear!", "Really?", "Yes."]),
        ("Pay 3.5 percent. Then 4.", ["Pay 3.5 percent.", "Then 4."]),
        ("Dr. Smith came at 5 p.m. yesterday. He left.", ["Dr. Smith came at 5 p.m. yesterday.", "He left."]),
        ("价格是3.5元。The price is 3.5 yuan. 好的。", ["价格是3.5元。", "The price is 3.5 yuan.", "好的。"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("……\n \n", []),
        ("没有句号", ["没有句号"]),
        ("请看 example.com/a.b 的说明", ["请看 example.com/a.b 的说明"]),
    ],
)
def test_a_text_is_split(text: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == expected


@given(st.text(alphabet="ab。.！ \n1中”A", max_size=60))
def test_every_letter_stands_in_exactly_one_sentence(text: str) -> None:
    found = list(sentences(text))
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    inside = {at for one in found for at in range(one.start, one.end)}
    assert all(at in inside for at, sign in enumerate(text) if sign.isalnum())
