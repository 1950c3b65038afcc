"""Finds bank card numbers: an issuer's prefix, the right length and the check digit (ISO/IEC 7812)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.identity import identity_score
from gateway.detectors.sweep import Sweep
from gateway.ports import BuiltDetector, DetectorSpec, Loader

RISK: Final = "pii.bank_card"
NAME: Final = "bank_card"
_GAP: Final = "[ -]"
_FOURS: Final = rf"[2-689][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}"
_SHAPES: Final = (
    r"[2-689][0-9]{12,18}",
    rf"{_FOURS}{_GAP}[0-9]{{1,3}}",
    _FOURS,
    rf"[2-689][0-9]{{5}}{_GAP}[0-9]{{7,13}}",
    rf"3[0-9]{{3}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4,5}}",
)
# Who issues cards with which prefix, and how long they are.
_ISSUERS: Final = (
    (re.compile(r"6[20]|81"), range(16, 20)),  # UnionPay
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|2[2-7]"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"35"), (16,)),  # JCB
    (re.compile(r"3[068]"), (14,)),  # Diners Club
    (re.compile(r"6011|65"), (16, 19)),  # Discover
)
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_card(text: str) -> bool:
    """Whether digits, with or without gaps, are a bank card number.

    What is a valid identity number is none, though one in ten would pass as a card.
    """
    number = text.replace(" ", "").replace("-", "")
    if not any(issuer.match(number) and len(number) in lengths for issuer, lengths in _ISSUERS):
        return False
    if not has_luhn(number):
        return False
    return len(number) != 18 or identity_score(number) != 1.0


def has_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, Annex B)."""
    plain, doubled = number[-1::-2], number[-2::-2]
    return (sum(map(int, plain)) + sum(_DOUBLED[int(digit)] for digit in doubled)) % 10 == 0


def _score(text: str) -> float | None:
    return 1.0 if is_card(text) else None


_SCAN: Final = Sweep(
    detector=NAME,
    risk=RISK,
    shapes=_SHAPES,
    first="2-689",
    ahead="[0-9]{3}[ 0-9-]{9}",
    alphabet="0123456789 -",
    check=_score,
)


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    return BuiltDetector(frozenset({RISK}), "1", _SCAN)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Bank card numbers of 13 to 19 digits: issuer, length and check digit.",
    risks=frozenset({RISK}),
    scope="span",
    build=_build,
)
