"""Bank card numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import whole_scan

from gateway.detectors.personal.card import has_luhn
from gateway.detectors.registry import registry
from gateway.text import TextView

SCAN = registry()["bank_card"].build({}, lambda name: b"").scan
assert SCAN is not None


def completed(head: str) -> str:
    return next(head + last for last in "0123456789" if has_luhn(head + last))


UNION_19 = completed("622202123456789012")
UNION_18 = completed("62220212345678901")
UNION_16 = completed("622202123456789")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("卡号4111111111111111请查收", ["4111111111111111"]),
        ("卡号４１１１１１１１１１１１１１１１", ["４１１１１１１１１１１１１１１１"]),
        (f"我的银联卡{UNION_19}。", [UNION_19]),
        (f"card {UNION_16}, and {UNION_18}", [UNION_16, UNION_18]),
        ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("4111-1111-1111-1111有效期12/30", ["4111-1111-1111-1111"]),
        ("4111 1111 1111 1111 123", ["4111 1111 1111 1111"]),
        (f"{UNION_19[:4]} {UNION_19[4:8]} {UNION_19[8:12]} {UNION_19[12:16]} {UNION_19[16:]}呢", ["all"]),
        (f"{UNION_19[:6]} {UNION_19[6:]}", ["all"]),
        ("Amex 3782 822463 10005", ["3782 822463 10005"]),
        ("378282246310005", ["378282246310005"]),
        ("Diners 30569309025904", ["30569309025904"]),
        ("5555555555554444 and 2223003122003222", ["5555555555554444", "2223003122003222"]),
        ("3530111333300000", ["3530111333300000"]),
        ("6011111111111117", ["6011111111111117"]),
        ("4222222222222", []),
        (completed("222012345678901"), []),
        (completed("272112345678901"), []),
        (completed("272012345678901"), [completed("272012345678901")]),
        ("订单号4111111111111112", []),
        ("订单号" + completed("202611220001234"), []),
        ("运单" + completed("73112345678901"), []),
        (completed("41111111111111"), []),
        (completed("511111111111111111"), []),
        ("14111111111111111", []),
        ("41111111111111110", []),
        ("x4111111111111111", []),
        ("4111111111111111x", []),
        ("4111  1111 1111 1111", []),
    ],
)
def test_cards_have_an_issuer_a_length_and_a_check_digit(text: str, found: list[str]) -> None:
    _, findings = whole_scan(SCAN, text)
    numbers = [text[f.start : f.end] for f in findings]
    if found == ["all"]:
        found = [text.rstrip("呢")]
    assert numbers == found
    assert all((f.risk, f.score) == ("pii.bank_card", 1.0) for f in findings)


SHORT = completed("50181111111")
OLD = completed("18001111111111")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (f"my card {SHORT} is lost", 0.8),
        (f"我的银行卡{SHORT}", 0.8),
        (f"card number {SHORT[:4]} {SHORT[4:8]} {SHORT[8:]}", 0.8),
        (f"credit card: {OLD}", 0.8),
        ("Visa 4222222222222", 0.8),
        ("卡号4222222222222", 0.8),
        ("条形码 4222222222222", None),
        (f"card no {completed('21311111111111')}", 0.8),
        (f"we had {SHORT} visits", None),
        (f"we had {OLD} visits", None),
        (f"we had {completed('21311111111111')} visits", None),
        (f"order number {SHORT}", None),
        (f"订单号{OLD}", None),
        (f"card {SHORT[:-1]}{(int(SHORT[-1]) + 1) % 10}", None),
        (f"card {completed('17001111111111')}", None),
        (f"card {completed('51111111111')}", None),
    ],
)
def test_short_and_old_numbers_are_cards_where_words_say_so(text: str, score: float | None) -> None:
    assert [one.score for one in whole_scan(SCAN, text)[1]] == ([score] if score else [])


def test_what_begins_like_a_day_is_a_card_only_where_words_say_so() -> None:
    number = completed("240518123456789")
    assert [one.score for one in whole_scan(SCAN, f"处理完 {number}")[1]] == [0.3]
    assert [one.score for one in whole_scan(SCAN, f"卡号 {number}")[1]] == [1.0]


def test_a_valid_identity_number_is_no_card() -> None:
    number = "620102200301010078"
    assert has_luhn(number)
    assert whole_scan(SCAN, f"身份证{number}")[1] == []
    identity = registry()["identity_number"].build({}, lambda name: b"").scan
    assert identity is not None
    assert [f.score for f in whole_scan(identity, f"身份证{number}")[1]] == [1.0]


@given(st.text("0123456789", min_size=12, max_size=18))
def test_one_of_ten_last_digits_is_the_check_digit(head: str) -> None:
    assert sum(has_luhn(head + last) for last in "0123456789") == 1


def test_what_may_begin_inside_of_a_card_does_not_hold_the_card() -> None:
    number = completed("422222222222222")
    card = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    scan = SCAN(TextView(f"{card} 2345 6", final=False))
    assert [(f.start, f.end) for f in scan.findings] == [(0, len(card))]
    assert scan.open == len(card) + 1
