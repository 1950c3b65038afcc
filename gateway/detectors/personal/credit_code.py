"""Unified social credit codes (GB 32100-2015), organisation codes (GB 11714) and tax numbers."""

from __future__ import annotations

from typing import Final

from gateway.detectors.personal.kind import LIKELY, Kind, Said

RISK: Final = "pii.credit_code"
_SET: Final = "0-9a-hj-npqrtuwxy"
_SYMBOLS: Final = "0123456789abcdefghjklmnpqrtuwxy"
_VALUES: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ANNOUNCED_SLIP: Final = 0.6


def credit_code_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that a text of the right shape is a credit code.

    Returns:
        1.0 with both check characters right (modulo 31, and modulo 11 of the organisation code inside), 0.8
        with the first (codes from before 2015 may fail the second), or announced by its words in another form
        of it; 0.6 announced with a wrong check character; else None.
    """
    if len(text) != 18:
        return LIKELY if said == "own" else None
    total = sum(_VALUES[symbol] * weight for symbol, weight in zip(text[:17], _WEIGHTS, strict=True))
    if _VALUES[text[17]] == -total % 31:
        score = 1.0 if has_organisation_check(text[8:17]) else LIKELY
        return score if said != "other" else 0.5
    return _ANNOUNCED_SLIP if said == "own" else None


def has_organisation_check(code: str) -> bool:
    """Whether the last of nine characters is the check character of the others (GB 11714)."""
    total = sum(int(symbol, 36) * weight for symbol, weight in zip(code[:8], _ORGANISATION, strict=True))
    return code[8] == "0123456789x0"[11 - total % 11]


KIND: Final = Kind(
    risk=RISK,
    first="1-9a-hj-npqrtuwy",
    shapes=(rf"[1-9a-hj-npqrtuwy][1-9][0-9]{{6}}[{_SET}]{{10}}",),
    announced=(r"[0-9]{15}|[0-9]{6}[0-9a-z]{9}", r"[0-9a-z]{8}-?[0-9x]"),
    check=credit_code_score,
    labels=(
        *(
            "统一社会信用代码",
            "社会信用代码",
            "信用代码",
            "组织机构代码",
            "税号",
            "纳税人识别号",
            "营业执照号",
            "营业执照",
        ),
        *("注册号", "unified social credit code", "credit code", "uscc"),
    ),
)
