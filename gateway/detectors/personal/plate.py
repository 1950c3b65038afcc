"""Number plates of vehicles in mainland China (GA 36-2018), new energy and special ones included."""

from __future__ import annotations

from typing import Final

from gateway.detectors.personal.kind import Kind, Said

RISK: Final = "pii.plate"
_PROVINCE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTER: Final = "[a-hj-np-z]"
_GAP: Final = "[ ·•.-]?"
_SHAPES: Final = (
    rf"[{_PROVINCE}]{_LETTER}{_GAP}(?:[a-hjk][0-9a-hj-np-z][0-9]{{4}}|[0-9]{{5}}[a-hjk])",  # new energy
    rf"[{_PROVINCE}]{_LETTER}{_GAP}[0-9a-hj-np-z]{{4}}[0-9a-hj-np-z挂学警港澳领]",
)


def plate_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that a text of the right shape is a plate: those seen have two digits or more."""
    digits = sum(character.isdigit() for character in text)
    if digits < 2:
        return 0.6 if said == "own" else None
    return 0.95 if digits > 2 or said == "own" else 0.8


KIND: Final = Kind(
    risk=RISK,
    first=_PROVINCE,
    shapes=_SHAPES,
    check=plate_score,
    labels=("车牌", "车牌号", "车牌号码", "号牌", "牌照", "license plate", "plate number", "plate"),
)
