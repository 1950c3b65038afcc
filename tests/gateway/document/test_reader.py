"""Documents are read strictly, and whatever is wrong is named with its file and line."""

from __future__ import annotations

import pytest

from gateway.document import MAX_BYTES, read_document, suggest
from gateway.errors import ConfigErrors, Where

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


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("lexcon", "did you mean 'lexicon'?"), ("指纹", ""), ("", ""), ("pattrn", "did you mean 'pattern'?")],
)
def test_the_nearest_word_is_suggested_and_nothing_if_none_is_near(word: str, suggestion: str) -> None:
    assert suggest(word, ["lexicon", "pattern"]) == suggestion
