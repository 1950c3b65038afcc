"""A label is held against every rule of the standard, and the rule that it breaks is named."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.labels.metadata import KEYS, AigcLabel
from gateway.labels.rules import LONGEST, RULES, broken, examine, is_like_a_label, verdict_of

RIGHT = AigcLabel.of("001191110102MAD55U9H0F10002", "x-1").elements()


def changed(**elements: Any) -> str:
    return json.dumps({**RIGHT, **elements}, ensure_ascii=False)


def without(*keys: str) -> dict[str, str]:
    return {key: value for key, value in RIGHT.items() if key not in keys}


def results(text: str, strict: bool = False) -> dict[str, str]:
    return {ruling.rule.id: ruling.result for ruling in examine(text, strict=strict).rulings}


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_a_right_label_is_compliant_bare_and_wrapped(wrapped: bool, strict: bool) -> None:
    label = AigcLabel.of("acme", "42")
    found = examine(label.dump(wrapped=wrapped), strict=strict)
    assert found.label == label
    assert {ruling.result for ruling in found.rulings} == {"ok"}
    assert verdict_of(found.rulings) == "compliant"


WRONG = [
    ("a label of 0", changed(Label="0"), "label"),
    ("a label of 4", changed(Label="4"), "label"),
    ("an empty label", changed(Label=""), "label"),
    ("a word for a label", changed(Label="AIGC"), "label"),
    ("a number for a label", changed(Label=1), "strings"),
    ("null", changed(ProduceID=None), "strings"),
    ("an object for a reserved code", changed(ReservedCode1={"SecurityData": {}}), "strings"),
    ("no producer", changed(ContentProducer=""), "producer"),
    ("a blank producer", changed(ContentProducer="  "), "producer"),
    ("no id", changed(ProduceID=""), "produce-id"),
    ("a bad check character", changed(ContentProducer="001191110102MAD55U9H1F10002"), "producer-code"),
    ("a short code", changed(ContentProducer="001191110102MAD55U9H0F1000"), "producer-code"),
    ("a small code", changed(ContentProducer="001191110102mad55u9h0f10002"), "producer-code"),
    ("a propagator's code as producer", changed(ContentProducer="001191110102MAD55U9H0F20002"), "producer-code"),
    ("a propagator's bad code", changed(ContentPropagator="001191110102MAD55U9H0F90002"), "propagator-code"),
    ("a key is missing", json.dumps(without("ReservedCode2")), "elements"),
    ("a key is spelled otherwise", json.dumps({**without("ProduceID"), "ProduceId": "1"}), "elements"),
    ("an empty object", "{}", "elements"),
    ("an eighth key", json.dumps({**RIGHT, "Time": "1"}), "no-other-keys"),
    ("the keys are turned round", json.dumps(dict(reversed(RIGHT.items()))), "order"),
    ("a key twice", json.dumps(RIGHT)[:-1] + ', "Label": "1"}', "unique-keys"),
    ("nested twice", json.dumps({"AIGC": {"AIGC": RIGHT}}), "nesting"),
    ("a string within", json.dumps({"AIGC": json.dumps(RIGHT)}), "nesting"),
    ("no JSON", "AIGC", "json"),
    ("half a JSON", changed()[:-5], "json"),
    ("an array", json.dumps([RIGHT]), "json"),
    ("a number", "1", "json"),
    ("nothing", "", "json"),
    ("JSON in single quotes", str(RIGHT), "json"),
    ("a deep tower", "[" * 100_000, "json"),
    ("Base64", base64.b64encode(changed().encode()).decode(), "no-base64"),
    ("Base64 in lines", base64.encodebytes(changed().encode()).decode(), "no-base64"),
    ("Base64 for addresses", base64.urlsafe_b64encode(changed(ProduceID="?>?>").encode()).decode(), "no-base64"),
    ("Base64 in quotes", json.dumps(base64.b64encode(changed().encode()).decode()), "no-base64"),
]


@pytest.mark.parametrize(("text", "rule"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_label_is_not_compliant_and_the_rule_is_named(text: str, rule: str) -> None:
    found = examine(text)
    assert results(text).get(rule) == "failed"
    assert verdict_of(found.rulings) == "non-compliant"
    assert all(ruling.what for ruling in found.rulings if ruling.result != "ok")


SOFT = [
    ("a space", changed(ContentProducer="MiniMax Agent"), "charset"),
    ("Chinese", changed(ContentProducer="某公司"), "charset"),
    ("a line end", changed(ProduceID="a\nb"), "charset"),
    ("a backslash", changed(ProduceID="a\\b"), "charset"),
    ("an escape", changed(ProduceID="abc").replace("abc", "\\u0061bc"), "charset"),
    ("an escaped slash", changed(ProduceID="a/c").replace("a/c", "a\\/c"), "charset"),
    ("no propagator", changed(ContentPropagator="", PropagateID=""), "propagation"),
    ("no propagation id", changed(PropagateID=""), "propagation"),
    ("the same propagator with another id", changed(PropagateID="y"), "propagation"),
]


@pytest.mark.parametrize(("text", "rule"), [row[1:] for row in SOFT], ids=[row[0] for row in SOFT])
def test_what_the_standard_softens_warns_and_fails_in_strict_mode(text: str, rule: str) -> None:
    assert results(text)[rule] == "warning"
    assert verdict_of(examine(text).rulings) == "compliant"
    assert results(text, strict=True)[rule] == "failed"
    assert verdict_of(examine(text, strict=True).rulings) == "non-compliant"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (AigcLabel.of("acme", "x" * 1025).dump(), "size"),
        (AigcLabel("3", "", "", "", "platform", "9").dump(), "unknown-producer"),
    ],
)
def test_a_rule_that_we_are_not_sure_of_only_warns_in_strict_mode_too(text: str, rule: str) -> None:
    assert RULES[rule].confidence == "L"
    assert results(text, strict=True)[rule] == "warning"
    assert verdict_of(examine(text, strict=True).rulings) == "compliant"


def test_no_rule_of_low_confidence_can_fail() -> None:
    low = [rule.id for rule in RULES.values() if rule.confidence == "L"]
    assert low
    assert {broken(rule, "x", strict=True).result for rule in low} == {"warning"}


def test_a_quote_may_be_escaped_in_a_value_and_a_propagator_may_be_another() -> None:
    text = changed(ReservedCode1='{"a":"b"}', ContentPropagator="platform", PropagateID="9")
    assert set(results(text, strict=True).values()) == {"ok"}


def test_a_value_of_a_megabyte_is_not_parsed_and_not_judged() -> None:
    found = examine(changed(ProduceID="x" * LONGEST))
    assert (found.label, verdict_of(found.rulings)) == (None, "inconclusive")


def test_what_a_stranger_wrote_is_not_told_at_length() -> None:
    text = json.dumps({**RIGHT, **{f"{'k' * 50}{n}": "" for n in range(50)}, "Label": "z" * 500})
    assert max(len(ruling.what) for ruling in examine(text).rulings) < 400


@given(st.text() | st.dictionaries(st.sampled_from(KEYS), st.text() | st.integers() | st.none()).map(json.dumps))
def test_whatever_stands_in_the_field_there_is_a_ruling_and_no_error(text: str) -> None:
    found = examine(text)
    assert found.rulings
    if {"json", "elements"} & {ruling.rule.id for ruling in found.rulings if ruling.result == "failed"}:
        assert verdict_of(found.rulings) == "non-compliant"


@given(st.builds(AigcLabel.of, *[st.text("".join(map(chr, range(0x21, 0x7F))), min_size=1)] * 2))
def test_a_label_that_may_be_written_is_compliant_in_strict_mode(label: AigcLabel) -> None:
    if label.fault() is None:
        assert verdict_of(examine(label.dump(), strict=True).rulings) == "compliant"


def test_a_label_is_known_under_a_wrong_name() -> None:
    assert is_like_a_label(changed())
    assert not is_like_a_label('{"a": 1}')
