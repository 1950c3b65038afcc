"""Bodies are read strictly and written back with every digit; the table of odd ones is the specification."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import RequestError
from gateway.exchange import shown
from gateway.wire.body import kind, parse, rewrite

SECRET = "贩毒secret"


def refused(raw: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        parse(raw)
    assert caught.value.code == "invalid_json"
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not valid JSON"),
        (b"   ", "not valid JSON"),
        (f'{{"a": "{SECRET}"'.encode(), "not valid JSON"),
        (f'{{"a": {SECRET}}}'.encode(), "not valid JSON"),
        (f'{{"a": "{SECRET}",}}'.encode(), "not valid JSON"),
        (f'{{"a": "{SECRET}"}} {SECRET}'.encode(), "not valid JSON"),
        (f"{{'a': '{SECRET}'}}".encode(), "not valid JSON"),
        (f'{{"a": "{SECRET}\n"}}'.encode(), "not valid JSON"),
        (f'{{"a": "{SECRET}\\x41"}}'.encode(), "not valid JSON"),
        (f'{{"a": "{SECRET}\\ud83d"}}'.encode(), "not valid JSON"),
        (f'{{"{SECRET}\\ude00": 1}}'.encode(), "not valid JSON"),
        (f'{{"a": "{SECRET}"}}'.encode("gbk"), "not valid JSON"),
        (f'{{"a": "{SECRET}"}}'.encode("utf-16"), "not valid JSON"),
        (f'\ufeff{{"a": "{SECRET}"}}'.encode(), "not valid JSON"),
        (b'{"a": "\xed\xa0\x80"}', "not valid JSON"),
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"a": -Infinity}', "not valid JSON"),
        (b'{"a": 1e999}', "not valid JSON"),
        (b'{"a": 01}', "not valid JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (f'["{SECRET}"]'.encode(), "must be a JSON object, not an array"),
        (f'"{SECRET}"'.encode(), "must be a JSON object, not a string"),
        (b"null", "must be a JSON object, not null"),
        (b"1", "must be a JSON object, not a number"),
        (b"true", "must be a JSON object, not a boolean"),
        (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", "nested too deep"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "nested too deep"),
        (b'{"a":' + b"[" * 100_000, "not valid JSON"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "not valid JSON"),
    ],
)
def test_a_bad_body_is_refused_with_what_is_wrong_and_none_of_its_text(raw: bytes, says: str) -> None:
    message = str(refused(raw))
    assert says in message
    assert "贩" not in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1, "a": 2}',
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": [{"b": 1}, {"c": {"d": "x", "d": "x"}}]}',
        '{"a": 1, "\\u0061": 2}',
        '{"角色": "甲", "角色": "乙"}',
        '{"角色": "甲", "\\u89d2\\u8272": "乙"}',
        '{"": 1, "": 2}',
        '{"a": "\\u003a", "b": 1, "b": 2}',
        '{"a": "\\u0022", "b": 1, "b": 2}',
        '{"a\\"": 1, "a\\"": 2}',
        '{"a\\\\": 1, "a\\\\": 2}',
        '{"a\\\\": "\\\\\\"", "a\\u005c": "\\u0022"}',
        '{"a": "\\"\\"", "a": "x"}',
        '{"a": "x", "a": "\\"\\""}',
        '{"a": {"x": {"y": "z"}}, "a": ""}',
        '{"messages": [{"role": "user", "content": "贩毒secret", "content": "hi"}]}',
    ],
)
def test_a_key_that_stands_twice_is_refused_however_it_is_spelled(raw: str) -> None:
    message = str(refused(raw.encode()))
    assert "same key twice" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1, "A": 2}',
        '{"a": {"a": {"a": 1}}}',
        '{"a": [{"b": 1}, {"b": 2}]}',
        '{"a": "\\"a\\": 1, \\"a\\": 2"}',
        '{"a": "\\\\\\\\", "b": "\\\\\\"", "c": "\\\\"}',
        '{"a\\\\": 1, "a\\"": 2, "a": 3, "a\\\\\\"": 4}',
        '{"a": "\\u0022", "b": "\\u005c", "c": "\\n\\\\n"}',
        '{"a": "\\u0022"}',
        '{"a\\u0022\\u0022": ""}',
        '{"a": "\\u003a\\u002c\\u007b"}',
        '{"你": "好\\\\", "好": "\\"你\\""}',
        '{"a": "\\/\\b\\f\\u007f\\u2028"}',
        "{ }",
        '\n{\t"a" :\r 1 }\n',
    ],
)
def test_quotes_and_backslashes_in_strings_are_no_keys(raw: str) -> None:
    assert parse(raw.encode()) == json.loads(raw)


def test_the_deepest_body_that_is_taken_can_be_written_back() -> None:
    taken = 0
    for depth in range(240, 270):
        raw = b'{"b": "x", "a": ' + b"[" * depth + b"1.10" + b"]" * depth + b"}"
        try:
            parse(raw)
        except RequestError:
            break
        taken = depth
        assert rewrite(raw, {("b",): "中"}).startswith('{"b":"中"'.encode())
    assert 240 < taken < 260


NUMBERS = [
    "1.10",
    "1E5",
    "1e-7",
    "-0.0",
    "-0",
    "123456789012345678901234567890",
    "0.1000000000000000055511151231257827",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_keeps_its_digits(number: str) -> None:
    raw = f'{{"n": {number}, "deep": [{{"n": {number}}}], "text": "旧"}}'.encode()
    assert rewrite(raw, {("text",): "新"}).decode() == f'{{"n":{number},"deep":[{{"n":{number}}}],"text":"新"}}'


def test_only_the_paths_named_change_and_the_order_of_keys_stays() -> None:
    raw = '{"z": [{"y": "一", "x": "two"}, "三"], "a": null, "k": true, "😀": "\\ud83d\\ude00"}'.encode()
    changed = rewrite(raw, {("z", 0, "x"): "二", ("z", 1): 'q"\\\n'})
    assert changed.decode() == '{"z":[{"y":"一","x":"二"},"q\\"\\\\\\n"],"a":null,"k":true,"😀":"😀"}'


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({("o", 0): "甲"}, '{"o":{"甲":{"x":1.0},"b":2,"c":3}}'),
        ({("o", 1): "*"}, '{"o":{"a":{"x":1.0},"*":2,"c":3}}'),
        ({("o", 0): "*", ("o", 2): "*"}, '{"o":{"*":{"x":1.0},"b":2,"*_":3}}'),
        ({("o", 0): "b"}, '{"o":{"b_":{"x":1.0},"b":2,"c":3}}'),
        ({("o", 0): "*", ("o", 1): "*", ("o", 2): "*"}, '{"o":{"*":{"x":1.0},"*_":2,"*__":3}}'),
        ({("o", 0): "*", ("o", "a", "x"): "变"}, '{"o":{"*":{"x":"变"},"b":2,"c":3}}'),
        ({("o", "a", "x"): "变", ("o", "a", 0): "y"}, '{"o":{"a":{"y":"变"},"b":2,"c":3}}'),
    ],
)
def test_a_number_at_the_end_of_a_path_to_an_object_renames_its_key(changes: dict[Any, str], expected: str) -> None:
    raw = b'{"o": {"a": {"x": 1.0}, "b": 2, "c": 3}}'
    assert rewrite(raw, changes).decode() == expected


KEYS = st.text(st.sampled_from('ab"\\中😀\n\u2028'), max_size=3)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | KEYS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


@settings(max_examples=150, deadline=None)
@given(OBJECTS, st.booleans(), st.sampled_from([None, 1]))
def test_a_body_is_taken_in_any_spelling_and_rewriting_nothing_changes_nothing(
    body: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    raw = json.dumps(body, ensure_ascii=ascii_only, indent=indent).encode()
    assert parse(raw) == body
    again = rewrite(raw, {})
    assert json.loads(again, parse_float=Decimal) == json.loads(raw, parse_float=Decimal)
    assert list(json.loads(again)) == list(body)


def _spelled(value: Any, twice: list[int]) -> str:
    """Write JSON; ``twice`` counts down to the object that gets one of its keys a second time."""
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)}: {_spelled(inner, twice)}" for key, inner in value.items()]
        if value:
            twice[0] -= 1
            if twice[0] == 0:
                key = next(iter(value))
                pairs.append("".join(['"', *(f"\\u{ord(c):04x}" if ord(c) < 65536 else c for c in key), '": ""']))
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_spelled(inner, twice) for inner in value) + "]"
    return json.dumps(value)


@settings(max_examples=150, deadline=None)
@given(OBJECTS, st.integers(1, 6))
def test_a_key_that_stands_twice_is_found_anywhere_and_nowhere_else(body: dict[str, Any], where: int) -> None:
    twice = [where]
    raw = _spelled(body, twice).encode()
    if twice[0] <= 0:
        assert "same key twice" in str(refused(raw))
    else:
        assert parse(raw) == body


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]",:\\u0d8 1eE.-中', max_size=60).map(str.encode))
def test_any_bytes_are_an_object_or_refused(raw: bytes) -> None:
    try:
        body = parse(raw)
    except RequestError:
        return
    assert orjson.loads(rewrite(raw, {})) == body


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        ({}, "an object"),
        ([], "an array"),
        ("", "a string"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        (b"", "something else"),
    ],
)
def test_types_have_the_names_of_json(value: object, name: str) -> None:
    assert kind(value) == name


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("audio", "audio"),
        ("cache_control", "cache_control"),
        ("", "?"),
        ("身份证", "?"),
        ("two words", "?"),
        ("13800138000", "?"),
        ("a" * 40, "a" * 40),
        ("a" * 41, "?"),
    ],
)
def test_a_key_is_shown_only_if_it_is_a_plain_name(key: str, name: str) -> None:
    assert shown(key) == name
