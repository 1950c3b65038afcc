"""Identifiers of English texts: social security numbers of the United States, IBAN, insurance numbers of Britain."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import Kind, Said

SSN: Final = "pii.us_ssn"
IBAN: Final = "pii.iban"
NINO: Final = "pii.uk_nino"


def ssn_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that nine digits are a social security number: area, group and serial are never 0."""
    digits = re.sub("[ -]", "", text)
    right = digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"
    if said == "own":
        return 0.95 if right else 0.6
    return 0.7 if right and said == "" and len(text) == 11 else None


def has_iban_check(text: str) -> bool:
    """Whether an IBAN's check digits are right (ISO 13616: modulo 97)."""
    plain = re.sub("[ -]", "", text)
    return int("".join(str(int(symbol, 36)) for symbol in plain[4:] + plain[:4])) % 97 == 1


def _iban(text: str, said: Said) -> float | None:
    if has_iban_check(text):
        return 1.0
    return 0.6 if said == "own" else None


SSN_KIND: Final = Kind(
    risk=SSN,
    first="0-9",
    shapes=(r"[0-9]{3}-[0-9]{2}-[0-9]{4}",),  # with blanks between, any three numbers in a row
    announced=(r"[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4}",),
    check=ssn_score,
    labels=("ssn", "social security number", "social security", "social security no", "ss#"),
)
IBAN_KIND: Final = Kind(
    risk=IBAN,
    first="a-z",
    shapes=(r"[a-z]{2}[0-9]{2}(?:[ -]?[0-9a-z]{4}){2,7}(?:[ -]?[0-9a-z]{1,3})?", r"[a-z]{2}[0-9]{2}[0-9a-z]{11,30}"),
    check=_iban,
    labels=("iban",),
)
NINO_KIND: Final = Kind(
    risk=NINO,
    first="a-ceghj-prstw-z",
    shapes=(r"[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]",),
    check=lambda text, said: 0.95 if said == "own" else 0.7 if said == "" else None,
    labels=("national insurance", "national insurance number", "nino", "ni number"),
)
