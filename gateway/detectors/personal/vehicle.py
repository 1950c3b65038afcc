"""Vehicle identification numbers (ISO 3779, GB 16735) and the file numbers of driving licences."""

from __future__ import annotations

from typing import Final

from gateway.detectors.personal.kind import LIKELY, Kind, Said, when_announced

VIN: Final = "pii.vin"
LICENCE: Final = "pii.driving_licence"
_SET: Final = "0-9a-hj-npr-z"
_VALUES: Final = dict(
    zip(
        "0123456789abcdefghjklmnprstuvwxyz",
        map(int, "0123456789" + "12345678" + "12345" + "7" + "9" + "23456789"),
        strict=True,
    )
)
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def has_vin_check(text: str) -> bool:
    """Whether the ninth of 17 characters is the check digit of the others (modulo 11)."""
    total = sum(_VALUES[symbol] * weight for symbol, weight in zip(text, _WEIGHTS, strict=True))
    return text[8] == "0123456789x"[total % 11]


def _vin(text: str, said: Said) -> float | None:
    if text.isdigit() or text.isalpha():
        return None
    if has_vin_check(text):
        return 0.95 if said == "own" else LIKELY if said == "" else None
    return 0.7 if said == "own" else None


VIN_KIND: Final = Kind(
    risk=VIN,
    first=_SET,
    shapes=(rf"[{_SET}]{{17}}",),
    check=_vin,
    labels=(
        "车架号",
        "车架号码",
        "车辆识别代号",
        "车辆识别码",
        "车辆识别代码",
        "vin",
        "vin码",
        "vehicle identification number",
    ),
)

LICENCE_KIND: Final = Kind(
    risk=LICENCE,
    first="0-9a-z",
    shapes=(),
    announced=(r"[0-9]{12}", r"[a-z]{1,3}[0-9]{5,14}", r"[0-9]{7,10}"),
    check=when_announced(),
    plain=True,
    labels=(
        *(
            "档案编号",
            "驾驶证",
            "驾照",
            "驾驶证档案编号",
            "驾照号",
            "驾驶证号",
            "行驶证",
            "driver's license",
            "driving licence",
        ),
        *(
            "driver license",
            "driver's licence",
            "drivers license",
            "driving license",
            "license number",
            "licence number",
        ),
    ),
)
