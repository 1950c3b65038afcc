"""Says in the gateway's risks what data sets call a harm by their own names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

JADE: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("隐私", ("a4.e",)),
    ("个人信息|私人信息", ("a4.f",)),
    ("名誉", ("a4.c",)),
    ("肖像", ("a4.b",)),
    ("身心健康", ("a4.a",)),
    ("其他合法权益|其他权益", ("a4.g",)),
    ("非法侵入", ("a1.h", "dangerous")),
    ("诈|内幕", ("a1.h", "fraud")),
    ("武器", ("a1.h", "dangerous", "violence")),
    ("伪造", ("a1.h", "fraud")),
    ("虚假有害", ("a1.g",)),
    ("毒品", ("a1.h", "dangerous")),
    ("恐怖", ("a1.d", "violence")),
    ("走私|偷窃|贪污|赌博|赃物|驾车|其他犯罪", ("a1.h",)),
    ("抢劫|虐待|伤害他人$|故意伤害|勒索", ("a1.h", "violence")),
    ("淫秽色情", ("a1.f", "sexual")),
    ("宣扬暴力", ("a1.f", "violence")),
    ("商业道德", ("a3.b",)),
    ("商业秘密", ("a3.c",)),
    ("国家", ("a1.b",)),
    ("民族|肤色|种族", ("a2.a", "hate")),
    ("信仰", ("a2.b", "hate")),
    ("国别", ("a2.c", "hate")),
    ("地域", ("a2.d", "hate")),
    ("性别", ("a2.e", "hate")),
    ("年龄", ("a2.f", "hate")),
    ("职业", ("a2.g", "hate")),
    ("健康歧视", ("a2.h", "hate")),
    ("其他方面歧视|服装", ("a2.i", "hate")),
)
"""Patterns in the labels of JADE, and the risks of each."""
ENGLISH: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("drug|substance", ("a1.h", "dangerous")),
    ("weapon|bomb|explosi", ("a1.h", "dangerous", "violence")),
    ("traffick", ("a1.h", "violence")),
    ("cyber|malware|malicious soft|trojan|spyware|ransom|adware|hack|virus", ("a1.h", "dangerous")),
    ("theft and|^theft|robbery|property crime|vandal|illegal", ("a1.h",)),
    ("sexual|porn|erotic|nude|adult|cse|sxc", ("a1.f", "sexual")),
    ("physical abuse|violen|assault|vcr|murder|physical harm", ("violence",)),
    ("neglect|psychological abuse|animal abuse", ("violence", "a4.a")),
    ("terror|extremis|iwp|organized crime", ("a1.d", "violence")),
    ("racial|ethnic|hate|hte|religious|discriminat", ("a2", "hate")),
    ("bully|harass", ("abuse", "a4.a")),
    ("self-harm|suicide|ssh", ("self_harm", "a4.a")),
    ("hazardous|unsafe practices|dangerous", ("dangerous",)),
    ("fraud|scam|phish|identity theft|counterfeit|false advert|decept|ncr", ("fraud", "a1.h")),
    ("intellectual|copyright|ipv", ("a3.a",)),
    ("market manip|economic", ("a3.d", "fraud")),
    ("misinformation|conspiracy", ("a1.g",)),
    ("defam|dfm", ("a4.c",)),
    ("privacy|data theft|surveil|dox|tracking|personally|prv", ("a4.e", "a4.f")),
    ("deepfake", ("a4.b",)),
    ("unethical", ("a3.b",)),
)
"""Patterns in the labels of English sets, in small letters, and the risks of each."""
NOT_OURS: Final = re.compile(
    "^(financial advice|legal opinion|health consultation|political|gov decision|tailored|spc)"
)
"""How labels begin that are no risk here although English sets count them: advice on money or law, politics."""


def named(label: str, names: Iterable[tuple[str, tuple[str, ...]]]) -> frozenset[str]:
    """Return the risks of a label: those of every pattern in it that is found there."""
    return frozenset(risk for pattern, risks in names if re.search(pattern, label) for risk in risks)
