"""What a suite file may say fits together, and what contradicts itself is told with a way out."""

import pytest
from pydantic import ValidationError

from evaluators.suite_file import GateFile, SuiteFile, TargetFile

HTTP = {"url": "http://a/ask", "answer": "data.answer"}
SUITE = {"name": "a", "summary": {"zh": "甲", "en": "a"}, "data": "d.jsonl", "scorers": [{"use": "refusal"}]}


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ({"kind": "http"}, "'http' and the kind 'http' belong together"),
        ({"http": HTTP}, "'http' and the kind 'http' belong together"),
        ({"kind": "pair"}, "'direct' and the kind 'pair' belong together"),
        ({"direct": {}}, "'direct' and the kind 'pair' belong together"),
        ({"kind": "pair", "direct": {"kind": "http"}}, "'http' and the kind 'http' belong together"),
        ({"timeout_s": 0}, "greater than 0"),
        ({"attempts": 0}, "greater than or equal to 1"),
    ],
)
def test_a_target_that_contradicts_itself_is_told(target, told):
    with pytest.raises(ValidationError, match=told):
        TargetFile.model_validate(target)


@pytest.mark.parametrize("target", [{}, {"kind": "http", "http": HTTP}, {"kind": "pair", "direct": {"model": "m"}}])
def test_a_target_that_fits_is_taken(target):
    assert TargetFile.model_validate(target).attempts == 4


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ({}, "a gate has one mark"),
        ({"at_least": 0.5, "at_most": 0.6, "bound": "point"}, "a gate has one mark"),
        ({"at_least": 0.5}, "'bound' is missing"),
        ({"at_least": 0.5, "bound": "upper"}, "this bound proves nothing here"),
        ({"at_most": 0.5, "bound": "lower"}, "this bound proves nothing here"),
        ({"no_worse_than": 0.02, "bound": "lower"}, "'bound' says nothing here"),
        ({"at_least": 1.5, "bound": "lower"}, "less than or equal to 1"),
        ({"at_least": 0.5, "bound": "lower", "confidence": 0.5}, "greater than 0.5"),
    ],
)
def test_a_gate_that_proves_nothing_is_told(gate, told):
    with pytest.raises(ValidationError, match=told):
        GateFile.model_validate({"metric": "m", **gate})


@pytest.mark.parametrize(
    "gate", [{"at_least": 0.5, "bound": "lower"}, {"at_most": 0, "bound": "point"}, {"no_worse_than": 0.02}]
)
def test_a_gate_with_one_mark_is_taken(gate):
    assert GateFile.model_validate({"metric": "m", **gate}).min_n == 1


@pytest.mark.parametrize("said", [{"columns": {"question": "q"}}, {"encoding": "gb18030"}, {"bad_rows": "leave_out"}])
def test_what_is_said_of_foreign_data_needs_its_format(said):
    with pytest.raises(ValidationError, match=f"'{next(iter(said))}' goes with 'format'"):
        SuiteFile.model_validate({**SUITE, **said})
    assert SuiteFile.model_validate({**SUITE, **said, "format": "table"}).format == "table"


@pytest.mark.parametrize("name", ["", "A", "a b", "甲", "-a", "a" * 65])
def test_a_name_is_one_that_a_folder_can_have(name):
    with pytest.raises(ValidationError, match="name"):
        SuiteFile.model_validate({**SUITE, "name": name})
