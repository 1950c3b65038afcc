"""The 27-character code of a service provider (TC260-PG-20252A): taken apart and checked, never made.

A code is given to a provider by nobody but the rule itself and the provider's own registration; so the
operator configures it and we only say whether it can be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LENGTH: Final = 27

_CODE: Final = re.compile(r"[0-9A-Z]{27}")
_MEANT: Final = re.compile(r"00[0-9A-Za-z]{18,}|(?=(?:[A-Za-z]*[0-9]){12})[0-9A-Za-z]{27}")
# GB 32100: digits and capital letters without I, O, S, V, Z; the weights are powers of 3 modulo 31.
_CREDIT: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = tuple(pow(3, n, 31) for n in range(17))
# GB 11714: digits and capital letters; the last of nine is the check character, X for ten.
_BODY: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class ProducerCode:
    """A code in its parts.

    Attributes:
        subject_type: Position 3; ``1`` is an organisation.
        binding: Position 4; ``1`` says that a unified social credit code follows.
        subject: Positions 5-22, the unified social credit code of the organisation.
        service: Position 23; ``1`` generation, ``2`` propagation, ``0`` where the extension is unused.
        extension: Positions 24-27, chosen by the provider.
    """

    subject_type: str
    binding: str
    subject: str
    service: str
    extension: str


def is_meant_as_code(text: str) -> bool:
    """Whether ``text`` is a code or an attempt at one, and no name.

    Twenty letters and digits or more that begin with ``00``; or exactly 27, at least 12 of them digits.
    """
    return bool(_MEANT.fullmatch(text))


def parse_code(code: str) -> ProducerCode:
    """Take a code apart; raises ``ValueError`` that says what is wrong with it."""
    if fault := fault_of_code(code):
        raise ValueError(fault)
    return ProducerCode(code[2], code[3], code[4:22], code[22], code[23:])


def fault_of_code(code: str, service: str = "") -> str | None:
    """Return what is wrong with a provider's code, or None.

    Only organisations are checked through: other subject types exist, but how their positions 5-22
    are built is not known to us, so their check is left out and they pass.

    Args:
        code: The code as configured or read.
        service: Services that may stand at position 23 (``"1"`` a producer, ``"12"`` any); empty for any known one.
    """
    if len(code) != LENGTH:
        return f"has {len(code)} characters, not {LENGTH}"
    if not _CODE.fullmatch(code):
        return "may hold only digits and capital letters"
    if not code.startswith("00"):
        return "must begin with 00"
    if code[2:4] == "11" and (fault := fault_of_credit_code(code[4:22])):
        return f"is wrong in positions 5-22, the unified social credit code: {fault}"
    return _fault_of_service(code, service)


def _fault_of_service(code: str, service: str) -> str | None:
    if code[22:] == "00000":
        return None
    if code[22] not in "12":
        return "must have 1 (generation) or 2 (propagation) at position 23, or 0 in all of 23-27"
    if service and code[22] not in service:
        return f"has {code[22]} at position 23, not {' or '.join(service)}"
    return None


def fault_of_credit_code(code: str) -> str | None:
    """Return what is wrong with a unified social credit code (GB 32100-2015, with GB 11714 inside), or None."""
    if len(code) != 18 or any(letter not in _CREDIT for letter in code):
        return "it needs 18 digits and capital letters other than I, O, S, V, Z"
    total = sum(_CREDIT.index(letter) * weight for letter, weight in zip(code, _CREDIT_WEIGHTS, strict=False))
    if _CREDIT[-total % 31] != code[17]:
        return "its check character does not fit"
    body = sum(_BODY.index(letter) * weight for letter, weight in zip(code[8:16], _BODY_WEIGHTS, strict=True))
    check = 11 - body % 11
    if code[16] != {10: "X", 11: "0"}.get(check, str(check)):
        return "the check character of its organisation code does not fit"
    return None
