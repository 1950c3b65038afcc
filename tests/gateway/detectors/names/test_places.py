"""Addresses and organisations in Chinese text."""

from __future__ import annotations

import pytest

from gateway.detectors.names.places import ADDRESS, ORGANISATION, PLACES, ChinesePlaces
from gateway.text import TextView

FIND = ChinesePlaces(PLACES.read_text(encoding="utf-8").split(), frozenset({ADDRESS, ORGANISATION}))


def found(text: str, risk: str) -> list[str]:
    return [text[f.start : f.end] for f in FIND(TextView(text)).findings if f.risk == risk and f.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我住在北京市海淀区中关村大街27号院3号楼502室。", ["北京市海淀区中关村大街27号院3号楼502室"]),
        ("上海市浦东新区世纪大道100号环球金融中心12层", ["上海市浦东新区世纪大道100号环球金融中心12层"]),
        ("地址：广东省深圳市南山区科技园南路8号", ["广东省深圳市南山区科技园南路8号"]),
        ("寄到朝阳区建国路88号，谢谢", ["朝阳区建国路88号"]),
        ("家住幸福小区5栋2单元301室", ["幸福小区5栋2单元301室"]),
        ("北京市朝阳区建国路８８号", ["北京市朝阳区建国路８８号"]),
        ("现居地：四川省成都市大邑县中山北路57号", ["四川省成都市大邑县中山北路57号"]),
        ("地址:广东省肇庆市鼎湖区和平大街283号", ["广东省肇庆市鼎湖区和平大街283号"]),
        ("新疆维吾尔自治区阿克苏地区新和县解放大道297号", ["新疆维吾尔自治区阿克苏地区新和县解放大道297号"]),
        ("北京的天气很好，去公园的路上", []),
        ("他说上海比北京大", []),
        ("中山路上人很多", []),
        ("江苏省南京市是六朝古都", []),
        ("", []),
    ],
)
def test_addresses_have_parts_and_end_in_numbers(text: str, expected: list[str]) -> None:
    assert found(text, ADDRESS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("毕业于清华大学，后来出国", ["清华大学"]),
        ("北京星河科技有限公司的员工", ["北京星河科技有限公司"]),
        ("单位：上海市第一人民医院", ["上海市第一人民医院"]),
        ("加入我们的公司吧", []),
        ("北京有很多大学", []),
    ],
)
def test_organisations_begin_at_a_place_or_where_words_lead(text: str, expected: list[str]) -> None:
    assert found(text, ORGANISATION) == expected


def test_words_that_lead_to_an_address_may_have_left() -> None:
    view = TextView("幸福小区5栋2单元301室。", before="我家住")
    assert [f.risk for f in FIND(view).findings] == [ADDRESS]
    assert FIND(TextView("幸福小区5栋2单元301室。")).findings == ()
