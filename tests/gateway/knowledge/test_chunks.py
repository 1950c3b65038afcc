"""Passages hold whole sentences, stay under their headings, and lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.knowledge.chunks import chunked, weight
from gateway.knowledge.document import Document, Section


def texts(*sections: Section, length: int = 30, overlap: int = 8) -> list[str]:
    return [passage.text for passage in chunked(Document("d", "d", sections), length, overlap)]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ([Section("短句一。短句二。")], ["短句一。短句二。"]),
        ([Section("甲" * 20 + "。"), Section("乙" * 20 + "。")], ["甲" * 20 + "。", "乙" * 20 + "。"]),
        ([Section("甲段。"), Section("乙段。")], ["甲段。\n乙段。"]),
        ([Section("甲段。", ("一",)), Section("乙段。", ("二",))], ["甲段。", "乙段。"]),
        ([Section("第一行", ("表",), "表 2"), Section("第二行", ("表",), "表 3")], ["第一行", "第二行"]),
        ([Section("甲" * 25 + "。短句。" + "乙" * 25 + "。")], ["甲" * 25 + "。短句。", "短句。" + "乙" * 25 + "。"]),
        ([Section("word " * 30)], [("word " * 18).strip(), ("word " * 12).strip()]),
    ],
)
def test_a_document_is_cut(sections: list[Section], expected: list[str]) -> None:
    assert texts(*sections) == expected


@given(st.lists(st.text(alphabet="甲乙丙a b。，.\n", max_size=200), max_size=4))
def test_no_letter_is_lost_and_no_passage_is_too_long(parts: list[str]) -> None:
    found = texts(*(Section(part) for part in parts if part.strip()))
    assert all(weight(text) <= 31 for text in found)
    whole = "".join("".join(parts).split())
    for sign in "甲乙丙ab":
        assert "".join(found).count(sign) >= whole.count(sign)


def test_the_headings_are_searched_but_not_quoted() -> None:
    (passage,) = chunked(Document("d", "d", (Section("七天内可退。", ("售后", "退货")),)))
    assert (passage.text, passage.searched, passage.number) == ("七天内可退。", "售后\n退货\n七天内可退。", 1)


def test_a_long_document_takes_time_in_proportion() -> None:
    text = "没有标点的长文" * 60_000
    passages = texts(Section(text), length=360)
    assert sum(map(len, passages)) == len(text)
