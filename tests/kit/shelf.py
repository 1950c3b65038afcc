"""A bank of many entries with several ways each, and the topics by which a model tells them."""

from __future__ import annotations

from gateway.answers.bank import Bank
from gateway.answers.entry import Entry

_THINGS = "水费 电费 燃气 宽带 社保 医保 公积金 身份证 护照 驾照 居住证 户口 税票 车位 门禁 快递 桶装水 洗衣 保洁 维修"
_MORE = "体检 挂号 疫苗 报销 请假 加班 工牌 食堂 班车 会议室 打印 邮箱 网盘 电脑 显示器 键盘 耳机 座椅 绿植 储物柜"
THINGS = f"{_THINGS} {_MORE}".split()
"""What the entries are about."""

WAYS = ("{}怎么办理", "我想问{}的事情该找谁", "关于{}请说明一下流程")


def bank(entries: int = len(THINGS), ways: int = 3) -> Bank:
    """Return a bank with so many entries."""
    return Bank("shelf", tuple(entry(thing, ways) for thing in THINGS[:entries]))


def entry(thing: str, ways: int = 3) -> Entry:
    """Return an entry about one thing."""
    return Entry(thing, tuple(way.format(thing) for way in WAYS[:ways]), zh=f"{thing}的答案", state="approved")
