"""What does not fit a model is told with file, line and a suggestion."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel

from gateway.document import read_document, validate
from gateway.errors import ConfigError, ConfigErrors


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z-]+$", description="small letters and hyphens")
    then: Literal["pass", "mask", "refuse"]
    score: float = Field(default=0.5, gt=0, le=1)
    on_error: str = Field(description="write on_error: refuse or on_error: pass")
    roles: tuple[str, ...] | None = None


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    detectors: dict[str, Rule] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


class Names(BaseModel):
    names: tuple[Annotated[str, Field(pattern="^[a-z]+$")], ...] = Field(min_length=1)


class Shapes(RootModel[tuple[Rule, ...]]):
    pass


MISFITS: list[tuple[str, str]] = [
    ("name: x\ndetctors: {}\n", "f.yaml:2:1: unknown key 'detctors' — did you mean 'detectors'?"),
    ("name: x\nqqq: {}\n", "f.yaml:2:1: unknown key 'qqq' — known keys: detectors, name, rules"),
    ("rules: []\n", "f.yaml:1:1: the key 'name' is missing — add it"),
    ("name: 5\n", "f.yaml:1:1: 'name' should be a valid string"),
    ("", "f.yaml:1:1: the document should be a mapping"),
    ("- 1\n", "f.yaml:1:1: the document should be a mapping"),
    ("name: x\nrules: 5\n", "f.yaml:2:1: 'rules' should be a valid list"),
    (
        "name: x\nrules:\n  - {id: a, then: pass, on_error: pass}\n  - {id: b, then: pass}\n",
        "f.yaml:4:5: the key 'on_error' is missing — write on_error: refuse or on_error: pass",
    ),
    (
        "name: x\nrules:\n  - id: a\n    then: maks\n    on_error: pass\n",
        "f.yaml:4:5: 'rules[0].then' may not be 'maks' — did you mean 'mask'?",
    ),
    (
        "name: x\nrules: [{id: a, then: 遮, on_error: pass}]\n",
        "f.yaml:2:17: 'rules[0].then' may not be '遮' — write 'pass', 'mask' or 'refuse'",
    ),
    (
        "name: x\nrules: [{id: A, then: pass, on_error: pass}]\n",
        "f.yaml:2:10: 'rules[0].id' should match pattern '^[a-z-]+$' — small letters and hyphens",
    ),
    (
        "name: x\nrules: [{id: a, then: pass, on_error: pass, score: 2}]\n",
        "f.yaml:2:45: 'rules[0].score' should be less than or equal to 1",
    ),
    (
        "name: x\nrules: [{id: a, then: pass, on_error: pass, rolls: [user]}]\n",
        "f.yaml:2:45: unknown key 'rolls' — did you mean 'roles'?",
    ),
    (
        "name: x\ndetectors:\n  one: {id: a, then: pass, on_eror: pass}\n",
        "f.yaml:3:28: unknown key 'on_eror' — did you mean 'on_error'?",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISFITS)
def test_what_does_not_fit_the_model_is_said_with_file_line_and_suggestion(text: str, message: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        validate(read_document(text, "f.yaml"), Shape)
    assert message in str(caught.value)


def test_all_misfits_are_said_at_once() -> None:
    with pytest.raises(ConfigErrors) as caught:
        validate(read_document("nam: x\nrules: [{id: a, then: x}]\n", "f.yaml"), Shape)
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("names: [暴力]\n", ["f.yaml:1:9: 'names[0]' should match pattern '^[a-z]+$'"]),
        (
            "names: [A, b, 5]\n",
            ["f.yaml:1:9: 'names[0]' should match", "f.yaml:1:15: 'names[2]' should be a valid string"],
        ),
        ("names: []\n", ["f.yaml:1:1: 'names': Tuple should have at least 1 item"]),
    ],
)
def test_a_wrong_item_is_one_mistake_and_makes_no_list_too_short(text: str, messages: list[str]) -> None:
    with pytest.raises(ConfigErrors) as caught:
        validate(read_document(text, "f.yaml"), Names)
    assert len(caught.value.problems) == len(messages)
    for one, message in zip(caught.value.problems, messages, strict=True):
        assert str(one).startswith(message)


def test_a_misfit_in_a_list_of_items_has_its_line() -> None:
    with pytest.raises(ConfigErrors, match=r"f.yaml:2:3: unknown key 'idd' — did you mean 'id'\?"):
        validate(read_document("- {id: a, then: pass, on_error: pass}\n- idd: b\n", "f.yaml"), Shapes)


def test_a_fitting_document_becomes_the_model() -> None:
    rule = Rule(id="a", then="mask", on_error="pass", roles=("user", "tool"))
    text = "name: 水闸\nrules:\n  - {id: a, then: mask, on_error: pass, roles: [user, tool]}\n"
    assert validate(read_document(text, "f.yaml"), Shape) == Shape(name="水闸", rules=(rule,))


def test_a_number_in_quotes_is_text_unless_asked_otherwise() -> None:
    document = read_document("id: a\nthen: mask\non_error: x\nscore: '0.8'\n", "f.yaml")
    with pytest.raises(ConfigErrors, match="'score' should be a valid number"):
        validate(document, Rule)
    assert validate(document, Rule, strict=False).score == 0.8


YAMLISH = st.text(
    alphabet=st.sampled_from(list("ab1 \n\n  :-[]{},&*!?|>#'\"%@`\\~<.水\t\r\u2028\u0085\ufeff0x")), max_size=60
)


@given(st.one_of(YAMLISH, st.text(max_size=60), st.binary(max_size=60)))
def test_any_text_and_any_bytes_give_a_document_or_a_config_error(text: str | bytes) -> None:
    problems: tuple[ConfigError, ...] = ()
    try:
        validate(read_document(text, "f.yaml"), Shape)
    except ConfigError as error:
        problems = error.problems
    assert all(problem.where and problem.where.file == "f.yaml" for problem in problems)
