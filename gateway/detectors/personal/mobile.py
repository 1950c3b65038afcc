"""Mobile numbers of mainland China."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import ANNOUNCED, NEAR_MISS, Kind, Said, compact

RISK: Final = "pii.mobile_number"
_GAP: Final = "[ .·_-]?"
_LAND: Final = rf"(?:(?:\+|00)?86{_GAP}|\((?:\+|00)?86\) ?|\+\(86\) ?)?"
_SHAPES: Final = (
    rf"{_LAND}1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}",
    rf"{_LAND}1[3-9][0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}",
    rf"{_LAND}1[3-9][0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}",
    rf"{_LAND}1[3-9][0-9]{{3}}{_GAP}[0-9]{{6}}",
    rf"{_LAND}1[3-9][0-9] [-/] [0-9]{{4}} [-/] [0-9]{{4}}",
)
# Ranges given out to operators, as libphonenumber 9.0 lists them.
_IN_USE: Final = re.compile(r"1740[0-5]|1610|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])", re.ASCII)
_UNKNOWN_RANGE: Final = 0.5
# Three round numbers beside each other: a row of a table.
_ROUND: Final = re.compile(r"1[3-9][0-9] [0-9]{2}00 [0-9]{2}00", re.ASCII)


def mobile_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that a text of the right shape is a mobile number.

    Returns:
        1.0 if its range is in use, else 0.5, or 0.8 where words such as 手机 announce it; directly
        behind words such as 订单号 0.5 and None. 0.4 for three round numbers (150 2200 3300) without such words.
    """
    if said not in ANNOUNCED and _ROUND.fullmatch(text):
        return NEAR_MISS
    number = compact(text.replace("+", ""))[-11:]
    in_use = _IN_USE.match(number) is not None
    if said == "other":
        return 0.5 if in_use else None
    return 1.0 if in_use else 0.8 if said in ANNOUNCED else _UNKNOWN_RANGE


KIND: Final = Kind(
    risk=RISK,
    first="+018(",
    shapes=_SHAPES,
    check=mobile_score,
    labels=(
        *(
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "电话号码",
            "联系电话",
            "联系方式",
            "移动电话",
            "tel",
            "mobile",
            "phone",
            "cell",
        ),
        *("phone number", "mobile number", "call", "call me at", "contact"),
    ),
    written_out=True,
    plain=True,
    goes_on=("qq", "vx", "wx", "wechat", "weixin", "email", "e-mail", "mail", "tel"),
)
