"""Documents are read strictly, and whatever is wrong is named with its file and line."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel

from gateway.document import MAX_BYTES, read_document, suggest, validate
from gateway.errors import ConfigError, ConfigErrors, Where

WRONG: list[tuple[str | bytes, list[str]]] = [
    ("a: 1\na: 2\n", ["f.yaml:2:1: the key 'a' is here twice — the first is in line 1"]),
    ("on: x\n", ["f.yaml:1:1: the key 'on' is a boolean to YAML, not a word — write \"on\" or another word"]),
    ("5: x\n", ['f.yaml:1:1: the key 5 is not text — put it in quotes: "5"']),
    ("~: x\n", ['f.yaml:1:1: the key ~ is not text — put it in quotes: "~"']),
    ("a: no\n", ["f.yaml:1:4: 'no' is a boolean to YAML, not a word — write true or false, or in quotes if you mean"]),
    ("a: 010\n", ["f.yaml:1:4: readers of YAML disagree about the number 010 — write it in quotes"]),
    ("a: 0x1f\n", ["f.yaml:1:4: readers of YAML disagree about the number 0x1f"]),
    ("a: 1:30\n", ["f.yaml:1:4: readers of YAML disagree about the number 1:30"]),
    ("a: 1_000\n", ["f.yaml:1:4: readers of YAML disagree about the number 1_000"]),
    ("a: .nan\n", ["f.yaml:1:4: readers of YAML disagree about the number .nan"]),
    ("a: -.inf\n", ["f.yaml:1:4: readers of YAML disagree about the number -.inf"]),
    ("a:\n\tb: 1\n", ["f.yaml:2:1: not valid YAML", "indent with spaces: a tab may not stand here"]),
    ("a: b: c\n", ["f.yaml:1:5: not valid YAML: mapping values are not allowed here", "needs quotes"]),
    ("甲: [1, 2\n乙: 3\n", ["f.yaml:2:2: not valid YAML"]),
    ("a: !!python/object:os.system x\n", ["f.yaml:1:4: the tag !!python/object:os.system is not read — remove it"]),
    ("a: !vault [x]\n", ["f.yaml:1:4: the tag !vault is not read"]),
    ("<<: {a: 1}\n", ["f.yaml:1:1: merge keys (<<) are not read — write the keys out"]),
    ("? [a]\n: b\n", ["f.yaml:1:3: a list or mapping stands as a key"]),
    ("a: &x 1\n*x : 2\n", ["f.yaml:2:1: the alias *x stands for a key"]),
    ("a: &words [x]\nb: *wrods\n", ["f.yaml:2:4: nothing is named &wrods — did you mean 'words'?"]),
    ("a: &a [*a]\n", ["f.yaml:1:8: the alias *a holds itself"]),
    ("a\n---\nb\n", ["f.yaml:2:1: a second document begins here — one file, one document"]),
    ("a: 1\nb: \x07\n", ["f.yaml:2: the character U+0007 may not stand in YAML — remove it"]),
    ('a: "\\ud800"\n', ["f.yaml:1:4: half a surrogate pair stands for nothing"]),
    ('a: "\\U00110000"\n', ["f.yaml: an escape stands for no character"]),
    (b"a: 1\nb: \xff\n", ["f.yaml:2: byte 9 is not UTF-8 — save the file as UTF-8"]),
    ("a: 1\nb: \ud800\n", ["f.yaml:2: the file holds half a surrogate pair"]),
    ("[" * 61, ["f.yaml:1:61: more than 60 levels of nesting — make it flatter"]),
    ("#" * (MAX_BYTES + 1), ["f.yaml: the file has 1,000,001 bytes — at most 1,000,000 are read"]),
    ("a: &a 1\nb: [" + "*a, " * 101 + "1]\n", ["f.yaml:2:405: more than 100 aliases — write the values out"]),
]


@pytest.mark.parametrize(("text", "messages"), WRONG)
def test_what_is_wrong_is_said_with_file_line_and_a_way_out(text: str | bytes, messages: list[str]) -> None:
    with pytest.raises(ConfigErrors) as caught:
        read_document(text, "f.yaml")
    for message in messages:
        assert message in str(caught.value)


def test_everything_wrong_is_said_at_once_in_reading_order() -> None:
    with pytest.raises(ConfigErrors) as caught:
        read_document("b: yes\non: 1\nb: 2\nc: [\n", "f.yaml")
    assert [problem.where.line for problem in caught.value.problems if problem.where] == [1, 2, 3, 5]
    assert str(caught.value).count("\n") == 3
    assert caught.value.where == Where("f.yaml", 1, 4)


def test_aliases_that_unfold_without_end_are_refused() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ConfigErrors, match="more than 100,000 values, aliases unfolded"):
        read_document("\n".join(lines), "f.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# 只有注释\n", None),
        (
            "a: 1\nb: -2.5\nc: 1e3\nd: true\ne: False\nf: ~\ng:\n",
            {"a": 1, "b": -2.5, "c": "1e3", "d": True, "e": False, "f": None, "g": None},
        ),
        ("day: 2025-09-01\n", {"day": "2025-09-01"}),
        ("'on': 'no'\n\"5\": '010'\n", {"on": "no", "5": "010"}),
        ("!!str 5: !!str 7\n", {"5": "7"}),
        ("名: 水闸\ntext: |\n  第一行\n  second\n", {"名": "水闸", "text": "第一行\nsecond\n"}),
        (b"\xef\xbb\xbfa: 1\n", {"a": 1}),
        ("a: &x {k: [1]}\nb: *x\n", {"a": {"k": [1]}, "b": {"k": [1]}}),
        ("- 1\n- [2, {a: 3}]\n", [1, [2, {"a": 3}]]),
    ],
)
def test_a_document_is_plain_python(text: str | bytes, value: object) -> None:
    assert read_document(text, "f.yaml").value == value


def test_an_alias_is_a_copy_and_not_the_same_list() -> None:
    value = read_document("a: &x [1]\nb: *x\n", "f.yaml").value
    value["a"].append(2)
    assert value["b"] == [1]


def test_every_key_and_item_has_a_place() -> None:
    document = read_document("a: 1\n规则:\n  - {id: x, then: mask}\n  - id: y\nc: &c {d: 1}\ne: *c\n", "f.yaml")
    places = {place: (where.line, where.column) for place, where in document.places.items()}
    assert places == {
        (): (1, 1),
        ("a",): (1, 1),
        ("规则",): (2, 1),
        ("规则", 0): (3, 5),
        ("规则", 0, "id"): (3, 6),
        ("规则", 0, "then"): (3, 13),
        ("规则", 1): (4, 5),
        ("规则", 1, "id"): (4, 5),
        ("c",): (5, 1),
        ("c", "d"): (5, 8),
        ("e",): (6, 1),
        ("e", "d"): (5, 8),
    }
    assert document.where("规则", 1, "missing", "deeper").line == 4
    assert document.where("nowhere").line == 1


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


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("lexcon", "did you mean 'lexicon'?"), ("指纹", ""), ("", ""), ("pattrn", "did you mean 'pattern'?")],
)
def test_the_nearest_word_is_suggested_and_nothing_if_none_is_near(word: str, suggestion: str) -> None:
    assert suggest(word, ["lexicon", "pattern"]) == suggestion


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
