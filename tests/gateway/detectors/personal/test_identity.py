"""Resident identity numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import whole_scan

from gateway.detectors.personal.identity import has_check_digit
from gateway.detectors.registry import registry

SCAN = registry()["identity_number"].build({}, lambda name: b"").scan
assert SCAN is not None


@pytest.mark.parametrize(
    ("text", "found", "score"),
    [
        ("身份证11010519491231002X电话", "11010519491231002X", 1.0),
        ("身份证号：１１０１０５１９４９１２３１００２Ｘ。", "１１０１０５１９４９１２３１００２Ｘ", 1.0),
        ("ID 11010519491231002x, thanks", "11010519491231002x", 1.0),
        ("我的ID number是110105 19491231 002X吗", "110105 19491231 002X", 1.0),
        ("110105-19491231-002X", "110105-19491231-002X", 1.0),
        ("11010519491231\u200b002X", "11010519491231\u200b002X", 1.0),
        ("身份证110105194912310021，谢谢", "110105194912310021", 0.7),
        ("号码110105194912310021，谢谢", "110105194912310021", 0.4),
        ("身份证号123456789012345678", "123456789012345678", 0.5),
        ("订单号110105194912310021", None, None),
        ("证件号码911840199003071234", "911840199003071234", 0.7),
        ("身份证320105801231123", "320105801231123", 0.9),
        ("编号320105801231123", None, None),
        ("生日是20000229的810000200002290011", "810000200002290011", 1.0),
        ("990105194912310029", None, None),
        ("110105194913310025", None, None),
        ("110105190002290025", None, None),
        ("1110105194912310029", None, None),
        ("110105194912310029x", None, None),
        ("a11010519491231002X", None, None),
        ("11010519491231002XY", None, None),
        ("110105  19491231002X", None, None),
        ("订单号202611220001123456", None, None),
        ("订单ID 202406031234567890", None, None),
        ('{"id": 175928847299117063}', None, None),
        ("user_id=202406031234567890", None, None),
        ("身份证办理一共123456789012345678份", None, None),
        ("行政许可440304202306150017", None, None),
        ("受理号：310115202403150023", None, None),
        ("受理号：310115198003150023", None, None),
        ("孩子的是310115202403150023", None, None),
        ("孩子的身份证是310115202403150023", "310115202403150023", 0.7),
        ("身份证号：1101051949123100", "1101051949123100", 0.5),
        ("身份证号：11010519491231002", "11010519491231002", 0.5),
        ("身份证号：1101051949123100211", "1101051949123100211", 0.5),
        ("身份证号：9901051949123100", None, None),
        ("编号：1101051949123100", None, None),
    ],
)
def test_numbers_are_found_glued_to_chinese_and_not_inside_longer_ones(
    text: str, found: str | None, score: float | None
) -> None:
    _, findings = whole_scan(SCAN, text)
    assert [text[f.start : f.end] for f in findings] == ([found] if found else [])
    assert all((f.risk, f.score) == ("pii.identity_number", score) for f in findings)


@given(st.text("0123456789", min_size=17, max_size=17))
def test_one_of_eleven_last_characters_is_the_check_digit(head: str) -> None:
    assert sum(has_check_digit(head + last) for last in "0123456789x") == 1


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_no_wrong_digit_goes_unnoticed(head: str, at: int, by: int) -> None:
    last = next(last for last in "0123456789x" if has_check_digit(head + last))
    wrong = head[:at] + str((int(head[at]) + by) % 10) + head[at + 1 :]
    assert not has_check_digit(wrong + last)
