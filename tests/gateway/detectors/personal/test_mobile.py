"""Mobile numbers of mainland China."""

from __future__ import annotations

import pytest
from kit.streaming import whole_scan

from gateway.detectors.registry import registry

SCAN = registry()["mobile_number"].build({}, lambda name: b"").scan
assert SCAN is not None


@pytest.mark.parametrize(
    ("text", "found", "score"),
    [
        ("手机号13800138000。", "13800138000", 1.0),
        ("打我电话１３８００１３８０００吧", "１３８００１３８０００", 1.0),
        ("call 138-0013-8000 now", "138-0013-8000", 1.0),
        ("我的tel: 138 0013 8000，随时", "138 0013 8000", 1.0),
        ("+8613800138000", "+8613800138000", 1.0),
        ("(+86 138 0013 8000)", "+86 138 0013 8000", 1.0),
        ("008613800138000", "008613800138000", 1.0),
        ("86-13800138000转告他", "86-13800138000", 1.0),
        ("号码19912345678在用", "19912345678", 1.0),
        ("号码17400512345在用", "17400512345", 1.0),
        ("号码16101234567在用", "16101234567", 1.0),
        ("号码14612345678未知", "14612345678", 0.5),
        ("号码15412345678未知", "15412345678", 0.5),
        ("138\u200b0013\u200b8000", "138\u200b0013\u200b8000", 1.0),
        ("12800138000", None, None),
        ("138001380001", None, None),
        ("2138001380000", None, None),
        ("x13800138000", None, None),
        ("13800138000abc", None, None),
        ("1 3 8 0 0 1 3 8 0 0 0", "1 3 8 0 0 1 3 8 0 0 0", 0.9),
        ("138--0013-8000", None, None),
        ("时间戳1732233600000", None, None),
        ("营业收入13812345678.90元", None, None),
        ("赚了13999999999 元", None, None),
        ("一共18600000000股", None, None),
        ("$15000000000 in revenue", None, None),
        ("13912345678 bytes", None, None),
        ("电话13812345678元旦打", "13812345678", 1.0),
        ("13812345678元旦打", "13812345678", 1.0),
        ("13812345678 张三", "13812345678", 1.0),
        ("13812345678本人", "13812345678", 1.0),
        ("150 2200 3300", "150 2200 3300", 0.4),
        ("手机 150 2200 3300", "150 2200 3300", 1.0),
        ("电话：139 - 1234 - 5678", "139 - 1234 - 5678", 1.0),
        ("vx15912345678", "15912345678", 1.0),
        ("Tel13687654321", "13687654321", 1.0),
        ("hotel13687654321", None, None),
        ("13812345678QQ", "13812345678", 1.0),
        ("13812345678q", None, None),
    ],
)
def test_numbers_are_found_with_prefix_and_gaps_and_not_inside_longer_ones(
    text: str, found: str | None, score: float | None
) -> None:
    _, findings = whole_scan(SCAN, text)
    assert [(text[f.start : f.end], f.risk, f.score) for f in findings] == (
        [(found, "pii.mobile_number", score)] if found else []
    )


def test_two_numbers_are_two_findings() -> None:
    _, findings = whole_scan(SCAN, "13800138000/13900139000或15000150000")
    assert [(f.start, f.end) for f in findings] == [(0, 11), (12, 23), (24, 35)]
