"""Chinese names of people in running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.names.people import ChinesePeople
from gateway.detectors.names.weights import ZH, read_chinese
from gateway.text import TextView

PEOPLE = ChinesePeople(read_chinese(ZH.read_bytes()))


def people(text: str, least: float = 0.5) -> list[str]:
    return [text[f.start : f.end] for f in PEOPLE(TextView(text)).findings if f.score >= least]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三，男，汉族，1975年出生，本科学历，现任公司董事", ["张三"]),
        ("高勇：男，中国国籍，无境外居留权", ["高勇"]),
        ("聯絡人：陳美玲，電話：27654321", ["陳美玲"]),
        ("患者張偉，男，四十五歲", ["張偉"]),
        ("刘海东先生，董事，硕士研究生", ["刘海东"]),
        ("吴重阳，中国国籍，教授级高工", ["吴重阳"]),
        ("欧阳娜娜女士，1988年生", ["欧阳娜娜"]),
        ("董事会由赵志刚、钱学敏、周晓梅组成", ["赵志刚", "钱学敏", "周晓梅"]),
        ("我叫陈晓明，今年刚毕业", ["陈晓明"]),
        ("患者王建国，男，68岁，因胸闷入院", ["王建国"]),
        ("姓名：仝卓 性别：男", ["仝卓"]),
        ("收件人: 李小龙 13800138000", ["李小龙"]),
        ("我叫孙丹丹，在上海上班", ["孙丹丹"]),
        ("林雨姿女士，1988年生", ["林雨姿"]),
        ("王添翼和陈茉来了", ["王添翼", "陈茉"]),
        ("董事长郑燊，财务总监何璟韫", ["郑燊", "何璟韫"]),
        ("please ask 马骞和朱玥珺", ["马骞", "朱玥珺"]),
        ("導演尼克·卡索维茨說了", ["尼克·卡索维茨"]),
        ("阿依古丽·买买提在喀什", ["阿依古丽·买买提"]),
        ("please call 王建国 today", ["王建国"]),
        ("患者包建国，男，学生查梦瑶", ["包建国", "查梦瑶"]),
        ("邝美玲女士来电，请卞志强先生接听", ["邝美玲", "卞志强"]),
        ("演员李冰洁，同事陈涵予", ["李冰洁", "陈涵予"]),
    ],
)
def test_names_are_found_where_people_are_named(text: str, expected: list[str]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("李娜住在北京", ["李娜"]),
        ("李娜说她不去", ["李娜"]),
        ("王伟和张敏一起来", ["王伟", "张敏"]),
        ("刘洋男 1990年生", ["刘洋"]),
        ("黄勇与林峰签订合同", ["黄勇", "林峰"]),
        ("李娜及张伟", ["李娜", "张伟"]),
        ("朱军问我", ["朱军"]),
        ("郭涛曾任经理", ["郭涛"]),
        ("郭涛现任公司董事", ["郭涛"]),
        ("徐强来了", ["徐强"]),
        ("杨帆先生", ["杨帆"]),
        ("同意聘任林倩为公司监事", ["林倩"]),
        ("他曾任云南分部主管", []),
        ("同事于海燕来了，于金华先生也在", ["于海燕", "于金华"]),
        ("please ask 王伟 about it, 李娜住在上海", ["王伟", "李娜"]),
    ],
)
def test_a_name_ends_where_the_sentence_goes_on(text: str, expected: list[str]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize("text", ["董事王建和、", "我叫李福来。", "王亚男，女", "张志先，教授", "联系人 周小曾"])
def test_what_can_go_on_behind_a_name_can_also_end_one(text: str) -> None:
    assert [len(name) for name in people(text, 0.3)] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "高兴的时候，方法和时间都不够，白天黄金涨价",
        "周末去爬山，马上就到，安全第一，金融公司",
        "江苏省和云南省，于是就走了，常见问题",
        "请把这段话翻译成英文，再做成一张表格",
        "剧本里要用到一段关于诚信的台词，不要任何说明",
        "高铁站怎么走？唐朝的诗人有哪些？韩语难吗？",
        "今天天气很好，我们去颐和园散步吧，何时出发？",
        "方便的话请回复，谢谢！祝您万事如意",
        "如何学习编程？任何人都可以，关于成本和利润",
        "严重的问题，水平很高，石头和花园",
        "柏林在哪里？沈阳冷吗？欧盟的政策有什么影响？",
        "时间和成本都很简单，查询官方谈判记录，边缘皮肤农村",
        "成功的人，时代在变，简历要查看，包裹到了，劳动光荣，朴素廉洁",
        "本办法自公布之日起施行，施工和施加压力",
        "该公司成立于杭州，本协议于北京签署，会议于四川举行",
        "曾用名是什么意思？曾用名：",
        "What is the capital of France?",
        "",
    ],
)
def test_common_words_that_begin_like_surnames_are_no_names(text: str) -> None:
    assert people(text) == []


def test_a_form_of_address_alone_is_less_than_a_name() -> None:
    assert people("王总说了") == []


def test_labels_announce_names_that_nothing_else_would_tell() -> None:
    assert people("联系人：阿福") == ["阿福"]
    assert people("联系人：不详") == []
    assert PEOPLE(TextView("阿福。", before="联系人：")).findings[0].score == 0.9


@given(st.text("王公孙东方明丽的a，", max_size=24), st.integers(0, 6))
def test_the_quick_look_for_heads_finds_what_the_pattern_finds(text: str, at: int) -> None:
    heads = {head.start() for head in PEOPLE._names.heads().finditer(text, at)}
    starts = set(PEOPLE._starts(text, at))
    assert starts <= heads
    # What is left out is hopeless by its own characters.
    assert all(PEOPLE._scorer.own(text[start : start + 3]) == () for start in heads - starts)
