"""Addresses and organisations in Chinese text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import cut_randomly, stream_scan, whole_scan

from gateway.detectors.names.places import ADDRESS, BEHIND, ORGANISATION, PLACES, ChinesePlaces
from gateway.packaged import packaged_text
from gateway.text import TextView

FIND = ChinesePlaces(packaged_text(PLACES).split(), frozenset({ADDRESS, ORGANISATION}))


def found(text: str, risk: str) -> list[str]:
    return [text[f.start : f.end] for f in FIND(TextView(text)).findings if f.risk == risk and f.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我住在北京市海淀区中关村大街27号院3号楼502室。", ["北京市海淀区中关村大街27号院3号楼502室"]),
        ("上海市浦东新区世纪大道100号环球金融中心12层", ["上海市浦东新区世纪大道100号环球金融中心12层"]),
        ("地址：广东省深圳市南山区科技园南路8号", ["广东省深圳市南山区科技园南路8号"]),
        ("住在香港九龍彌敦道123號5樓", ["香港九龍彌敦道123號5樓"]),
        ("臺北市信義區松仁路100號12樓", ["臺北市信義區松仁路100號12樓"]),
        ("寄到朝阳区建国路88号，谢谢", ["朝阳区建国路88号"]),
        ("家住幸福小区5栋2单元301室", ["幸福小区5栋2单元301室"]),
        ("北京市朝阳区建国路８８号", ["北京市朝阳区建国路８８号"]),
        ("现居地：四川省成都市大邑县中山北路57号", ["四川省成都市大邑县中山北路57号"]),
        ("地址:广东省肇庆市鼎湖区和平大街283号", ["广东省肇庆市鼎湖区和平大街283号"]),
        ("新疆维吾尔自治区阿克苏地区新和县解放大道297号", ["新疆维吾尔自治区阿克苏地区新和县解放大道297号"]),
        # How addresses go on, and end.
        ("地址：广东省深圳市南山区科技园南区高新南七道R3-B座", ["广东省深圳市南山区科技园南区高新南七道R3-B座"]),
        ("老家在河南省驻马店市平舆县古槐街道王庄村三组，很远", ["河南省驻马店市平舆县古槐街道王庄村三组"]),
        ("北京市海淀区中关村大街27号中关村大厦8层801", ["北京市海淀区中关村大街27号中关村大厦8层801"]),
        ("寄到成都市武侯区天府大道中段530号天祥广场1栋1805", ["成都市武侯区天府大道中段530号天祥广场1栋1805"]),
        ("户籍：湖南省邵阳市隆回县六都寨镇李家庄村附3号", ["湖南省邵阳市隆回县六都寨镇李家庄村附3号"]),
        ("广州市天河区天河路385号太古汇一座15楼的店", ["广州市天河区天河路385号太古汇一座15楼"]),
        ("西安市雁塔区科技二路68号软件园秦风阁B201，谢谢", ["西安市雁塔区科技二路68号软件园秦风阁B201"]),
        ("山东省青岛市市南区香港中路10号颐和国际A座2103室", ["山东省青岛市市南区香港中路10号颐和国际A座2103室"]),
        ("地址在辽宁省大连市甘井子区凌水路35号之二", ["辽宁省大连市甘井子区凌水路35号之二"]),
        ("合肥市蜀山区黄山路与潜山路交口港汇广场B座1206", ["合肥市蜀山区黄山路与潜山路交口港汇广场B座1206"]),
        ("西安市未央区凤城八路与明光路十字西北角御道城3号楼", ["西安市未央区凤城八路与明光路十字西北角御道城3号楼"]),
        ("朝阳区建国路甲92号世茂大厦C座", ["朝阳区建国路甲92号世茂大厦C座"]),
        ("郑州市金水区花园路39号国贸360广场3号写字楼2201", ["郑州市金水区花园路39号国贸360广场3号写字楼2201"]),
        ("石家庄市长安区谈固东街66号盛景嘉园8-2-1103", ["石家庄市长安区谈固东街66号盛景嘉园8-2-1103"]),
        ("宁波市鄞州区泰康中路558号商会大厦北楼16F，ok", ["宁波市鄞州区泰康中路558号商会大厦北楼16F"]),
        ("北京市东城区雍和宫大街12号", ["北京市东城区雍和宫大街12号"]),
        ("北京海淀区双清路89号a座。", ["北京海淀区双清路89号a座"]),
        ("北京市东城区五道营胡同67号人均120", ["北京市东城区五道营胡同67号"]),
        ("北京市西城区柳荫街甲14号和他见面", ["北京市西城区柳荫街甲14号"]),
        ("北京市西城区柳荫街甲14号，张三3楼", ["北京市西城区柳荫街甲14号"]),
        # Rooms and houses that tell themselves only by what stands before them.
        ("杭州市上城区金色大厦10-1203", ["杭州市上城区金色大厦10-1203"]),
        ("寄到杭州市西湖区文三路1号金鼎大厦A座18C", ["杭州市西湖区文三路1号金鼎大厦A座18C"]),
        ("深圳市福田区深南大道9号时代大厦32楼3201A，谢谢", ["深圳市福田区深南大道9号时代大厦32楼3201A"]),
        ("成都市武侯区芳草街8号锦里花园5-1802", ["成都市武侯区芳草街8号锦里花园5-1802"]),
        ("浙江省温州市永嘉县桥头镇上塘村下坪头68号", ["浙江省温州市永嘉县桥头镇上塘村下坪头68号"]),
        ("北京市海淀区清华园3号，近地铁", ["北京市海淀区清华园3号"]),
        ("河南省信阳市固始县陈淋子镇李家村张庄组", ["河南省信阳市固始县陈淋子镇李家村张庄组"]),
        ("放到星河时代天街3号楼2209，ok", ["星河时代天街3号楼2209"]),
        ("我住锦绣新城3栋2单元1401", ["锦绣新城3栋2单元1401"]),
        ("北京市海淀区中关村东路1号院8号楼 010-62345678", ["北京市海淀区中关村东路1号院8号楼"]),
        ("放到冰箱2层，我住在三楼，家在哪里", []),
        ("北京市地铁3号线，上海市10-1203元", []),
        ("杭州市西湖区的张庄组织开会", []),
        ("我在北京与天津路口", []),
        ("请到302室", []),
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
        ("我在华为技术有限公司上班", ["华为技术有限公司"]),
        ("收款账户：中铁十二局集团有限公司，账号", ["中铁十二局集团有限公司"]),
        ("毕业后进入中建三局集团有限公司", ["中建三局集团有限公司"]),
        ("please pay 星河网络科技有限公司 today", ["星河网络科技有限公司"]),
        ("蓝海(深圳)技术有限公司", ["蓝海(深圳)技术有限公司"]),
        ("我司北京海纳科技有限公司", ["北京海纳科技有限公司"]),
        ("起诉远景物流有限责任公司和众信股份公司", ["远景物流有限责任公司", "众信股份公司"]),
        ("北京星河集团有限公司", ["北京星河集团有限公司"]),
        ("注册一家有限公司，外商独资有限公司，小型科技有限公司", []),
        ("有限公司和股份有限公司的区别是什么？", []),
        ("这只是一个有限责任公司", []),
        ("如何成立股份有限公司", []),
        ("加入我们的公司吧", []),
        ("北京有很多大学", []),
    ],
)
def test_organisations_begin_at_a_place_or_where_words_lead_or_end_like_a_firm(text: str, expected: list[str]) -> None:
    assert found(text, ORGANISATION) == expected


def test_words_that_lead_to_an_address_may_have_left() -> None:
    view = TextView("幸福小区5栋2单元301室。", before="我家住")
    assert [f.risk for f in FIND(view).findings] == [ADDRESS]
    assert FIND(TextView("幸福小区5栋2单元301室。")).findings == ()


PIECES = (
    *(
        "住在",
        "北京市",
        "海淀区",
        "中关村",
        "大街",
        "27号",
        "大厦",
        "8层",
        "801",
        "与",
        "和",
        "潜山路",
        "交口",
        "西北角",
        "，",
    ),
    *(
        "甲",
        "附3号",
        "之二",
        "太古汇",
        "一座",
        "B201",
        "R3-B座",
        "号楼",
        "村",
        "三组",
        "公司",
        "清华",
        "大学",
        "。",
        " ",
        "a",
        "花园",
    ),
    *(
        "有",
        "限",
        "有限公司",
        "集团",
        "华为",
        "科技",
        "加入",
        "后厝",
        "68号",
        "10-1203",
        "18c",
        "张庄",
        "组",
        "放到",
        "新城",
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.integers(0, 2**32))
def test_any_text_cut_anywhere_is_the_same(text: str, seed: int) -> None:
    source = random.Random(seed)
    once = whole_scan(FIND, text)
    assert stream_scan(FIND, list(text), behind=BEHIND) == once
    assert stream_scan(FIND, cut_randomly(text, source), behind=BEHIND, others=source) == once


@pytest.mark.parametrize(
    "unit",
    [
        "北京市",
        "北京路1号",
        "1号",
        "路",
        "和路",
        "号楼",
        "北京市a-",
        "北京路1号国际",
        "村",
        "地址一",
        "有限公司",
        "科技有限公司",
        "华为",
    ],
)
def test_the_worst_is_read_in_one_go(unit: str) -> None:
    view = TextView(unit * (200_000 // len(unit)))
    assert FIND(view).open == len(view.text)
