"""A surrogate has the shape of what it stands for, and belongs to nobody."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.draw import Draw
from gateway.privacy.surrogates import gender_of, identity_check, luhn_digit, surrogate_of

VALID_ID = "11010519491231002X"


def made(risk: str, value: str, context: str = "") -> str:
    return surrogate_of(f"pii.{risk}", value, Draw(b"k" * 32, context.encode()))


@pytest.mark.parametrize(
    ("risk", "value", "shape"),
    [
        ("mobile_number", "13812345678", r"154\d{8}"),
        ("mobile_number", "138-1234-5678", r"154-\d{4}-\d{4}"),
        ("mobile_number", "+86 138 1234 5678", r"\+86 154 \d{4} \d{4}"),
        ("mobile_number", "１３８１２３４５６７８", r"154\d{8}"),
        ("landline", "010-62345678", r"010-1\d{7}"),
        ("landline", "0571 8765432转12", r"0571 1\d{6}转\d{2}"),
        ("identity_number", VALID_ID, r"\d{17}[\dX]"),
        ("identity_number", "110105 19491231 002X", r"\d{6} \d{8} \d{3}[\dX]"),
        ("bank_card", "6222020200112233445", r"99\d{17}"),
        ("bank_card", "4111 1111 1111 1111", r"99\d{2} \d{4} \d{4} \d{4}"),
        ("email", "zhang.san@firm.cn", r"[a-z][a-z0-9]{4,11}@example\.(com|org|net)"),
        ("person_name", "张三", r"[\u4e00-\u9fff]{2}"),
        ("person_name", "欧阳文静", r"[\u4e00-\u9fff]{4}"),
        ("person_name", "买买提·吐尔逊", r"[\u4e00-\u9fff]{3}·[\u4e00-\u9fff]{3}"),
        ("person_name", "John Smith", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("person_name", "JOHN SMITH", r"[A-Z]+ [A-Z]+"),
        ("person_name", "J. Smith", r"[A-Z]\. [A-Z][a-z]+"),
        ("person_name", "Ann", r"[A-Z][a-z]+"),
        ("address", "北京市朝阳区建国路88号", r"\S{2}市\S{2}区\S+路\d+号"),
        ("address", "12 Elm Road, Leeds", r"\d+ [A-Z][a-z]+ Street, [A-Z][a-z]+"),
        ("organization", "某某科技有限公司", r"\S{4}有限公司"),
        ("organization", "Acme Inc.", r"[A-Z][a-z]+ Inc\."),
        ("ip_address", "10.0.0.8", r"203\.0\.113\.\d{1,3}"),
        ("ip_address", "fe80::1", r"2001:db8::[0-9a-f]+:[0-9a-f]+"),
        ("url", "http://a.cn/?token=1", r"http://example\.com/[a-z0-9]{8}"),
        ("plate", "京A12345", r"[\u4e00-\u9fff][A-Z]\d{5}"),
        ("passport", "E12345678", r"[A-Z]\d{8}"),
        ("mobile_number", "12345", r"\d{5}"),
        ("identity_number", "123", r"\d{3}"),
    ],
)
def test_a_surrogate_has_the_shape_of_its_value(risk: str, value: str, shape: str) -> None:
    surrogate = made(risk, value)
    assert re.fullmatch(shape, surrogate), surrogate
    assert surrogate != value


@given(st.text("0123456789", min_size=17, max_size=17))
def test_identity_numbers_pass_their_check_digit_and_stand_in_no_area(seed: str) -> None:
    number = made("identity_number", VALID_ID, seed)
    assert identity_check(number[:17]) == number[17]
    assert number[2] == "9"
    assert number[4:6] == "99"
    assert int(number[16]) % 2 == 0, "the digit that shows the gender stays even"


@given(st.integers(13, 19), st.text(max_size=5))
def test_cards_pass_their_check_digit(size: int, seed: str) -> None:
    number = made("bank_card", "4" * size, seed)
    assert luhn_digit(number[:-1]) == number[-1]
    assert len(number) == size


def test_a_credit_code_passes_its_check_digit() -> None:
    code = made("credit_code", "91350100M000100Y43")
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(character) * pow(3, at, 31) for at, character in enumerate(code[:17]))
    assert alphabet[-total % 31] == code[17]


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("王丽", "female"),
        ("王军", "male"),
        ("王一", "neutral"),
        ("李女士", "female"),
        ("李先生", "male"),
        ("Linda Hart", "female"),
        ("Mr. Hart", "male"),
        ("Zed", "neutral"),
    ],
)
def test_a_gender_that_shows_is_kept(name: str, gender: str) -> None:
    assert gender_of(name) == gender
    if gender != "neutral" and len(name) == 2:
        assert gender_of(made("person_name", name)) == gender
