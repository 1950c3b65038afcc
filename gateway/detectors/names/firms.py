"""Where the name of a firm begins that ends in 有限公司 or the like: after what is no part of it."""

from __future__ import annotations

import re
from typing import Final

ENDS: Final = ("有限公司", "有限责任公司", "集团公司", "股份公司")
_LONGEST: Final = 20
"""Longer than this, up to one of the ends, is no name."""
_OPEN: Final = _LONGEST + max(map(len, ENDS))
_HAN: Final = "\u4e00-\u9fff"
# A sign, or a word that no name has.
_SURE: Final = (
    rf"[^{_HAN}()]|[的了是和与在到去来从把被让给我你他她它这那不没很也就吗呢吧啊于向对由及或等跟任告欠该贵本某后]"
    r"|有(?!限|\Z)|(?<=[0-9])[年月日]"
)
_SURELY: Final = re.compile(_SURE)
# What a name begins behind: such a sign or word, or one that leads to a name.
_BOUNDARY: Final = re.compile(
    f"{_SURE}|(?<!华)为|加入|入职|进入|就职|供职|任职|应聘|起诉|投诉|收购|联系|关于|通过|根据|委托|成立|设立|创办|创立|开办"
    "|注册|名叫|叫做|[一二两三几多各某][家个]|目前|现在|曾经|先后|毕业|期间|担任|现任|历任|曾任|推荐|介绍|请问|公司|旗下|签约|合作|代表"
    "|所属|隶属|收到|出自|选择|起草|经营|购买|转让|持有|控股|包括|其中|例如|比如"
)
# What a firm does and how it is set up: without more it is no name.
_TRADES: Final = re.compile(
    "(?:集团|科技|技术|贸易|物流|建筑|建设|工程|医药|制药|教育|咨询|信息|网络|电子|商务|投资"
    "|控股|实业|发展|开发|管理|服务|文化|传媒|广告|食品|餐饮|置业|地产|房地产|物业|汽车"
    "|机械|设备|制造|化工|材料|能源|电力|电器|家具|服装|纺织|农业|进出口|国际|商贸|软件"
    "|智能|数码|通信|金融|保险|证券|租赁|担保|供应链|人力资源|旅游|酒店|股份|责任|产业|生物"
    "|环保|装饰|设计|运输|速递|快递|百货|零售|销售|代理|中介|劳务|外商|独资|合资|中外|国有"
    "|民营|私营|小型|大型|中型|上市|全资|合伙|个人|一人|自然人|普通|新|母|子|总|小|大|老"
    "|外资|海外|境外|相关|其他|任何|所有|跨国){1,8}"
)


def begin(text: str, end: int) -> int:
    """Return where the name of a firm begins that goes on up to ``end``, -1 if none does.

    Args:
        text: The text.
        end: Where a word that ends such names begins.
    """
    low = max(0, end - _LONGEST - 1)
    start = 0 if low == 0 else -1
    for found in _BOUNDARY.finditer(text, low, end):
        start = found.end()
    core = text[start:end]
    return -1 if start < 0 or len(core) < 2 or core[0] in "()" or _TRADES.fullmatch(core) else start


def begun(text: str, at: int) -> int:
    """Return from where on a name may have begun that the end of ``text`` cuts off; nothing before ``at`` counts."""
    start = max(at, len(text) - _OPEN)
    for found in _SURELY.finditer(text, start):
        start = found.end()
    return start
