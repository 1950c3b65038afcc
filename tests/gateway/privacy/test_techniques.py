"""Each technique makes what its line says, the same again, and takes no option that it does not know."""

from __future__ import annotations

import re

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from gateway.ports import About
from gateway.privacy.techniques import decrypt, techniques, undo_fpe

KEY = b"k" * 32
PHONE = About("pii.mobile_number", KEY)


@pytest.mark.parametrize(
    ("name", "options", "value", "shape"),
    [
        ("mask", {}, "张三abc", r"\*{5}"),
        ("mask", {"keep": [3, 4]}, "13812345678", r"138\*{4}5678"),
        ("redact", {}, "13812345678", ""),
        ("suppress", {}, "13812345678", r"\[mobile_number\]"),
        ("replace", {"with": "（略）"}, "13812345678", "（略）"),
        ("hash", {}, "13812345678", "[0-9a-f]{16}"),
        ("hash", {"length": 40}, "13812345678", "[0-9a-f]{40}"),
        ("encrypt", {}, "13812345678", "[A-Za-z0-9_-]{50,}"),
        ("fpe", {}, "138-1234-5678", r"\d{3}-\d{4}-\d{4}"),
        ("fpe", {}, "12345", r"\d{5}"),
        ("pseudonym", {}, "13812345678", "mobile_number-[2-9A-Z]{6}"),
        ("pseudonym", {"words": {"mobile_number": "手机"}, "length": 8}, "13812345678", "手机-[2-9A-Z]{8}"),
        ("surrogate", {}, "13812345678", r"154\d{8}"),
        ("generalise", {"to": "band-10"}, "37岁", "30–40岁"),
        ("generalise", {"to": "band-10000"}, "月薪23,500元", "月薪20000–30000元"),
        ("generalise", {"to": "month"}, "1990年5月6日", "1990-05"),
        ("generalise", {"to": "decade"}, "1990-05-06", "1990s"),
        ("generalise", {"to": "district"}, "浙江省杭州市西湖区文三路1号", "浙江省杭州市西湖区"),
        ("generalise", {"to": "year"}, "昨天", r"\*"),
        ("noise", {"share": 0.1}, "20000元", r"(1[89]|2[01])\d{3}元"),
        ("noise", {}, "无", ""),
    ],
)
def test_a_technique_makes_what_it_says(name: str, options: dict[str, object], value: str, shape: str) -> None:
    technique = techniques()[name].build(options)
    made = technique.apply(value, PHONE)
    assert re.fullmatch(shape, made), made
    assert technique.apply(value, PHONE) == made


KEYED = ["hash", "encrypt", "fpe", "pseudonym", "surrogate"]


@pytest.mark.parametrize("name", KEYED)
def test_what_is_undone_differs_by_key_value_kind_and_try(name: str) -> None:
    technique = techniques()[name].build({})
    made = {
        technique.apply("13812345678", PHONE),
        technique.apply("13812345679", PHONE),
        technique.apply("13812345678", PHONE._replace(attempt=1)),
        technique.apply("13812345678", PHONE._replace(key=b"l" * 32)),
    }
    assert len(made) == 4
    assert technique.undone
    assert technique.keyed


@pytest.mark.parametrize("name", [name for name in techniques() if name not in KEYED])
def test_what_hides_is_not_undone(name: str) -> None:
    spec = techniques()[name]
    technique = spec.build({"with": "x", "to": "year"})
    assert not technique.undone
    assert "restore" not in spec.options["properties"]


def test_a_policy_can_say_that_nothing_comes_back() -> None:
    assert not techniques()["surrogate"].build({"restore": False}).undone


@given(st.text(min_size=1, max_size=30))
def test_encryption_is_undone_with_its_key_only(value: str) -> None:
    sealed = techniques()["encrypt"].build({}).apply(value, PHONE)
    assert decrypt(sealed, PHONE) == value
    with pytest.raises(InvalidTag):
        decrypt(sealed, PHONE._replace(key=b"l" * 32))


@given(st.text("0123456789- ", min_size=6, max_size=30).filter(lambda text: sum(map(str.isdigit, text)) >= 6))
def test_format_preserving_encryption_is_undone(value: str) -> None:
    made = techniques()["fpe"].build({}).apply(value, PHONE)
    assert re.sub(r"\d", "0", made) == re.sub(r"\d", "0", value)
    assert undo_fpe(made, PHONE) == value


def test_noise_moves_a_number_the_same_way_and_not_too_far() -> None:
    noise = techniques()["noise"].build({"share": 0.2})
    moved = [float(noise.apply(str(number), PHONE)) / number for number in range(10_000, 10_200)]
    assert all(0.8 <= share <= 1.2 for share in moved)
    assert 0.97 < sum(moved) / len(moved) < 1.03
    assert len(set(moved)) > 100


def test_every_technique_has_a_family_of_the_standard_and_closed_options() -> None:
    for spec in techniques().values():
        assert re.fullmatch(r"A\.[1-7]", spec.family)
        assert spec.options["additionalProperties"] is False
