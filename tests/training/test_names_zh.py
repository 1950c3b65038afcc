"""Marked names in sentences keep their places when the marks are gone."""

from __future__ import annotations

from itertools import product

import pytest

from gateway.detectors.names.chinese import Candidate
from gateway.detectors.names.weights import ZH, read_chinese
from training.names_zh import (
    _REQUESTS_COUNT,
    _WORD_TOO,
    Row,
    _from_requests,
    fit,
    in_requests,
    part_of,
    unmark,
)
from training.names_zh_read import PARTS
from training.names_zh_texts import GIVEN


@pytest.mark.parametrize(
    ("marked", "plain", "spans"),
    [
        ("没有名字", "没有名字", set()),
        ("\ue000张三\ue001你好", "张三你好", {(0, 2)}),
        ("请找\ue000李四\ue001和\ue000王五六\ue001。", "请找李四和王五六。", {(2, 4), (5, 8)}),
        ("ask \ue000张三\ue001 now", "ask 张三 now", {(4, 6)}),
    ],
)
def test_names_stand_where_they_were_marked(marked: str, plain: str, spans: set[tuple[int, int]]) -> None:
    text, found = unmark(marked)
    assert (text, found) == (plain, spans)
    assert all(plain[start:end] in marked for start, end in found)


def test_requests_teach_whom_they_name_and_what_is_no_name() -> None:
    rows = list(_from_requests(read_chinese(ZH.read_bytes()), ["请以李白的口吻画一张表格。", "介绍一下钱学森"]))
    said = {row.said: row.is_name for row in rows}
    assert said["李白"] == 1
    assert said["张表"] == 0
    assert said["钱学森"] == 1
    assert "钱学" not in said  # nothing is said of a part of a name
    assert {row.counts for row in rows} == {_REQUESTS_COUNT}


def test_a_name_in_a_request_that_names_nobody_is_counted() -> None:
    model = read_chinese(ZH.read_bytes())
    told = in_requests(model, ["我叫王小明，今年八岁。", "请介绍一下李白。", "今天天气怎么样？"])
    assert told.startswith("a name in 1 of 3 (0.3333)")


def test_each_character_of_given_names_is_listed_as_one_that_is_common_or_rare() -> None:
    rare = set(GIVEN[min(GIVEN)])
    common = {character for share, characters in GIVEN.items() if share > min(GIVEN) for character in characters}
    assert not rare & common
    assert all("\u3400" <= character <= "\u9fff" for character in rare | common)


def test_a_plain_text_belongs_to_one_part_whenever_it_is_asked_for() -> None:
    parts = [part_of(f"第{number}个") for number in range(200)]
    assert parts == [part_of(f"第{number}个") for number in range(200)]
    assert set(parts) == set(range(PARTS))


def test_a_word_that_is_never_a_name_is_learnt_by_its_own_characters() -> None:
    model = read_chinese(ZH.read_bytes())
    rows: list[Row] = []
    for before, surname, given in product("很请找问", "易张王李", ("康复", "建国", "文伟")):
        text = f"{before}{surname}{given}了"
        for one in model.candidates(text, 1):
            rows += [Row(text, one, float(given != "康复" and one.end == 4))] * 20
    learnt = fit(model, rows)
    word, name = (learnt.score(text, Candidate(1, 2, 4)) for text in ("跟易康复说", "跟易建国说"))
    assert word < 0.5 < name


def test_surnames_that_are_words_too_are_known_and_say_little() -> None:
    surnames = read_chinese(ZH.read_bytes()).surnames
    assert all(surnames[one] < surnames["王"] for one in "成时简查官边谈")
    assert min(surnames.values()) > _WORD_TOO
    assert all(one not in surnames for one in "和都那来南")
