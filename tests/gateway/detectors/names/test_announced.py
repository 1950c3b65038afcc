"""Names that labels, keys and cells announce."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import cut_randomly, stream_scan, whole_scan

from gateway.detectors.names.announced import BEHIND, begun, labelled, surer
from gateway.detectors.names.people import ChinesePeople
from gateway.detectors.names.weights import ZH, read_chinese
from gateway.text import TextView

PEOPLE = ChinesePeople(read_chinese(ZH.read_bytes()))


def people(text: str) -> list[str]:
    return [text[f.start : f.end] for f in PEOPLE(TextView(text)).findings if f.score >= 0.5]


@pytest.mark.parametrize(
    "text",
    [
        "姓名 性别 年龄 籍贯",
        "姓名\t单位\t职务\n",
        "联系人 电话 传真",
        "户名 账号 开户行",
        "申请人 部门 日期",
        "负责人 完成时间 备注",
        "车主 应当携带行驶证",
        "姓名：请输入真实姓名",
        "姓名：请填写",
        "姓名：\t性别：\t年龄：",
        "联系人：客服",
        "联系人：同上",
        "持卡人 权益说明",
        "收货人 商品 数量",
        "name 姓名 phone 电话",
    ],
)
def test_a_heading_beside_a_label_is_nobody(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("姓名 仝卓 性别 男", ["仝卓"]),
        ("联系人\t包立春\t电话", ["包立春"]),
        ("户名 欧阳修文 账号", ["欧阳修文"]),
        ("收件人：阿福，电话", ["阿福"]),
        ("乘客：应时明", ["应时明"]),
        ("姓名：刘 芳\n性别：女", ["刘 芳"]),
        ("姓  名：陈  晨  性  别：女", ["陈  晨"]),
        ("收款人：郑　洁", ["郑　洁"]),
        ("甲方：周 涛\n乙方：方 正", ["周 涛", "方 正"]),
        ("法定代表人：查 明", ["查 明"]),
        ("the payee 收款人: 何 玲, thanks", ["何 玲"]),
        ("姓名：刘 男", []),
        ("甲方：客 户", []),
        ("姓名：王 某某某", []),
        ("甲方 成 都", []),
    ],
)
def test_a_name_behind_a_label_may_stand_apart_or_be_rare(text: str, expected: list[str]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"name":"彭丹","age":30}', ["彭丹"]),
        ('{"userName": "喻红"}', ["喻红"]),
        ('{"real_name":"柯南希"}', ["柯南希"]),
        ('{"姓名":"喻红"}', ["喻红"]),
        ("contactName=柯南希&age=20", ["柯南希"]),
        ("<name>汪洋</name>", ["汪洋"]),
        ("1\t彭丹\t女\t销售", ["彭丹"]),
        ("| 郑凯 | 市场部 |", ["郑凯"]),
        ("INSERT INTO t VALUES (1,'彭丹',30);", ["彭丹"]),
        ("喻红 13812345678", ["喻红"]),
        ('{"name":"白菜","price":3}', []),
        ('{"name":"方便面"}', []),
        ('{"filename":"高清图"}', []),
        ("<name>时间</name>", []),
        ("| 高级 | 方案 | 金额 | 成本 |", []),
        ("| 安全 | 常用 | 路由 | 明细 |", []),
        ("单位\t管理\t计划\t简介\n", []),
    ],
)
def test_a_key_or_a_cell_says_that_somebody_is_named(text: str, expected: list[str]) -> None:
    assert people(text) == expected


def test_what_fills_a_field_is_surer_than_what_stands_in_a_sentence() -> None:
    assert surer('"real_name":"王冰"', 13, 15) > surer('"name":"王冰"', 8, 10) > surer("|王冰|", 1, 3) > 0
    assert surer("看王冰了", 1, 3) == surer("王冰\n", 0, 2) == surer("file_name=王冰", 10, 12) == 0


def test_a_label_is_seen_in_what_has_left_and_a_value_waits_for_its_end() -> None:
    assert labelled("联系人:阿福", 4, "", "") == {4: 6}
    assert labelled("联系人:阿福", 5, "", "") == {}
    assert begun("联系人:阿", 4)
    assert begun("甲方:周 ", 3)
    assert not begun("联系人:阿福,", 4)
    assert not begun("今天:阿福", 3)


PIECES = (
    *(
        "姓名",
        "联系人",
        "甲方",
        "姓  名",
        "：",
        ":",
        " ",
        "\t",
        "　",
        "刘",
        "洋",
        "包",
        "立春",
        "性别",
        "欧阳",
        "·",
        "，",
        "\n",
    ),
    *('"name":"', '"real_name":"', '"', "|", "<name>", "<", "'", ",'", "13812345678", "彭丹", "阿福", "a", "的"),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.integers(0, 2**32))
def test_any_text_cut_anywhere_is_the_same(text: str, seed: int) -> None:
    source = random.Random(seed)
    once = whole_scan(PEOPLE, text)
    assert stream_scan(PEOPLE, list(text), behind=BEHIND) == once
    assert stream_scan(PEOPLE, cut_randomly(text, source), behind=BEHIND, others=source) == once


@pytest.mark.parametrize(
    "unit", ["姓名", "姓名:", "姓 ", "姓名 刘 ", "name:", "name", "|王冰", "姓    ", "·", "姓名:刘·"]
)
def test_the_worst_is_read_in_one_go(unit: str) -> None:
    view = TextView(unit * (200_000 // len(unit)))
    assert PEOPLE(view).open == len(view.text)
