"""Where the name of a firm begins."""

from __future__ import annotations

import pytest

from gateway.detectors.names.firms import ENDS, begin, begun


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("我在华为技术", "华为技术"),
        ("甲方:招商局集团", "招商局集团"),
        ("投诉星河科技", "星河科技"),
        ("委托他为众信", "众信"),
        ("pay 远景物流", "远景物流"),
        ("蓝海(深圳)", "蓝海(深圳)"),
        ("2012年任同方教育咨询", "同方教育咨询"),
        ("2012年瑞丰", "瑞丰"),
        ("年代国际", "年代国际"),
        ("贸易", ""),
        ("外商独资", ""),
        ("一家", ""),
        ("我的", ""),
        ("海", ""),
        ("", ""),
        ("很长很长很长" * 2 + "长" * 21, ""),
    ],
)
def test_a_firm_begins_behind_what_is_no_part_of_its_name(before: str, expected: str) -> None:
    start = begin(before + ENDS[0], len(before))
    assert (before[start:] if start >= 0 else "") == expected


def test_what_may_be_the_begin_of_a_name_waits_and_no_more() -> None:
    assert begun("我在华为技", 0) == 2
    assert begun("我在华为技", 3) == 3
    assert begun("我在华为技术有", 0) == 2
    assert begun("去吃饭了", 0) == 4
    assert begun("hello", 0) == 5
    assert begun("长" * 100, 0) >= 70
