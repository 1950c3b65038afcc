"""Identity cards of Hong Kong, Macau and Taiwan, and of residents from abroad."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.personal import found

from gateway.detectors.personal.regional import has_hong_kong_check, has_taiwan_check


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("香港身份证A123456(3)", [("A123456(3)", "regional_identity")]),
        ("我的号码是A123456（3）。", [("A123456（3）", "regional_identity")]),
        ("A123456(4)", []),
        ("hkid A1234563", [("A1234563", "regional_identity")]),
        ("澳门身份证1234567(8)", [("1234567(8)", "regional_identity")]),
        ("台湾身份证A123456789", [("A123456789", "regional_identity")]),
        ("身份證字號F131232216", [("F131232216", "regional_identity")]),
        ("货号A123456789", []),
        ("型号A1234563", []),
        ("外国人永久居留身份证ABC110119901231", [("ABC110119901231", "residence_permit")]),
        ("他的是ABC110190123145", [("ABC110190123145", "residence_permit")]),
        ("照片IMG202406031015.jpg", []),
        ("invoice: INV202405180001", []),
        ("工单WOR202406030012", []),
        ("他的是ABC110190133145", []),
    ],
)
def test_check_digits_and_words_tell_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@given(st.from_regex(r"[a-z]{1,2}[0-9]{6}", fullmatch=True))
def test_one_of_eleven_is_the_check_digit_of_hong_kong(head: str) -> None:
    assert sum(has_hong_kong_check(f"{head}({last})") for last in "0123456789a") == 1


@given(st.from_regex(r"[a-z][12][0-9]{7}", fullmatch=True))
def test_one_of_ten_is_the_check_digit_of_taiwan(head: str) -> None:
    assert sum(has_taiwan_check(head + last) for last in "0123456789") == 1
