"""Editors see the same shape as the compiler, with the detectors that a registry knows."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from kit.specs import specs

from gateway.document import read_document
from gateway.policy.load import load_policy
from gateway.policy.schema import ACTIONS, RELEASES, json_schema
from gateway.verdict import ACTIONS as KNOWN_ACTIONS

HEAD = "sluice: 1\nname: x\n"
RULE = "request: {rules: [{id: a, when: {risk: pii}, then: mask, on_error: pass}]}\n"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (HEAD, True),
        (HEAD + RULE, True),
        (HEAD + RULE.replace("risk: pii", "risk: [pii.email, a1]"), True),
        (HEAD + RULE.replace("risk: pii", "risk: []"), False),
        (HEAD + RULE.replace("risk: pii", "risk: PII"), False),
        (HEAD + RULE.replace("then: mask", "then: block"), False),
        (HEAD + RULE.replace(", on_error: pass", ""), False),
        (HEAD + RULE.replace("then: mask", "then: mask, keep: [3, 4]"), True),
        (HEAD + RULE.replace("then: mask", "then: mask, keep: [3]"), False),
        (HEAD + RULE.replace("request", "response").replace("then: mask", "then: refuse, release: follow"), True),
        (HEAD + RULE.replace("request", "response").replace("then: mask", "then: refuse, release: later"), False),
        (HEAD + "detctors: []\n", False),
        ("name: x\n", False),
        (HEAD + "detectors: [{id: a, use: phone}]\n", True),
        (HEAD + "detectors: [{id: a, use: fone}]\n", False),
        (HEAD + "detectors: [{id: a, use: phone, options: {x: 1}}]\n", False),
        (HEAD + "detectors: [{id: a, use: find, options: {pattern: x, risk: r}}]\n", True),
        (HEAD + "detectors: [{id: a, use: find, options: {pattern: x}}]\n", False),
        (HEAD + "detectors: [{id: a, use: find, options: {pattern: x, risk: r, scroe: 1}}]\n", False),
        (HEAD + "detectors: [{id: a, use: find}]\n", False),
        (HEAD + "label: {position: end, words: {zh: 人工智能生成, en: AI-generated}}\n", True),
        (HEAD + "label: {position: top}\n", False),
        (HEAD + "replies: {safe: {zh: 好}}\n", False),
    ],
)
def test_the_schema_takes_what_the_compiler_takes(text: str, fits: bool) -> None:
    schema = json_schema(specs())
    jsonschema.Draft202012Validator.check_schema(schema)
    value = read_document(text, "f.yaml").value
    assert jsonschema.Draft202012Validator(schema).is_valid(value) == fits


def test_the_schema_explains_every_detector_and_every_choice() -> None:
    shapes = json_schema(specs())["$defs"]
    kinds = {option["const"]: option["description"] for option in shapes["DetectorEntry"]["properties"]["use"]["oneOf"]}
    assert kinds == {name: spec.summary for name, spec in specs().items()}
    rule = shapes["RuleEntry"]["properties"]
    assert [option["const"] for option in rule["then"]["oneOf"]] == list(KNOWN_ACTIONS) == list(ACTIONS)
    assert {option["const"]: option["description"] for option in rule["release"]["oneOf"]} == RELEASES
    assert "pii.email" in shapes["WhenEntry"]["properties"]["risk"]["examples"]


def test_every_key_has_a_description() -> None:
    schema = json_schema(specs())
    bare = [
        f"{name}.{key}"
        for name, shape in [("PolicyFile", schema), *schema["$defs"].items()]
        for key, field in shape["properties"].items()
        if not field.get("description")
    ]
    assert bare == []


def test_no_key_or_choice_is_a_word_that_yaml_takes_for_a_boolean() -> None:
    def words(shape: object) -> set[str]:
        if isinstance(shape, dict):
            own = {str(word) for word in [*shape.get("properties", {}), *shape.get("enum", []), shape.get("const")]}
            return own.union(*(words(part) for part in shape.values()))
        return set().union(*(words(part) for part in shape)) if isinstance(shape, list) else set()

    found = words(json_schema(specs()))
    assert {"on_error", "mask", "follow", "safe_reply"} <= found
    assert not found & {"on", "off", "yes", "no"}


def test_a_fitting_file_loads(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + RULE, encoding="utf-8")
    assert load_policy(path).content.request.rules[0].when.risk == ("pii",)
