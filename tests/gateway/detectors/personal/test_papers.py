"""Numbers that only the words before them tell."""

from __future__ import annotations

import pytest
from kit.personal import found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("社保卡号A12345678", ("A12345678", "social_security")),
        ("医保号：0123456789", ("0123456789", "social_security")),
        ("军官证：军字第12345678号", ("12345678号", "military_id")),
        ("士兵证号1234567", ("1234567", "military_id")),
        ("病历号B20231105", ("B20231105", "medical_record")),
        ("MRN: 00482913", ("00482913", "medical_record")),
        ("工号10086123", ("10086123", "staff_number")),
        ("student id 20231234567", ("20231234567", "staff_number")),
        ("保单号PAX-2023001122", ("PAX-2023001122", "insurance_number")),
        ("保单号PA2023001122", ("PA2023001122", "insurance_number")),
        ("保单号PDAA202433010000123456", ("PDAA202433010000123456", "insurance_number")),
        ("policy number HO-22918834", ("HO-22918834", "insurance_number")),
        ("学籍号G330106201203070018", ("G330106201203070018", "staff_number")),
        ("病历号：ZY20240315-0082", ("ZY20240315-0082", "medical_record")),
        ("学号 HW-00231", ("HW-00231", "staff_number")),
        ("studentId: 20231234567", ("20231234567", "staff_number")),
    ],
)
def test_announced_they_are_found(text: str, expected: tuple[str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text", ["A12345678", "一共12345678号人", "12345678", "B20231105", "学号是什么？有 3 种", "工号字段长度 10000"]
)
def test_not_announced_they_are_not(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    ["病历号忘了。请稍等！一共20231105条", "工号" + "在这张表格" + "的很后面" * 7 + "10086123"],
)
def test_words_of_another_sentence_or_far_away_announce_nothing(text: str) -> None:
    assert found(text) == []
