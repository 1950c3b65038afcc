"""One pass for all kinds: labels, written-out digits, what wins."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kit.personal import all_kinds, found, score

from gateway.detectors.personal import scan
from gateway.detectors.personal.kind import Kind, when_announced
from gateway.detectors.personal.kinds import KINDS
from gateway.detectors.personal.scan import Personal
from gateway.detectors.shape import read_shape
from gateway.text import TextView

ALL = Personal(KINDS, "personal_data")


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
        ("一、⑴13800138000", "13800138000", "mobile_number"),  # the item's number is no part of it
        (
            "手机一. 三、八. 零. 零. 一. 三. 八. 零. 零. 零",
            "一. 三、八. 零. 零. 一. 三. 八. 零. 零. 零",
            "mobile_number",
        ),
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


@given(st.text("一三零5x .、-号a", max_size=60))
@example("号一二三四五六七")
def test_a_quick_look_leaves_out_no_row_of_digits(text: str) -> None:
    assert not scan._SPELLED.search(text) or scan._MAYBE_SPELLED.search(text)


@given(st.text("京沪a1f9:.-年月 (+", max_size=24))
def test_a_value_that_breaks_off_is_seen_of_whatever_kind(text: str) -> None:
    for character, kinds in ALL._by_first.items():
        one_by_one = any(kind.begun.fits(character + text, 0) for kind in kinds)
        assert any(begun.fits(character + text, 0) for begun in ALL._begun[character]) is one_by_one


def test_of_values_that_break_off_none_is_too_long() -> None:
    for kinds in ALL._by_first.values():
        for one in kinds:
            for shape in (read_shape(shape) for shape in (*one.kind.shapes, *one.kind.announced)):
                assert shape.most <= one.begun.most
    for character, kinds in ALL._by_first.items():
        assert max(one.most for one in ALL._begun[character]) == max(one.begun.most for one in kinds)
    begun = scan._Begun(3, "ab?c?")
    assert [begun.fits(text, 1) for text in ("xa", "xabc", "xabcc")] == [True, True, False]


def test_words_that_name_something_else_count_only_directly_before() -> None:
    assert score("订单号4111111111111111") == 0.3
    assert score("订单号20240101，银行卡4111111111111111") == 1.0
    assert score("订单已付款，卡号4111111111111111") == 1.0


def test_the_last_words_before_a_value_count() -> None:
    assert found("护照E12345678，QQ 23456789") == [("E12345678", "passport"), ("23456789", "qq")]


def test_words_that_have_left_are_remembered_and_no_others() -> None:
    see = all_kinds()
    text = "的护照是E12345678。"
    assert [f.score for f in see(TextView(text, 3, before="他")).findings] == [0.9]
    assert [f.score for f in see(TextView("是E12345678。", 1, before="他的护照")).findings] == [0.9]
    assert [f.score for f in see(TextView("是E12345678。", 1)).findings] == [0.4]
    escaped = TextView("是E12345678。", 1, before="\\u62a4\\u7167", escaped=True)
    assert [f.score for f in see(escaped).findings] == [0.9]


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
