"""Dates of birth."""

from __future__ import annotations

import pytest
from kit.personal import found


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("出生日期：1990年3月5日", "1990年3月5日"),
        ("张某，1975年5月出生，本科", "1975年5月出生"),
        ("1962年出生", "1962年出生"),
        ("生于1988-12-01", "1988-12-01"),
        ("出生年月 1990.03", "1990.03"),
        ("生日19900305", "19900305"),
        ("生日是90年3月5号", "90年3月5号"),
        ("我的生日：88年12月", "88年12月"),
        ("90年3月5号开会", None),
        ("Date of birth: 03/05/1990", "03/05/1990"),
        ("DOB 1990-03-05", "1990-03-05"),
        ("she was born on 5th of March, 1990", "5th of March, 1990"),
        ("DOB: March 5, 1990", "March 5, 1990"),
        ("born September 21st, 1988 in Leeds", "September 21st, 1988"),
        ("出生日期 Mar 5 1990", "Mar 5 1990"),
        ("born 5 Mar 1990 in Leeds", "5 Mar 1990"),
        ("The meeting is on March 5, 2024", None),
        ("5 March 2024 is a Tuesday", None),
        ("2024年10月12日开会", None),
        ("成立于1998年", None),
        ("1975年生产的机器", None),
        ("会议时间：2024-10-12", None),
        ("生日蛋糕订单号20240305", None),
    ],
)
def test_only_words_make_a_date_a_date_of_birth(text: str, date: str | None) -> None:
    assert found(text) == ([(date, "date_of_birth")] if date else [])
