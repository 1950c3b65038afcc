"""Passports and permits to travel: to and from Hong Kong, Macau and Taiwan."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import ANNOUNCED, LIKELY, NEAR_MISS, Kind, Said

PASSPORT: Final = "pii.passport"
PERMIT: Final = "pii.travel_permit"
_CHINESE: Final = r"e[0-9]{8}|e[a-hj-np-z][0-9]{7}|g[0-9]{8}|[dsp]e[0-9]{7}"
_HOME_RETURN: Final = r"[hm][0-9]{8}(?:[0-9]{2})?"


def _passport(text: str, said: Said) -> float | None:
    if said in ANNOUNCED:
        return 0.9 if re.fullmatch(_CHINESE, text) else LIKELY
    return NEAR_MISS if re.fullmatch(_CHINESE, text) and said == "" else None


def _permit(text: str, said: Said) -> float | None:
    if said in ANNOUNCED:
        return LIKELY
    return NEAR_MISS if re.fullmatch(_HOME_RETURN, text) and said == "" else None


PASSPORT_KIND: Final = Kind(
    risk=PASSPORT,
    first="0-9a-z",
    shapes=(_CHINESE,),
    announced=(r"[a-z]{1,2}[0-9]{6,9}", r"[a-z][0-9][a-z][0-9]{6}", r"[0-9]{8,9}"),
    check=_passport,
    plain=True,
    labels=(
        *(
            "护照",
            "护照号",
            "护照号码",
            "护照编号",
            "因私护照",
            "公务护照",
            "passport",
            "passport number",
            "passport no",
        ),
        *("证件号码", "证件号", "签证号", "签证号码", "visa number"),
    ),
)

PERMIT_KIND: Final = Kind(
    risk=PERMIT,
    first="0-9a-z",
    shapes=(_HOME_RETURN,),
    announced=(r"(?:c[0-9a-z]|[wlt][0-9])[0-9]{7}", r"[0-9]{10}[a-z]?", r"[0-9]{8}"),
    check=_permit,
    plain=True,
    labels=(
        *(
            "通行证",
            "通行证号",
            "通行证号码",
            "回乡证",
            "回乡证号",
            "台胞证",
            "台胞证号",
            "港澳通行证",
            "往来港澳通行证",
        ),
        *(
            "往来台湾通行证",
            "大陆居民往来台湾通行证",
            "港澳居民来往内地通行证",
            "台湾居民来往大陆通行证",
            "travel permit",
        ),
    ),
)
