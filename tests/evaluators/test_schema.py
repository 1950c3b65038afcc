import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from evaluators.attacks.registry import attacks
from evaluators.schema import json_schema
from evaluators.scorers.registry import registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SCHEMA = json.loads((BENCHMARKS / "suite-schema.json").read_text("utf-8"))
SMALL = {"name": "a", "summary": {"zh": "甲", "en": "a"}, "data": "d.jsonl", "scorers": [{"use": "refusal"}]}


def properties(value, place=""):
    if isinstance(value, dict):
        for name, field in value.get("properties", {}).items():
            if "const" not in field and name != "options":
                yield f"{place}.{name}", field
        for key, item in value.items():
            yield from properties(item, f"{place}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from properties(item, place)


def test_every_key_says_what_it_means():
    found = dict(properties(json_schema(registry(), attacks())))
    assert len(found) > 90
    assert [place for place, field in found.items() if not field.get("description")] == []


@pytest.mark.parametrize("path", sorted(BENCHMARKS.glob("*/*/suite.yaml")), ids=lambda path: path.parent.name)
def test_the_suites_that_ship_fit_it(path):
    faults = jsonschema.Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(path.read_text("utf-8")))
    assert [fault.message for fault in faults] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"gaet": []},
        {"repetitions": 0},
        {"scorers": []},
        {"scorers": [{"use": "refusl"}]},
        {"scorers": [{"use": "refusal", "options": {"openning": 1}}]},
        {"scorers": [{"use": "refusal", "reduce": "mode"}]},
        {"target": {"kind": "ftp"}},
        {"target": {"kind": "http", "http": {"url": "http://127.0.0.1/"}}},
        {"budget": {"calls": -1}},
    ],
)
def test_an_editor_marks_what_is_wrong(wrong):
    jsonschema.validate(SMALL, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**SMALL, **wrong}, SCHEMA)
