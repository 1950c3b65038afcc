"""Names of people that a label, a key or a cell of a table announces; a heading beside another one is none."""

from __future__ import annotations

import re
from collections.abc import Collection, Container
from typing import Final

from gateway.detectors.names.chinese import COMPOUND

BEHIND: Final = 32
"""So far back a label or a key is looked for."""
LABELS: Final = (
    *(
        "姓名",
        "名字",
        "联系人",
        "联络人",
        "收件人",
        "收货人",
        "寄件人",
        "户名",
        "患者姓名",
        "客户姓名",
        "真实姓名",
        "签名",
    ),
    *("申请人", "法定代表人", "法人代表", "负责人", "经办人", "监护人", "紧急联系人", "持卡人", "乘客", "报告人"),
    *("审批人", "投保人", "被保险人", "证明人", "委托人", "受托人", "收款人", "借款人", "担保人", "就诊人", "应聘人"),
    *("签名", "应聘者", "车主", "曾用名", "姓 {1,4}名"),
)
# The sides of a contract are firms more often than people.
_SIDES: Final = ("甲方", "乙方", "丙方", "出租方", "承租方", "买方", "卖方", "患者", "学生", "原告", "被告")
SIGNS: Final = ":= \t"
ANNOUNCING: Final = "|".join(sorted(LABELS, key=len, reverse=True))
"""The labels, as alternatives of a pattern."""
_LABEL: Final = rf"(?:(?:{ANNOUNCING})|(?P<side>{'|'.join(_SIDES)}))(?P<sign>[{SIGNS}]{{1,3}})"
_LABELLED: Final = re.compile(rf"{_LABEL}(?=[\u4e00-\u9fff])")
_ANY_LABEL: Final = re.compile(rf"{_LABEL}\Z")
_HAN: Final = "\u4e00-\u9fff"
_VALUE: Final = re.compile(rf"[{_HAN}·]{{1,12}}(?=[^{_HAN}·]|\Z)")
# 刘 洋: names of two characters are set as wide as those of three.
_SPACED: Final = re.compile(rf"([{_HAN}]) {{1,4}}([{_HAN}])(?=[^{_HAN}·]|\Z)")
_VALUE_BEGUN: Final = re.compile(rf"[{_HAN}·]{{1,12}}\Z|[{_HAN}] {{1,4}}[{_HAN}]?\Z")
_SEX: Final = frozenset("男女")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What stands beside a label as the next heading, or where a name is to be put in; by its first two characters.
_HEADINGS: Final = _words(
    "性别 部门 职务 职位 职称 电话 手机 地址 账号 账户 卡号 学号 工号 年龄 日期 时间 生日 出生 证件 身份 邮箱 "
    "邮编 编号 序号 备注 班级 年级 成绩 院系 专业 学历 学校 学院 籍贯 民族 国籍 住址 单位 公司 岗位 科室 床号 "
    "病区 关系 数量 金额 方式 微信 联系 签字 签名 签章 盖章 开户 银行 支行 余额 类型 类别 状态 说明 须知 服务 "
    "要求 权益 权限 权利 可选 可为 可空 必填 选填 请输 请填 请选 请写 请在 请提 暂缺 暂无 空白 缺失 未填 未知 "
    "不详 不明 不填 保密 匿名 没有 待定 待填 待补 同上 同前 同下 先生 女士 小姐 是什 什么 宿舍 寝室 房号 房间 "
    "楼号 楼层 门牌 车牌 车型 车号 车次 航班 座位 席位 位置 区域 地区 城市 户籍 户口 户名 户主 姓名 名字 名称 "
    "昵称 花名 别名 简介 简历 简称 全称 全名 通讯 通信 查询 管理 费用 单价 总价 合计 应付 应收 应发 实发 平均 "
    "满意 原因 计划 项目 任务 完成 经理 主任 主管 客服 前台 管家 房东 本人 本校 家长 店长 老板 财务 销售 总经 "
    "董事 法人 人事 行政 律师 老师 医生 护士 司机 快递 物业 业主 客户 用户 村民 居民 农户 师傅 高级 初级 中级 "
    "党员 党派 政治 文化 文凭 毕业 常住 居住 现住 祖籍 明细 付款 收款 相关 相片 照片 头像 信息 信用 公章 公积 "
    "尺寸 安全 安排 使用 注意 提示 包括 包含 应当 应该 必须 不得 何时 何地 方便 任何 于是 简单 成功 成员 成立 "
    "时长 查看 官方 边上 景点 景区 商品 商户 商家 计算 元素 年月 白天 高度 印章 支付 门店 利息 利率 干部 步骤 "
    "索引 原籍 展示 容量 国家 衣服 幸福 平台 初审 终审 农村 皮肤 师生 谈话 强制 常见 常用 易于 明确 通过 全部 "
    "向其 水电 阳历 阴历 云端 和其 都是 连接"
)
# Surnames that running text hardly ever means: behind a label they are meant.
RARE: Final = frozenset(
    "包成边时简谈查官和都那来国平南原明全景应乐花强计步利水云元楼封劳普索丰支权豆满位区海印居展相初由容敬"
    "母修况公哈呼干但斯束信衣阴智植富闭战银羊门井盘农师班茅迟乌伊杭赫湛幸宾木尔才东西牙依年"
)
# In the keys of forms and tables, put together without what joins their words.
_PERSONS: Final = (
    "real|true|full|customer|client|contact|patient|student|employee|staff|teacher|doctor|buyer|receiver|payee|payer|owner"
    "|holder|sender|applicant|insured|driver|passenger|guest|person|linkman|child|parent"
)
_KEY: Final = re.compile(
    rf"(?:(?<![a-z0-9_])(?P<sure>(?:{_PERSONS})[_ -]?name|linkman|consignee|payee|cardholder|contact|{ANNOUNCING})"
    r"|(?<![a-z0-9_ -])(?:user|member)?[_ -]?name)[\"']?(?: ?[:=] ?[\"']?|>)\Z"
)
_KEY_ENDS: Final = frozenset("\"':=> ")
_CELL: Final = ("|", "\t", "\n")
_QUOTES: Final = frozenset("\"'")
_CELL_BEGINS: Final = frozenset(",([{:")
_MOBILE: Final = frozenset("3456789")
_SURE_KEY: Final = 4.0
_KEYED: Final = 2.0
_CELLED: Final = 1.0


