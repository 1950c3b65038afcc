"""Two writings of one value are one: case, width and what stands between its characters do not count."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.privacy.plain import BETWEEN, plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("13812345678", "138 1234-5678"),
        ("13812345678", "１３８·１２３４·５６７８"),
        ("zhang.san@example.com", "Zhang.San@Example.COM"),
        ("张三", "张 三"),
        ("张三 Zhang", "**张三** `zhang`"),
        ("11010519491231002X", "110105 19491231 002x"),
        ("北京市\n海淀区", "北京市　海淀区"),
        ("a~b_c", "A b\tC"),
    ],
)
def test_writings_of_one_value_are_alike(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("13812345678", "13812345679"), ("张三", "张四"), ("a@b.com", "a@c.com"), ("1/2", "12"), ("", "x")],
)
def test_other_values_are_not(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@settings(max_examples=40, deadline=None)
@given(st.text("aB1张３　 -.·•*~`", max_size=20))
def test_what_is_plain_stays_as_it_is_and_has_nothing_between_its_characters(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert BETWEEN.isdisjoint(plain(text))
