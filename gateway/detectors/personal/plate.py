"""Number plates of vehicles in mainland China (GA 36-2018), new energy and special ones included."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import NEAR_MISS, Kind, Said

RISK: Final = "pii.plate"
_PROVINCE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTER: Final = "[a-hj-np-z]"
_GAP: Final = "[ ·•.-]?"
_SHAPES: Final = (
    rf"[{_PROVINCE}]{_LETTER}{_GAP}(?:[a-hjk][0-9a-hj-np-z][0-9]{{4}}|[0-9]{{5}}[a-hjk])",  # new energy
    rf"[{_PROVINCE}]{_LETTER}{_GAP}[0-9a-hj-np-z]{{4}}[0-9a-hj-np-z挂学警港澳领]",
    rf"wj{_GAP}[{_PROVINCE}]{_GAP}[0-9]{{4}}[0-9a-hj-np-z]",  # armed police
)


# A word and the name of a model, or a round number: 新Y9000P.
_THING: Final = re.compile(r"[新云黑贵宁青](?:[a-z][0-9]{2}000|[a-z][0-9]{3}0[a-z]|y.{5,6})")
# 全新, 最新, 更新, …: the word goes on what stands before it.
_WORD: Final = "全最更刷重创清崭"


def plate_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that a text of the right shape is a plate: those seen have two digits or more.

    Some provinces are named by a word of every day: without words such as 车牌 and without a dot, what may be the
    name of a thing (新Y9000P, 黑G15000) is hardly one.
    """
    if said != "own" and _THING.fullmatch(text):
        return NEAR_MISS
    digits = sum(character.isdigit() for character in text)
    if digits < 2:
        return 0.6 if said == "own" else None
    return 0.95 if digits > 2 or said == "own" else 0.8


KIND: Final = Kind(
    risk=RISK,
    first=f"{_PROVINCE}w使",
    shapes=_SHAPES,
    check=plate_score,
    not_behind=_WORD,
    announced=(r"使[0-9]{3}[ ·.-]?[0-9]{3}",),
    labels=(
        "使馆车",
        "使馆车辆",
        "外交牌照",
        "车牌",
        "车牌号",
        "车牌号码",
        "号牌",
        "牌照",
        "license plate",
        "plate number",
        "plate",
    ),
)
