"""The techniques work as operators of Presidio's anonymizer, and refuse bad options as its own do."""

from __future__ import annotations

import re

import pytest
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult

from gateway.privacy.presidio import operators

KEY = b"k" * 32


@pytest.fixture(scope="module")
def engine() -> AnonymizerEngine:
    made = AnonymizerEngine()
    for operator in operators():
        made.add_anonymizer(operator)
    return made


@pytest.mark.parametrize(
    ("text", "entity", "operator", "params", "shape"),
    [
        ("我叫张三，你好", "PERSON", "surrogate", {"key": KEY}, r"我叫[\u4e00-\u9fff]{2}，你好"),
        ("Ann Lee here", "PERSON", "surrogate", {"key": KEY}, r"[A-Z][a-z]+ [A-Z][a-z]+ here"),
        ("打13812345678", "PHONE_NUMBER", "surrogate", {"key": KEY}, r"打154\d{8}"),
        ("打13812345678", "PHONE_NUMBER", "fpe", {"key": KEY}, r"打\d{11}"),
        ("打13812345678", "PHONE_NUMBER", "keyed_hash", {"key": KEY, "length": 8}, r"打[0-9a-f]{8}"),
        ("打13812345678", "PHONE_NUMBER", "pseudonym", {"key": KEY}, r"打mobile_number-[2-9A-Z]{6}"),
        ("打13812345678", "PHONE_NUMBER", "suppress", {}, r"打\[mobile_number\]"),
        ("生于1990-05-06", "DATE_TIME", "generalise", {"to": "year"}, "生于1990"),
        (
            "打13812345678",
            "PHONE_NUMBER",
            "mask",
            {"masking_char": "*", "chars_to_mask": 9, "from_end": True},
            r"打13\*{9}",
        ),
    ],
)
def test_an_operator_replaces_what_an_analyzer_found(
    engine: AnonymizerEngine, text: str, entity: str, operator: str, params: dict[str, object], shape: str
) -> None:
    value = re.search(r"张三|Ann Lee|\d[\d-]+", text)
    assert value is not None
    found = [RecognizerResult(entity, value.start(), value.end(), 1.0)]
    made = engine.anonymize(text, found, {entity: OperatorConfig(operator, params)}).text  # type: ignore[arg-type]
    assert re.fullmatch(shape, made), made
    assert value.group() not in made or operator == "generalise"


@pytest.mark.parametrize(
    ("operator", "params", "said"),
    [
        ("surrogate", {}, "surrogate needs a key of 32 bytes at least"),
        ("surrogate", {"key": b"short"}, "surrogate needs a key of 32 bytes at least"),
        ("surrogate", {"key": KEY, "colour": 1}, "surrogate knows no option 'colour'"),
        ("generalise", {}, "generalise needs the option 'to'"),
    ],
)
def test_bad_options_are_refused(engine: AnonymizerEngine, operator: str, params: dict[str, object], said: str) -> None:
    found = [RecognizerResult("PERSON", 0, 2, 1.0)]
    with pytest.raises(InvalidParamError, match=said):
        engine.anonymize("张三", found, {"PERSON": OperatorConfig(operator, params)})  # type: ignore[arg-type]
