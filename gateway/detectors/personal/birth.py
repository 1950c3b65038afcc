"""Dates of birth: a date that words before it, or the word after it, say somebody was born on."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import Kind, Said

RISK: Final = "pii.date_of_birth"
_DAY: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:19|20)[0-9]{2}"
_NAMES: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}"
_TWO: Final = "[0-9]{2}"
_AS_BORN: Final = "(?:出生|生于|生人|生)"
_BORN: Final = re.compile(rf"{_AS_BORN}\Z")
# In numerals, as contracts write it: 一九九〇年三月七日.
_NUMERAL: Final = "[〇零○一二三四五六七八九十]"
_IN_NUMERALS: Final = rf"[一二][九〇零○]{_NUMERAL}{{2}}年{_NUMERAL}{{1,2}}月{_NUMERAL}{{1,3}}[日号]"
# 1985年5月6日生 ends there: 生产, 生效 and 生活 are other words.
_EDGE: Final = "(?:(?<!生)|(?<=出生)|(?![\u4e00-\u9fff])|(?=的))"
# In a CV times at a firm follow: 出生年月：1982年6月 … 2001年3月至今, 2001.3-2019.2.
_NO_SPAN: Final = (
    "(?![—–~至])(?!(?:(?<=[年月])|(?<=[0-9]{4}[.][0-9])|(?<=[0-9]{4}[.][0-9]{2}))-)"
    "(?<![0-9]-[0-9]{4}[.][0-9])(?<![0-9]-[0-9]{4}[.][0-9]{2})"
)


def _check(text: str, said: Said) -> float | None:
    if _BORN.search(text):
        return 0.85
    return 0.85 if said == "own" else None


KIND: Final = Kind(
    risk=RISK,
    first="0-9jfmasond一二",
    shapes=(
        rf"{_YEAR} ?年 ?(?:{_MONTH} ?月 ?(?:{_DAY} ?[日号] ?)?)?{_AS_BORN}",
        rf"{_TWO} ?年 ?{_MONTH} ?月 ?(?:{_DAY} ?[日号] ?)?{_AS_BORN}",
        rf"{_YEAR}[./-]{_MONTH}(?:[./-]{_DAY})? ?{_AS_BORN}",
        rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]) ?{_AS_BORN}",
        rf"{_IN_NUMERALS}{_AS_BORN}",
    ),
    announced=(
        rf"(?:{_YEAR}|[0-9]{{2}}) ?年 ?{_MONTH} ?月 ?{_DAY} ?[日号]?",
        rf"(?:{_YEAR}|[0-9]{{2}}) ?年 ?{_MONTH} ?月",
        rf"{_YEAR}[./-]{_MONTH}[./-]{_DAY}",
        rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])",
        rf"{_YEAR}[./-]{_MONTH}",
        rf"{_DAY}[./-]{_MONTH}[./-](?:{_YEAR}|[0-9]{{2}})",
        rf"{_MONTH}[./-]{_DAY}[./-](?:{_YEAR}|[0-9]{{2}})",
        rf"{_DAY}(?:st|nd|rd|th)? (?:of )?{_NAMES},? {_YEAR}",
        rf"{_NAMES} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}",
        rf"{_YEAR} ?年",
        _IN_NUMERALS,
    ),
    check=_check,
    labels=(
        *(
            "出生日期",
            "出生年月",
            "出生年月日",
            "出生",
            "生日",
            "生于",
            "出生于",
            "诞辰",
            "date of birth",
            "dob",
            "born",
            "born on",
        ),
        *("birthday", "birth date", "birthdate", "d.o.b"),
        *("date_of_birth", "birth_date", "birth_day", "dateofbirth"),
    ),
    edge=_EDGE + _NO_SPAN,
)