def labelled(text: str, at: int, surnames: Container[str], given: Collection[str]) -> dict[int, int]:
    """Return where names begin that a label announces, with their ends.

    Args:
        text: The text.
        at: From where on they begin.
        surnames: Characters that are known as surnames,
        given: and as parts of given names.
    """
    found: dict[int, int] = {}
    for label in _LABELLED.finditer(text, max(0, at - BEHIND)):
        start = label.end()
        if start >= at:
            said = not label["sign"].isspace()
            known = text[start] in surnames or text[start] in RARE
            end = _spaced(text, start, given) if said and known else 0
            if not end and not label["side"]:
                end = _whole(text, start, said, known, given)
            if end:
                found[start] = end
    return found


def _spaced(text: str, start: int, given: Container[str]) -> int:
    """Return where a name of two characters ends that stand apart, 0 if there is none."""
    name = _SPACED.match(text, start)
    return name.end() if name is not None and name[2] in given and name[2] not in _SEX else 0


def _whole(text: str, start: int, said: bool, known: bool, given: Container[str]) -> int:
    """Return where a name ends that is all that stands behind a label, 0 if that is none.

    Behind a colon anything may be one; behind a blank, where the next heading may stand, what is built like one.
    """
    value = _VALUE.match(text, start)
    if value is None:
        return 0
    name, end = value.group(), value.end()
    dotted = "·" in name
    if len(name) < 2 or name[:2] in _HEADINGS or (len(name) > 4 and not dotted):
        return 0
    if dotted or (said and text[end : end + 1] not in (":", "=")):
        return end
    if name[:2] in COMPOUND:
        return end if len(name) > 2 else 0
    return end if known and len(name) <= 3 and all(character in given for character in name[1:]) else 0


def begun(text: str, start: int) -> bool:
    """Whether a name may begin at ``start`` that a label announces and the end of ``text`` cuts off."""
    return (
        _VALUE_BEGUN.match(text, start) is not None and _ANY_LABEL.search(text, max(0, start - 16), start) is not None
    )


def surer(text: str, start: int, end: int) -> float:
    """Return how much more (log odds) a candidate is a name, as it is all of a field, a cell or a line's beginning."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if "\u4e00" <= after <= "\u9fff" or "\u4e00" <= before <= "\u9fff":
        return 0.0
    if before in _KEY_ENDS and before:
        key = _KEY.search(text, max(0, start - BEHIND + 2), start)
        if key is not None:
            return _SURE_KEY if key.group("sure") else _KEYED
    if before in _QUOTES and after == before and text[start - 2 : start - 1] in _CELL_BEGINS:
        return _CELLED
    return _CELLED if _in_row(text, start, end) or _called(text, end) else 0.0


def _in_row(text: str, start: int, end: int) -> bool:
    """Whether a candidate is a cell between lines or tabs: ``| 郑凯 |``. A line of its own is none."""
    left = text[max(0, start - 2) : start].rstrip(" ")[-1:] if start else "\n"
    right = text[end : end + 2].lstrip(" ")[:1] if end < len(text) else "\n"
    return left in _CELL and right in _CELL and not left == right == "\n"


def _called(text: str, end: int) -> bool:
    """Whether a mobile number stands behind a candidate, between them no more than a sign."""
    return text[end + 1 : end + 2] == "1" and text[end + 2 : end + 3] in _MOBILE and not text[end].isalnum()
