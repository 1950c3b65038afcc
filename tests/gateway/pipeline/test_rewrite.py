"""Hiding parts of JSON: it stays JSON, and nothing that any span hides stays readable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.masking import Span
from gateway.pipeline.rewrite import JsonMask, mask_json


@pytest.mark.parametrize(
    ("text", "hidden", "value"),
    [
        ('{"a": "张三"}', "张三", {"a": "**"}),
        ('{"a": 13800138000, "b": 1}', "13800138000", {"a": "***********", "b": 1}),
        ("13800138000", "13800138000", "***********"),
        ('{"a": -13800138000}', "13800138000", {"a": -11111111111}),
        ('{"a": 13800138000.5}', "13800138000", {"a": "***********.5"}),
        ('{"a": 0.13800138000}', "13800138000", {"a": 0.11111111111}),
        ('{"a": 12e5}', "12", {"a": "**e5"}),
        ('{"a": [1.25]}', ".25", {"a": [1.11]}),
        ('{"a": true}', "true", {"a": "****"}),
        ('{"张三": 1}', "张三", {"**": 1}),
        ('{"a": "x\\"y"}', 'x\\"y', {"a": "****"}),
        ('{"a": "\\u5f20\\u4e09"}', "\\u5f20\\u4e09", {"a": "*" * 12}),
        ('{"a": "一", "b": "二"}', '一", "b": "二', {"a": "*", "*": "*"}),
        ('{"a": [12, null, true, -1.5e3], "b": "c"}', '12, null, true, -1.5e3], "b', None),
        ('{"a": 12, "b": 3}', '12, "b": 3', None),
    ],
)
def test_masked_json_is_json(text: str, hidden: str, value: Any) -> None:
    at = text.index(hidden)
    masked = mask_json(text, [Span(at, at + len(hidden))])
    assert hidden not in masked
    parsed = json.loads(masked)
    if value is not None:
        assert parsed == value


def test_a_number_that_is_masked_keeps_its_ends_as_a_rule_says() -> None:
    assert mask_json('{"n":13800138000}', [Span(5, 16, (3, 4))]) == '{"n":"138****8000"}'
    assert mask_json('{"n":"\\u0031380"}', [Span(6, 15, (3, 4))]) == '{"n":"*********"}'


def test_two_spans_in_one_number_make_one_string() -> None:
    assert mask_json('{"n":123456}', [Span(5, 7), Span(9, 11)]) == '{"n":"**34**"}'
    assert mask_json("[12,34]", [Span(1, 3), Span(4, 6)]) == '["**","**"]'
    assert mask_json("[123,45]", [Span(1, 3), Span(3, 6)]) == '["***",15]'


def test_text_that_is_no_json_is_hidden_all_the_same() -> None:
    assert "三" not in mask_json('叫张三"和"李四', [Span(1, 8)])
    assert mask_json('{name: 张三"', [Span(7, 10)]) == '{name: **"'
    assert "毒" not in mask_json("毒\\品", [Span(0, 3)])
    assert mask_json('\\"张三"', [Span(2, 4)]) == '\\"**"'


def _places(raw: str) -> list[tuple[int, int]]:
    """Return where the strings and numbers of a JSON text stand, without quotation marks."""
    places = []
    at = 0
    while at < len(raw):
        if raw[at] == '"':
            end = at + 1
            while raw[end] != '"':
                end += 2 if raw[end] == "\\" else 1
            places.append((at + 1, end))
            at = end + 1
        elif raw[at] in "-0123456789":
            end = at
            while end < len(raw) and raw[end] in "+-.eE0123456789":
                end += 1
            places.append((at, end))
            at = end
        else:
            at += 1
    return places


def _whole_escapes(raw: str, start: int, end: int) -> list[int]:
    """Return every offset of ``raw[start:end]`` at which no escape is cut."""
    offsets, at = [start], start
    while at < end:
        size = 1
        if raw[at] == "\\":
            size = 6 if raw[at + 1] == "u" else 2
        at += size
        offsets.append(at)
    return offsets


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('ab1张三"\\\n😀', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a张"\\', max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(VALUES, st.booleans(), st.data())
def test_whatever_leaf_is_masked_the_json_still_parses_however_it_is_cut(
    value: Any, ascii_only: bool, data: st.DataObject
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only)
    spans = []
    for start, end in _places(raw):
        offsets = _whole_escapes(raw, start, end)
        if len(offsets) > 1 and data.draw(st.booleans()):
            first, last = sorted(data.draw(st.lists(st.sampled_from(offsets), min_size=2, max_size=2, unique=True)))
            number = raw[start] in "-0123456789" and (start == 0 or raw[start - 1] != '"')
            if number and not any(c.isdigit() for c in raw[first:last]):
                continue  # no detector finds a sign alone
            spans.append(Span(first, last, data.draw(st.sampled_from([(0, 0), (1, 1), (2, 0)]))))
    masked = mask_json(raw, spans)
    json.loads(masked)
    for span in spans:
        hidden = raw[span.start : span.end]
        if span.keep == (0, 0) and len(hidden) > 3 and set(hidden) - set("1*"):
            assert not (raw.count(hidden) == 1 and hidden in masked)
    # The same in two pieces, cut where no span is cut.
    cuts = [at for at in range(len(raw) + 1) if not any(s.start < at < s.end for s in spans)]
    cut = data.draw(st.sampled_from(cuts))
    masking = JsonMask()
    pieces = masking.mask(raw[:cut], [s for s in spans if s.end <= cut])
    pieces += masking.mask(raw[cut:], [Span(s.start - cut, s.end - cut, s.keep) for s in spans if s.start >= cut])
    assert pieces + masking.close() == masked


@pytest.mark.parametrize(
    ("text", "stretch", "instead", "said"),
    [
        ('{"n": "张三来了"}', "张三", "李四", '{"n": "李四来了"}'),
        ('{"n": "张三"}', "张三", 'a"b\\c\n', '{"n": "a\\"b\\\\c\\n"}'),
        ('{"n": "\\u5f20\\u4e09"}', "\\u5f20\\u4e09", "李四", '{"n": "李四"}'),
        ('{"n": 13812345678, "m": 1}', "13812345678", "15412345678", '{"n": 15412345678, "m": 1}'),
        ('{"n": 13812345678}', "13812345678", "phone-7KQ", '{"n": "phone-7KQ"}'),
        ('{"n": 13812345678}', "13812345678", "0154", '{"n": "0154"}'),
        ("[13812345678]", "13812345678", "138-1", '["138-1"]'),
        # A stretch with structure in it cannot become one value.
        ('["a", "b"]', 'a", "b', "X", '["*", "*"]'),
    ],
)
def test_what_stands_in_the_place_of_a_value_is_written_as_json(
    text: str, stretch: str, instead: str, said: str
) -> None:
    start = text.index(stretch)
    made = mask_json(text, [Span(start, start + len(stretch), instead=instead)])
    assert made == said
    json.loads(made)


def test_a_number_whose_head_has_left_cannot_become_another() -> None:
    masking = JsonMask()
    out = masking.mask('{"n": 138', []) + masking.mask("12345678}", [Span(0, 8, instead="X")]) + masking.close()
    assert out == '{"n": 13811111111}'
