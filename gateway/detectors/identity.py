"""Finds resident identity numbers of the People's Republic of China (GB 11643-1999)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.sweep import Sweep
from gateway.ports import BuiltDetector, DetectorSpec, Loader

RISK: Final = "pii.identity_number"
NAME: Final = "identity_number"
_GAP: Final = "[ -]?"
_SHAPE: Final = rf"[1-9][0-9]{{5}}{_GAP}(?:18|19|20)[0-9]{{6}}{_GAP}[0-9]{{3}}[0-9x]"
# The first two digits: provinces (GB/T 2260), the two regions and Taiwan with their residence
# permits (81 to 83), and 91 for foreign permanent residents.
_PROVINCES: Final = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        range(81, 84),
    )
    for code in codes
) | {"71", "91"}
# GB 11643-1999, 4.2.2 (ISO 7064 MOD 11-2).
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10x98765432"
_NEAR_MISS: Final = 0.4


def identity_score(text: str) -> float | None:
    """Say how sure it is that 18 characters, with or without gaps, are an identity number.

    Returns:
        1.0 if province, date and check digit are right; 0.4 if only the check digit is wrong; else None.
    """
    number = text.replace(" ", "").replace("-", "")
    if number[:2] not in _PROVINCES or not _is_date(number[6:14]):
        return None
    return 1.0 if has_check_digit(number) else _NEAR_MISS


def has_check_digit(number: str) -> bool:
    """Whether the last of 18 characters is the check digit of the others (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == number[17]


def _is_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


_SCAN: Final = Sweep(
    detector=NAME,
    risk=RISK,
    shapes=(_SHAPE,),
    first="1-9",
    ahead="[0-9]{5}[ 0-9-]{11}",
    alphabet="0123456789x -",
    check=identity_score,
)


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    return BuiltDetector(frozenset({RISK}), "1", _SCAN)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Resident identity numbers: province, date and check digit; 0.4 if only the check digit is wrong.",
    risks=frozenset({RISK}),
    scope="span",
    build=_build,
)
