"""A table gets the level that GB/T 42460-2023 gives it; texts get one by analogy, and it is said."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from gateway.privacy.assess import Context, as_json, assess
from gateway.privacy.table import Table


def scan(value: str) -> Iterable[tuple[str, float]]:
    for match in re.finditer(r"1[0-9]{10}", value):
        yield "pii.mobile_number", len(match.group()) / len(value)


def find(text: str) -> Iterable[tuple[str, str]]:
    for match in re.finditer(r"1[0-9]{10}", text):
        yield "pii.mobile_number", match.group()
    for match in re.finditer(r"[0-9]{2}岁", text):
        yield "pii.age", match.group()


def judged(table: Table, **context: object) -> dict[str, object]:
    made = assess(table, Context(**context), scan=scan, find=find, roles={"pii.age": "quasi"})  # type: ignore[arg-type]
    return as_json(made, "f")


def table(**columns: list[str]) -> Table:
    return Table(tuple(columns), tuple(tuple(cells) for cells in columns.values()))


@pytest.mark.parametrize(
    ("columns", "sharing", "level"),
    [
        ({"姓名": ["张三"] * 100, "性别": ["男"] * 100}, "public", 1),
        ({"备注": ["打 13812345678 "] + ["无"] * 99}, "public", 1),
        ({"性别": ["男"] * 19 + ["女"] * 81}, "public", 2),
        ({"性别": ["男"] * 20 + ["女"] * 80}, "public", 2),
        ({"性别": ["男"] * 21 + ["女"] * 79}, "public", 3),
        ({"性别": ["男"] * 5 + ["女"] * 95}, "enclave", 2),  # pr(context) 1: the average is 0.105
        ({"性别": ["男"] * 50 + ["女"] * 50}, "enclave", 3),
        ({"销量": ["1", "2"]}, "public", 4),
    ],
)
def test_a_table_gets_its_level(columns: dict[str, list[str]], sharing: str, level: int) -> None:
    assert judged(table(**columns), sharing=sharing)["level"] == level


def test_a_rare_attack_lowers_the_risk_unless_the_data_is_public() -> None:
    one = table(性别=["男"] * 5 + ["女"] * 95)
    rare = {"attempt": 0.1, "acquaintance": 0.2, "breach": 0.05}
    assert judged(one, sharing="enclave", **rare)["level"] == 3
    assert judged(one, sharing="public", **rare)["level"] == 2


def test_a_level_1_table_is_told_what_stays_once_names_are_gone() -> None:
    said = judged(table(姓名=["张三"] * 100, 年龄=[str(20 + n % 50) for n in range(100)], 诊断=["胃炎", "感冒"] * 50))
    assert said["risk"]["overall"] == 1.0  # type: ignore[index]
    assert said["next_level"]["remove_or_pseudonymise"] == ["姓名"]  # type: ignore[index]
    assert said["next_level"]["generalise"]  # type: ignore[index]
    assert set(said["diversity"]) == {"诊断"}  # type: ignore[arg-type]


def test_a_level_3_table_is_told_what_level_4_takes() -> None:
    said = judged(table(性别=["男"] * 50 + ["女"] * 50))
    assert said["next_level"]["level"] == 4  # type: ignore[index]
    assert said["next_level"]["remove"] == ["性别"]  # type: ignore[index]


def test_a_level_4_table_has_no_next_level() -> None:
    assert judged(table(销量=["1"]))["next_level"] is None


def test_what_a_table_still_tells_is_measured() -> None:
    said = judged(table(性别=["男"] * 50 + ["女"] * 30 + [""] * 10 + ["***"] * 10))
    assert said["utility"] == {
        "cells_hidden": 0.2,
        "average_class_size_ratio": 1.25,
        "discernibility": pytest.approx((50**2 + 30**2 + 10**2 + 10**2) / 100**2),
    }


@pytest.mark.parametrize(
    ("texts", "level", "columns"),
    [
        (["打13812345678", "你好"], 1, {"pii.mobile_number"}),
        (["我30岁", "她40岁", "hello"], 2, {"pii.age"}),
        (["我30岁"] * 50, 3, {"pii.age"}),
        (["你好", "hello"], 4, {"text"}),
    ],
)
def test_texts_are_graded_by_the_identifiers_in_them(texts: list[str], level: int, columns: set[str]) -> None:
    said = judged(Table(("text",), (tuple(texts),), "texts"))
    assert (said["level"], said["by_analogy"]) == (level, True)
    assert {one["column"] for one in said["identifiers"]} == columns  # type: ignore[attr-defined]
