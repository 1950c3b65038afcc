"""Where somebody is: postcodes that words announce, and precise coordinates."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import LIKELY, Kind, Said, when_announced

_POLE: Final = 90
_HALF_ROUND: Final = 180
_SMALL: Final = 10


def _coordinates(text: str, said: Said) -> float | None:
    numbers = [float(number) for number in re.findall(r"[0-9]{1,3}\.[0-9]{1,12}|[0-9]{1,3}", text)]
    if not numbers or numbers[0] > _HALF_ROUND:
        return None
    if said == "own":
        return 0.9
    if "°" in text:
        return LIKELY
    precise = re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{4,12}, ?-?[0-9]{1,3}\.[0-9]{4,12}", text)
    # One of two is a latitude; and two small numbers are as often weights and shares.
    near = len(numbers) > 1 and min(numbers) <= _POLE and _SMALL <= max(numbers) <= _HALF_ROUND
    return 0.6 if precise and near and said == "" else None


POSTCODE: Final = Kind(
    risk="pii.postcode",
    first="0-9",
    shapes=(),
    announced=(r"[0-9]{6}", r"[0-9]{5}(?:-[0-9]{4})?"),
    check=when_announced(LIKELY),
    plain=True,
    labels=("邮编", "邮政编码", "zip", "zip code", "postcode", "postal code"),
)
COORDINATES: Final = Kind(
    risk="pii.coordinates",
    first="0-9",
    shapes=(
        r"[0-9]{1,3}\.[0-9]{3,12}°?[nsew]?[,/ ] ?-?[0-9]{1,3}\.[0-9]{3,12}°?[nsew]?",
        r"[0-9]{1,3}°[0-9]{1,2}['′][0-9]{1,2}(?:\.[0-9]{1,6})?(?:[\"″]|'')?[nsew]?",
        r"[0-9]{1,3}\.[0-9]{2,12}°[nsew]?",
    ),
    announced=(r"[0-9]{1,3}\.[0-9]{2,12}[nsew]?",),
    check=_coordinates,
    labels=(
        "经度",
        "纬度",
        "经纬度",
        "坐标",
        "定位",
        "东经",
        "北纬",
        "coordinates",
        "latitude",
        "longitude",
        "gps",
        "lat",
        "lng",
    ),
)
