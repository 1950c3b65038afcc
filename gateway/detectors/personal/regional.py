"""Identity cards of Hong Kong, Macau and Taiwan, and the residence cards of foreigners before 2023."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.identity import is_area, is_date
from gateway.detectors.personal.kind import LIKELY, Kind, Said

RISK: Final = "pii.regional_identity"
FOREIGN: Final = "pii.residence_permit"
_TAIWAN: Final = re.compile(r"[a-z][1289][0-9]{8}")
_MACAU: Final = re.compile(r"[1578][0-9]{6}\([0-9]\)|[1578]/[0-9]{6}/[0-9]")
# The letters' numbers on Taiwan's cards, a to z: in the order in which the counties were numbered.
_COUNTIES: Final = "abcdefghjklmnpqrstuvxywzio"


def has_hong_kong_check(text: str) -> bool:
    """Whether the last character of a Hong Kong number is its check digit (modulo 11)."""
    plain = re.sub("[() ]", "", text)
    letters = plain[:-7].rjust(2)
    values = [36 if letter == " " else int(letter, 36) for letter in letters] + [int(d) for d in plain[-7:-1]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    last = 10 if plain[-1] == "a" else int(plain[-1])
    return (total + last) % 11 == 0


def has_taiwan_check(text: str) -> bool:
    """Whether the last digit of a Taiwan number is its check digit (modulo 10)."""
    county = _COUNTIES.index(text[0]) + 10
    digits = [county // 10, county % 10, *map(int, text[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def _check(text: str, said: Said) -> float | None:
    if _MACAU.fullmatch(text):
        return 0.9 if said == "own" else 0.6
    if re.fullmatch(r"[1578][0-9]{7}", text):
        return LIKELY if said == "own" else None
    if _TAIWAN.fullmatch(text):
        right, alone = has_taiwan_check(text), 0.6
    else:
        right, alone = has_hong_kong_check(text), 0.9 if "(" in text else 0.0
    if said == "own":
        return 0.95 if right else 0.6
    return alone if right and alone and said == "" else None


def _foreign(text: str, said: Said) -> float | None:
    """Say how sure it is that three letters of a state and twelve digits are a permit: area, day of birth, two more."""
    if said == "own":
        return 0.9
    right = is_area(f"{text[3:7]}00") and any(is_date(f"{century}{text[7:13]}") for century in ("19", "20"))
    return 0.5 if right and said == "" else None


KIND: Final = Kind(
    risk=RISK,
    first="1578a-z",
    shapes=(
        r"[a-z]{1,2} ?[0-9]{6} ?\([0-9a]\)",
        r"[a-z][1289][0-9]{8}",
        r"[1578][0-9]{6}\([0-9]\)|[1578]/[0-9]{6}/[0-9]",
    ),
    announced=(r"[a-z]{1,2}[0-9]{6}[0-9a]", r"[1578][0-9]{7}"),
    check=_check,
    labels=(
        *(
            "香港身份证",
            "香港身份证号",
            "澳门身份证",
            "澳门居民身份证",
            "台湾身份证",
            "台湾身份证号",
            "国民身份证",
        ),
        *("香港永久性居民身份证", "身份证字号", "身份证", "身份证号", "身份证号码", "hkid"),
        *("居民身份证", "居民身份证号", "居民身份证号码"),
        *("hong kong id", "hong kong identity card", "macau id", "taiwan id", "证件号码", "证件号"),
    ),
)

FOREIGN_KIND: Final = Kind(
    risk=FOREIGN,
    first="a-z",
    shapes=(r"[a-z]{3}[0-9]{12}",),
    check=_foreign,
    labels=("永久居留身份证", "永久居留证", "外国人永久居留身份证", "永居证", "证件号码", "permanent resident card"),
)
