"""Bank cards: an issuer's prefix, the right length and the check digit (ISO/IEC 7812); account numbers."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.identity import identity_score
from gateway.detectors.personal.kind import GAP, LIKELY, Kind, Said, compact, when_announced

RISK: Final = "pii.bank_card"
ACCOUNT: Final = "pii.bank_account"
_FOURS: Final = rf"[2-689][0-9]{{3}}(?:{GAP}[0-9]{{4}}){{3}}"
_SHAPES: Final = (
    r"[2-689][0-9]{12,18}",
    rf"{_FOURS}{GAP}[0-9]{{1,3}}",
    _FOURS,
    rf"[2-689][0-9]{{5}}{GAP}[0-9]{{7,13}}",
    rf"3[0-9]{{3}}{GAP}[0-9]{{6}}{GAP}[0-9]{{4,5}}",
)
# Who issues cards with which prefix, and how long they are.
_ISSUERS: Final = (
    (re.compile(r"6[20]|81|69|955[89]"), range(16, 20)),  # UnionPay, and what its banks issued before
    (re.compile(r"4"), (16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"35"), (16,)),  # JCB
    (re.compile(r"3[068]"), (14,)),  # Diners Club
    (re.compile(r"6011|65|64[4-9]"), (16, 19)),  # Discover
    (re.compile(r"5[06-9]|6[37]"), range(13, 20)),  # Maestro
)
# So short, or so old, that only words before it tell: Maestro of twelve digits, Visa of thirteen, JCB before 2004.
_ANNOUNCED_ISSUERS: Final = (
    re.compile(r"(?:5[06-9]|6[37])[0-9]{10}"),
    re.compile(r"4[0-9]{12}"),
    re.compile(r"(?:1800|2131)[0-9]{11}"),
)
# A day without its century, as numbers of orders begin: 240518…
_DAY: Final = re.compile(r"2[2-7](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{10}")
_ANNOUNCED: Final = (
    rf"[56][0-9]{{3}}{GAP}[0-9]{{4}}{GAP}[0-9]{{4}}",
    rf"(?:1800|2131){GAP}[0-9]{{6}}{GAP}[0-9]{{5}}",
)
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ANNOUNCED_SLIP: Final = 0.6
_LIKE_AN_ORDER: Final = 0.3
_LABELS: Final = (
    *(
        "银行卡",
        "银行卡号",
        "银行账号",
        "银行账户",
        "信用卡",
        "信用卡号",
        "储蓄卡",
        "借记卡",
        "储蓄卡号",
        "卡号",
        "工资卡",
    ),
    *("开户账号", "账号", "账户", "帐号", "帐户", "收款账号", "打款到", "转账到", "银联卡", "卡"),
    *("card number", "credit card", "debit card", "card no", "bank card", "card", "visa", "mastercard", "amex"),
    *("account number", "account no", "bank account", "account", "cc"),
)


def card_score(text: str, said: Said = "") -> float | None:
    """Say how sure it is that digits, with or without gaps, are a bank card number.

    What is a valid identity number is none, though one in ten would pass as a card.

    Returns:
        1.0 with the right issuer, length and check digit, but 0.3 directly behind words such as 订单号, and
        for what begins like a day of these years (240518…), where no words announce it;
        0.8 for the short and old numbers of few issuers, where words such as 银行卡 announce one;
        0.6 where only the check digit is wrong and words such as 银行卡 announce it; else None.
    """
    number = compact(text)
    if said == "own" and any(issuer.fullmatch(number) for issuer in _ANNOUNCED_ISSUERS):
        return LIKELY if has_luhn(number) else None
    if not any(issuer.match(number) and len(number) in lengths for issuer, lengths in _ISSUERS):
        return None
    if not has_luhn(number):
        return _ANNOUNCED_SLIP if said == "own" and len(number) > 14 else None
    if len(number) == 18 and identity_score(number) == 1.0:
        return None
    return _LIKE_AN_ORDER if said == "other" or (not said and _DAY.fullmatch(number)) else 1.0


def has_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, Annex B)."""
    plain, doubled = number[-1::-2], number[-2::-2]
    return (sum(map(int, plain)) + sum(_DOUBLED[int(digit)] for digit in doubled)) % 10 == 0


KIND: Final = Kind(RISK, "1-689", _SHAPES, card_score, _LABELS, _ANNOUNCED, written_out=True)

ACCOUNT_KIND: Final = Kind(
    risk=ACCOUNT,
    first="0-9",
    shapes=(),
    announced=(r"[0-9]{1,4}-[0-9]{8,20}", rf"[0-9]{{3,6}}(?:{GAP}[0-9]{{2,6}}){{2,5}}", r"[0-9]{8,24}"),
    check=when_announced(0.55),
    plain=True,
    labels=(
        *("银行账号", "银行账户", "开户账号", "账号", "帐号", "收款账号", "对公账户", "公积金账号", "卡号", "存折"),
        *("account number", "account no", "bank account", "account", "acct", "a/c", "bban", "routing number"),
    ),
)
