"""Unified social credit codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.personal import found, score

from gateway.detectors.personal.credit_code import KIND, credit_code_score, has_organisation_check

SYMBOLS = "0123456789abcdefghjklmnpqrtuwxy"


def completed(head: str) -> str:
    return next(head + last for last in SYMBOLS if credit_code_score(head + last))


CODE = completed("91110105ma01ab2c7")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"统一社会信用代码{CODE.upper()}，注册资本", [(CODE.upper(), "credit_code")]),
        (f"我司{CODE}。", [(CODE, "credit_code")]),
        ("信用代码91110105MA01AB2C7A", [("91110105MA01AB2C7A", "credit_code")]),
        ("编号91110105MA01AB2C7A", []),
        ("组织机构代码12345678-5", [("12345678-5", "credit_code")]),
        ("税号：110105123456789", [("110105123456789", "credit_code")]),
        ("uscc 12345678-5", [("12345678-5", "credit_code")]),
        ("型号12345678-5", []),
    ],
)
def test_codes_are_told_by_their_check_character_or_the_words_before(text: str, expected: list[object]) -> None:
    assert found(text) == expected


@given(st.text("0123456789", min_size=6, max_size=6), st.text(SYMBOLS, min_size=9, max_size=9))
def test_one_of_31_last_characters_is_the_check_character(area: str, code: str) -> None:
    head = "91" + area + code
    assert sum(credit_code_score(head + last) is not None for last in SYMBOLS) == 1


def test_a_code_whose_inner_check_is_right_too_is_surer() -> None:
    inner = next("ma01ab2c" + last for last in "0123456789x" if has_organisation_check("ma01ab2c" + last))
    assert score(completed("91110105" + inner)) == 1.0
    assert {credit_code_score(completed("91110105ma01ab2c" + last)) for last in "0123456789x"} == {0.8, 1.0}


def test_its_risk() -> None:
    assert KIND.risk == "pii.credit_code"
