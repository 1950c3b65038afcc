"""Options are checked against what a kind of detector declares, word for word."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from gateway.document import read_document
from gateway.policy.options import check_options

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 9, "description": "1 to 9"},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "mode": {"enum": ["快", "slow", 3]},
        "names": {"type": ["array", "null"], "items": {"type": "string", "minLength": 2}, "minItems": 1, "maxItems": 2},
        "deep": {"type": "object", "properties": {"flag": {"type": "boolean"}}, "required": ["flag"]},
        "free": {"type": "object", "additionalProperties": True},
        "map": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}

ROWS: list[tuple[str, str | None]] = [
    ("{size: 1, share: 0.5, mode: 快, names: [甲乙], deep: {flag: true}, free: {x: [1]}, map: {a: 1}}", None),
    ("{size: 9, share: 0.99, mode: 3, names: null}", None),
    ("{}", None),
    ("[]", "f.yaml:1:1: options should be a mapping"),
    ("{size: 0}", "f.yaml:1:2: the option 'size' should be at least 1 — 1 to 9"),
    ("{size: 10}", "the option 'size' should be at most 9"),
    ("{size: 1.5}", "the option 'size' should be a whole number"),
    ("{size: true}", "the option 'size' should be a whole number"),
    ("{share: 0}", "the option 'share' should be greater than 0"),
    ("{share: 1}", "the option 'share' should be less than 1"),
    ("{share: true}", "the option 'share' should be a number"),
    ("{mode: slw}", "the option 'mode' may not be 'slw'; known: '快', 'slow', 3 — did you mean 'slow'?"),
    ("{names: []}", "the option 'names' needs at least 1"),
    ("{names: [ab, cd, ef]}", "the option 'names' takes at most 2"),
    ("{names: [ab, c]}", "f.yaml:1:14: the option 'names' is too short"),
    ("{names: ab}", "the option 'names' should be a list or empty"),
    ("{deep: {}}", "f.yaml:1:2: the option 'flag' is missing — add it"),
    ("{deep: {flag: 1}}", "f.yaml:1:9: the option 'flag' should be true or false"),
    ("{deep: {flag: true, flg: 1}}", "f.yaml:1:21: unknown option 'flg' — did you mean 'flag'?"),
    ("{map: {a: x}}", "the option 'a' should be a number"),
    ("{zzz: 1}", "unknown option 'zzz' — known options: deep, free, map, mode, names, share, size"),
]


@pytest.mark.parametrize(("text", "message"), ROWS)
def test_options_fit_or_the_line_is_named(text: str, message: str | None) -> None:
    document = read_document(text, "f.yaml")
    problems = [str(problem) for problem in check_options(SCHEMA, document.value, document, ())]
    assert len(problems) == (message is not None)
    assert all(message in problem for problem in problems if message)


@pytest.mark.parametrize(("text", "message"), [row for row in ROWS if "unknown option" not in str(row[1])])
def test_json_schema_agrees(text: str, message: str | None) -> None:
    value = read_document(text, "f.yaml").value
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(value) == (message is None)
