"""Dates of birth."""

from __future__ import annotations

import pytest
from kit.personal import all_kinds, found
from kit.streaming import stream_scan, ways_to_cut, whole_scan

from gateway.detectors.personal.scan import BEHIND


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
        ("被告赵某，女，1982年11月4日生，汉族，住某县", "1982年11月4日生"),
        ("我是86年2月生的", "86年2月生"),
        ("1977年9月 1日 生。", "1977年9月 1日 生"),
        ("学员（1991-08-17生）", "1991-08-17生"),
        ("他1968/04/30生，属猴", "1968/04/30生"),
        ("19840229出生", "19840229出生"),
        ("一九七三年十二月二十八日出生", "一九七三年十二月二十八日出生"),
        ("立遗嘱人，一九五〇年六月十日生，", "一九五〇年六月十日生"),
        ("出生日期：二〇〇二年九月三十日", "二〇〇二年九月三十日"),
        ('{"date_of_birth": "1982-11-04"}', "1982-11-04"),
        ('"birth_date":"1982-11-04"', "1982-11-04"),
        ("dateOfBirth=1982/11/04", "1982/11/04"),
        ("本批2023年5月生产", None),
        ("合同2023年5月1日生效，长期有效", None),
        ("2023年5月1日生活补贴", None),
        ("3年生苗木", None),
        ("于二〇二三年五月一日生效", None),
        ("一九九八年五月一日签订", None),
        ("update_date: 1982-11-04", None),
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
        ("出生年月：1982年6月\n民族：汉族\n2001年3月至今 某公司", "1982年6月"),
        ("出生年月：1982.06\n2001.3-2019.2 某公司", "1982.06"),
        ("出生日期：1982-06-11-男", "1982-06-11"),
    ],
)
def test_only_words_make_a_date_a_date_of_birth(text: str, date: str | None) -> None:
    assert found(text) == ([(date, "date_of_birth")] if date else [])


@pytest.mark.parametrize(
    "text",
    [
        "1982年11月4日生，汉族",
        "1982年11月4日生效",
        "一九七三年十二月八日生产",
        "86年2月生的",
        "出生年月：1984年3月至今",
        "出生：1984.3-2019.2",
        "出生1984年3月-5月",
    ],
)
def test_what_a_date_is_does_not_depend_on_where_it_is_cut(text: str) -> None:
    for pieces in ways_to_cut(text):
        assert stream_scan(all_kinds(), pieces, behind=BEHIND) == whole_scan(all_kinds(), text)
