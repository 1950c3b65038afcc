"""Names that are written by their sound."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import cut_randomly, stream_scan, whole_scan

from gateway.detectors.names.foreign import _IN_COMPANY, DOTTED, SOUNDS, TIBETAN, begun
from gateway.detectors.names.people import ChinesePeople
from gateway.detectors.names.weights import ZH, read_chinese
from gateway.text import TextView

PEOPLE = ChinesePeople(read_chinese(ZH.read_bytes()))


def people(text: str) -> list[str]:
    return [text[f.start : f.end] for f in PEOPLE(TextView(text)).findings if f.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("客户约翰·沃森根据合同要求退款", ["约翰·沃森"]),
        ("我觉得大卫·威廉姆斯得了第一", ["大卫·威廉姆斯"]),
        ("安东·彼得罗夫打来电话，保罗·芬奇没来", ["安东·彼得罗夫", "保罗·芬奇"]),
        ("亚历山大·费奥多罗夫的护照", ["亚历山大·费奥多罗夫"]),
        ("阿不都热依木·玉素甫住在喀什", ["阿不都热依木·玉素甫"]),
        ("阿卜杜拉·司马义，男", ["阿卜杜拉·司马义"]),
        ("Mr 芭芭拉·布朗 called", ["芭芭拉·布朗"]),
        ("他不是尼克·马丁", ["尼克·马丁"]),
        ("约翰·凯赖于 1922 年出生", ["约翰·凯赖"]),
        ("患者扎西顿珠，主诉头痛", ["扎西顿珠"]),
        ("洛桑平措和次仁央宗结婚了", ["洛桑平措", "次仁央宗"]),
        ("the driver 多吉旺堆 called", ["多吉旺堆"]),
        ("扎西德勒！格桑花开了", []),
        ("卓玛家的牦牛，尼玛县，米玛", []),
        ("保证·如果·得到", []),
        ("1·2·3", []),
    ],
)
def test_names_written_by_their_sound(text: str, expected: list[str]) -> None:
    assert people(text) == expected


def test_a_word_that_writes_a_sound_in_company_is_no_sound_alone() -> None:
    assert not set(_IN_COMPANY) & set(SOUNDS)
    assert DOTTED.search("大卫·丁") is not None
    assert DOTTED.search("保卫·丁") is None
    assert TIBETAN.search("扎西") is None


def test_what_the_end_cuts_off_may_still_become_a_name() -> None:
    assert begun("大卫·", 0)
    assert begun("我见了扎西次", 3)
    assert begun("我见了扎", 3)
    assert not begun("扎西他", 0)


PIECES = (
    *("大", "卫", "·", "威", "廉", "阿", "不", "都", "热", "保", "罗", "根", "据", "玉", "素", "甫", "彼", "得", "了"),
    *("扎西", "次仁", "次", "仁", "青", "多", "吉", "卓玛", "德", "，", "我", "a", " "),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join), st.integers(0, 2**32))
def test_any_text_cut_anywhere_is_the_same(text: str, seed: int) -> None:
    source = random.Random(seed)
    once = whole_scan(PEOPLE, text)
    assert stream_scan(PEOPLE, list(text), behind=32) == once
    assert stream_scan(PEOPLE, cut_randomly(text, source), behind=32, others=source) == once


@pytest.mark.parametrize("unit", ["大卫", "大卫·", "阿不都·", "不都", "扎西", "扎", "次仁次", "彼得·保罗"])
def test_the_worst_is_read_in_one_go(unit: str) -> None:
    view = TextView(unit * (200_000 // len(unit)))
    assert PEOPLE(view).open == len(view.text)
