"""One pass for all kinds: labels, written-out digits, what wins."""

from __future__ import annotations

import pytest
from kit.personal import all_kinds, found, score

from gateway.detectors.personal.kind import Kind, when_announced
from gateway.detectors.personal.scan import Personal
from gateway.text import TextView


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("身份证号：一一零一零五一九四九一二三一零零二X", "一一零一零五一九四九一二三一零零二X", "identity_number"),
        ("手机幺三八零零一三八零零零谢谢", "幺三八零零一三八零零零", "mobile_number"),
        ("手机壹叁捌零零壹叁捌零零零", "壹叁捌零零壹叁捌零零零", "mobile_number"),
        ("打 1 3 8 0 0 1 3 8 0 0 0 找我", "1 3 8 0 0 1 3 8 0 0 0", "mobile_number"),
        ("打1-3-8-0-0-1-3-8-0-0-0", "1-3-8-0-0-1-3-8-0-0-0", "mobile_number"),
        ("1.3.8.0.0.1.3.8.0.0.0", "1.3.8.0.0.1.3.8.0.0.0", "mobile_number"),
        ("①③⑧００①③⑧０００", "①③⑧００①③⑧０００", "mobile_number"),
        ("138零零138零零零", "138零零138零零零", "mobile_number"),
    ],
)
def test_digits_are_read_however_they_are_written_out(text: str, value: str, kind: str) -> None:
    assert found(text) == [(value, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "二零二四年一月一日",
        "一二三四五六七八九十",
        "一三八零零一三八零零零零零零",
        "1 2 3 4 5 6 7 8 9 10 11",
        "1,2,3,4,5,6,7,8,9,10,11",
        "13 80 01 38 00 0",
        "三三两两，一五一十，七上八下",
    ],
)
def test_numbers_that_are_none_are_not_read(text: str) -> None:
    assert found(text) == []


def test_words_that_name_something_else_count_only_directly_before() -> None:
    assert score("订单号4111111111111111") == 0.3
    assert score("订单号20240101，银行卡4111111111111111") == 1.0
    assert score("订单已付款，卡号4111111111111111") == 1.0


def test_the_last_words_before_a_value_count() -> None:
    assert found("护照E12345678，QQ 23456789") == [("E12345678", "passport"), ("23456789", "qq")]


def test_words_that_have_left_are_remembered_and_no_others() -> None:
    scan = all_kinds()
    text = "的护照是E12345678。"
    assert [f.score for f in scan(TextView(text, 3, before="他")).findings] == [0.9]
    assert [f.score for f in scan(TextView("是E12345678。", 1, before="他的护照")).findings] == [0.9]
    assert [f.score for f in scan(TextView("是E12345678。", 1)).findings] == [0.4]
    escaped = TextView("是E12345678。", 1, before="\\u62a4\\u7167", escaped=True)
    assert [f.score for f in scan(escaped).findings] == [0.9]


def test_the_surer_one_counts_however_short_it_is() -> None:
    kinds = [
        Kind("pii.long", "0-9", ("[0-9]{4}(?:-[0-9])?",), lambda text, said: 0.5),
        Kind("pii.sure", "0-9", ("[0-9]{4}",), lambda text, said: 0.6),
    ]
    for those in (kinds, kinds[::-1]):
        (first, *_) = Personal(those, "x")(TextView("1234-5 ")).findings
        assert (first.start, first.end, first.risk) == (0, 4, "pii.sure")


def test_what_equals_is_decided_by_length_and_then_by_order() -> None:
    kinds = [
        Kind("pii.a", "0-9", ("[0-9]{4}",), lambda text, said: 0.5),
        Kind("pii.b", "0-9", ("[0-9]{4}(?:-[0-9])?",), lambda text, said: 0.5),
        Kind("pii.c", "0-9", ("[0-9]{4}",), lambda text, said: 0.5),
        Kind("pii.d", "0-9", (), when_announced(0.9), ("d",), announced=("[0-9]{4,5}",)),
    ]
    scan = Personal(kinds, "x")
    assert [f.risk for f in scan(TextView("1234 1234-5 d 1234 d 12345")).findings] == [
        "pii.a",
        "pii.b",
        "pii.d",
        "pii.d",
    ]
