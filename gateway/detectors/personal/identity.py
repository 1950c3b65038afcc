"""Identity numbers of the People's Republic of China (GB 11643-1999) and permits numbered alike."""

from __future__ import annotations

from calendar import monthrange
from typing import Final

from gateway.detectors.personal.kind import ANNOUNCED, NEAR_MISS, Kind, Said

RISK: Final = "pii.identity_number"
_GAP: Final = "[ .·_-]?"
_SHAPE: Final = rf"[1-9][0-9]{{5}}{_GAP}(?:18|19|20)[0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}{_GAP}[0-9x]"
_GROUPS: Final = rf"[1-9][0-9]{{3}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9][0-9x]"
_THREES: Final = rf"[1-9][0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}[0-9x]"
_BARE: Final = r"[1-9][0-9]{16}[0-9x]"
# Until 1999: area, two digits of the year, month, day, order.
_OLD: Final = r"[1-9][0-9]{14}"
_SLIP: Final = r"[1-9][0-9]{18}|[1-9][0-9]{15,16}|[1-9][0-9]{13}"
# The first two digits: provinces (GB/T 2260), the two regions and Taiwan with their residence
# permits (81 to 83).
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
) | {"71"}
_LATEST_YEAR: Final = 2030
# Numbers of files and orders begin with an area and a day, too; those days are not long past.
_FILES: Final = "2016"
_LIKE_A_FILE: Final = 0.3
# GB 11643-1999, 4.2.2 (ISO 7064 MOD 11-2).
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10x98765432"
_ANNOUNCED_SLIP: Final = 0.7
_ANNOUNCED_NONSENSE: Final = 0.5
_LENGTH: Final = 18
_GAPS: Final = str.maketrans("", "", " .·_-")


def identity_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that 18 characters, with or without gaps, are an identity number.

    Returns:
        1.0 if province, date and check digit are right; directly behind words such as 订单号 0.8, and 0.3
        where the date is not long past. If only the check digit is wrong, 0.7 where words such as 身份证号
        announce it, else 0.4 (none behind words such as 订单号, nor with a date not long past). Where
        province or date are wrong too, 0.5 right behind such words, else None.
    """
    number = text.translate(_GAPS)
    right = is_area(number[:6]) and is_date(number[6:14])
    if right and has_check_digit(number):
        return 1.0 if said != "other" else 0.8 if number[6:10] < _FILES else _LIKE_A_FILE
    if said in ANNOUNCED:
        return _ANNOUNCED_SLIP if right else _ANNOUNCED_NONSENSE if said != "far" else None
    return NEAR_MISS if right and said == "" and number[6:10] < _FILES else None


def has_check_digit(number: str) -> bool:
    """Whether the last of 18 characters is the check digit of the others (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == number[17]


def is_area(code: str) -> bool:
    """Whether six digits can be an area of GB/T 2260: a province that there is, a city that there can be.

    Permanent residents from abroad have a 9, the province, and three digits of their nationality.
    """
    if code[0] == "9":
        return code[1:3] in _PROVINCES
    return code[:2] in _PROVINCES and (code[0] == "8" or code[2:4] <= "70" or code[2:4] == "90")


def is_date(digits: str) -> bool:
    """Whether eight digits are a day on which somebody living can have been born."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return 1850 < year <= _LATEST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _check(text: str, said: Said) -> float | None:
    number = text.translate(_GAPS)
    if len(number) == 15:
        # No check digit, void since 2013: only words before it tell it from other numbers.
        right = is_area(number[:6]) and is_date(f"19{number[6:12]}")
        return 0.9 if right and said in ANNOUNCED else None
    if len(number) != _LENGTH:
        # A digit too few or too many: whoever says it is one has made a slip.
        return _ANNOUNCED_NONSENSE if number[:2] in _PROVINCES and number[6:8] in ("19", "20") else None
    return identity_score(number, said)


KIND: Final = Kind(
    risk=RISK,
    first="1-9",
    shapes=(_SHAPE, _GROUPS, _THREES, _BARE),
    check=_check,
    labels=(
        *(
            "身份证号码",
            "身份证号",
            "身份证",
            "身份证件号码",
            "公民身份号码",
            "身份号码",
            "居民身份证",
            "证件号码",
            "证件号",
        ),
        *(
            "居住证",
            "居住证号",
            "港澳台居民居住证",
            "永久居留身份证",
            "永居证",
            "身份证明",
            "社会保障号码",
            "驾驶证号",
            "sfz",
        ),
        *("身份证后", "证件", "id card", "id number", "id no", "identity card", "identity number", "national id"),
    ),
    announced=(_OLD, _SLIP),
    written_out=True,
    plain=True,
)
