"""A column is what it is called and what stands in it; a person has the last word."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gateway.privacy.columns import identify

ROLES = {"pii.birth_date": "quasi"}


def scan(value: str) -> Iterable[tuple[str, float]]:
    """Find e-mail addresses, and eleven digits."""
    for word in value.split():
        if "@" in word:
            yield "pii.email", len(word) / len(value)
        if len(word) == 11 and word.isdigit():
            yield "pii.mobile_number", len(word) / len(value)
        if word.startswith("born:"):
            yield "pii.birth_date", len(word) / len(value)


@pytest.mark.parametrize(
    ("name", "role", "kind"),
    [
        ("姓名", "direct", "person_name"),
        ("患者姓名", "direct", "person_name"),
        ("full_name", "direct", "person_name"),
        ("LastName", "direct", "person_name"),
        ("身份证号码", "direct", "identity_number"),
        ("idCard", "direct", "identity_number"),
        ("手机号", "direct", "phone"),
        ("Phone No.", "direct", "phone"),
        ("家庭住址", "direct", "address"),
        ("MRN", "direct", "medical_record"),
        ("性别", "quasi", "gender"),
        ("sex", "quasi", "gender"),
        ("出生日期", "quasi", "birth_date"),
        ("DOB", "quasi", "birth_date"),
        ("age_group", "quasi", "age"),
        ("zip", "quasi", "area"),
        ("所在城市", "quasi", "area"),
        ("入院日期", "quasi", "event_date"),
        ("admission_date", "quasi", "event_date"),
        ("工作单位", "quasi", "employer"),
        ("月收入（元）", "quasi", "income"),
        ("诊断", "sensitive", "health"),
        ("diagnosis", "sensitive", "health"),
        ("账户余额", "sensitive", "finance"),
        ("产品名称", "other", "other"),
        ("product name", "other", "other"),
        ("message", "other", "unknown"),
        ("usage", "other", "unknown"),
        ("备注", "other", "unknown"),
    ],
)
def test_a_name_says_what_a_column_holds(name: str, role: str, kind: str) -> None:
    column = identify(name, ["甲", "乙", "丙"], scan, ROLES)
    assert (column.role, column.kind) == (role, kind)


@pytest.mark.parametrize(
    ("cells", "role", "kind", "reason"),
    [
        (["a@b.cn", "c@d.cn"], "direct", "email", "values"),
        (["13812345678", "13912345678"], "direct", "mobile_number", "values"),
        (["请拨打 13812345678 联系", "无", "无", "无", "无"], "direct", "mobile_number", "values"),
        # One number in a column of numbers fits by chance.
        (["13812345678", "2", "3", "4"], "other", "unknown", "unknown"),
        (["born:1990", "born:1991"], "quasi", "birth_date", "values"),
        (["男", "女", "男"], "quasi", "gender", "values"),
        (["Male", "FEMALE"], "quasi", "gender", "values"),
        (["汉族", "回族"], "quasi", "ethnicity", "values"),
        (["2024-01-02", "2023年5月6日", "20240501"], "quasi", "event_date", "values"),
        (["本科", "硕士"], "quasi", "education", "values"),
        (["已婚", "未婚"], "quasi", "marital_status", "values"),
        (["甲等", "乙等"], "other", "unknown", "unknown"),
        (["", ""], "other", "empty", "empty"),
    ],
)
def test_values_say_what_a_column_without_a_telling_name_holds(
    cells: list[str], role: str, kind: str, reason: str
) -> None:
    column = identify("c1", cells, scan, ROLES)
    assert (column.role, column.kind, column.reason) == (role, kind, reason)


@pytest.mark.parametrize(
    ("cells", "role", "reason"),
    [
        (["***", "***"], "other", "masked"),
        (["张**", "李*"], "quasi", "masked"),
        (["张**", "李四", "王五"], "direct", "called"),
        (["0f" * 16, "1e" * 16], "other", "pseudonym"),
        (["0f" * 16, "张三"], "direct", "called"),
    ],
)
def test_a_name_that_was_hidden_is_no_direct_identifier(cells: list[str], role: str, reason: str) -> None:
    column = identify("姓名", cells, scan, ROLES)
    assert (column.role, column.reason) == (role, reason)


def test_an_identifier_in_a_harmless_column_is_found() -> None:
    column = identify("产品名称", ["杯子", "杯子，找 13812345678 退货 "], scan, ROLES)
    assert (column.role, column.kind, column.found, column.looked) == ("direct", "mobile_number", 1, 2)


def test_a_person_has_the_last_word() -> None:
    column = identify("姓名", ["张三"], scan, ROLES, {"姓名": "other"})
    assert (column.role, column.kind, column.reason) == ("other", "person_name", "told")


def test_what_is_counted_is_said() -> None:
    column = identify("c", ["a@b.cn", "a@b.cn", "", "x"], scan, ROLES)
    assert (column.distinct, column.filled, column.found, column.looked) == (2, 0.75, 1, 2)


def test_of_many_values_a_spread_is_looked_at() -> None:
    column = identify("c", [f"u{n}" for n in range(12_000)], scan, ROLES)
    assert column.looked == 4_000
