"""A policy is read with everything it extends, and every line keeps its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import ConfigError, PolicyError, PolicyErrors
from gateway.policy.load import load_policy, policy_loader

PARENT = """\
sluice: 1
name: parent
detectors:
  - {id: phone, use: phone}
  - {id: words, use: words, options: {lists: [lists/a.csv]}}
request:
  unjudged: refuse
  rules:
    - {id: one, when: {risk: pii}, then: mask, on_error: refuse}
    - {id: two, when: {risk: abuse}, then: refuse, on_error: refuse}
replies:
  safe: {zh: 好, en: ok}
  other: {zh: 别的, en: other}
withheld: {zh: 略, en: left out}
label: {position: end, words: {zh: 人工智能生成, en: AI-generated}, metadata: true}
record: {text: masked, on_record_failure: refuse}
"""
CHILD = """\
sluice: 1
name: child
extends: ../parent.yaml
detectors:
  - {id: mail, use: mail}
request:
  rules:
    - {id: three, when: {risk: pii.email}, then: refuse, on_error: pass}
    - {id: one, when: {risk: pii.email}, then: pass, on_error: pass}
replies:
  other: {zh: 换了, en: changed}
label: {position: start}
block: error
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".yaml")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_file_lies_over_the_one_it_extends(tmp_path: Path) -> None:
    write(tmp_path, parent=PARENT, sub__child=CHILD)
    policy = load_policy(tmp_path / "sub" / "child.yaml")
    content = policy.content
    assert (policy.name, content.block, content.request.unjudged) == ("child", "error", "refuse")
    assert [detector.id for detector in content.detectors] == ["phone", "words", "mail"]
    assert [(rule.id, rule.then) for rule in content.request.rules] == [
        ("one", "pass"),
        ("two", "refuse"),
        ("three", "refuse"),
    ]
    assert content.request.rules[0].when.risk == ("pii.email",)
    assert {name: words.zh for name, words in content.replies.items()} == {"safe": "好", "other": "换了"}
    assert content.label is not None
    assert (content.label.position, content.label.metadata) == ("start", True)
    assert content.label.words is not None
    assert policy.files == (str(tmp_path / "sub" / "child.yaml"), str(tmp_path / "parent.yaml"))


@pytest.mark.parametrize(
    ("place", "file", "line"),
    [
        (("request", "rules", 0, "then"), "child.yaml", 9),
        (("request", "rules", 1, "then"), "parent.yaml", 10),
        (("request", "rules", 2), "child.yaml", 8),
        (("detectors", 1, "options", "lists", 0), "parent.yaml", 5),
        (("detectors", 2, "use"), "child.yaml", 5),
        (("replies", "safe", "en"), "parent.yaml", 12),
        (("replies", "other", "en"), "child.yaml", 11),
        (("label", "position"), "child.yaml", 12),
        (("label", "words", "zh"), "parent.yaml", 15),
        (("name",), "child.yaml", 2),
    ],
)
def test_every_line_keeps_its_file(tmp_path: Path, place: tuple[str | int, ...], file: str, line: int) -> None:
    write(tmp_path, parent=PARENT, sub__child=CHILD)
    where = load_policy(tmp_path / "sub" / "child.yaml").document.where(*place)
    assert (Path(where.file).name, where.line) == (file, line)


def test_a_chain_of_three_is_laid_from_the_bottom(tmp_path: Path) -> None:
    write(tmp_path, parent=PARENT, middle="sluice: 1\nname: middle\nextends: parent.yaml\nblock: error\n")
    write(tmp_path, top="sluice: 1\nname: top\nextends: middle.yaml\nrecord: {text: none}\n")
    content = load_policy(tmp_path / "top.yaml").content
    assert content.record is not None
    assert (content.name, content.block, content.record.text) == ("top", "error", "none")
    assert content.record.on_record_failure == "refuse"


HEAD = "sluice: 1\nname: x\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.yaml:1:1: the document should be a mapping"),
        ("name: x\n", "x.yaml:1:1: the key 'sluice' is missing — the version of this format: sluice: 1"),
        ("sluice: 2\nname: x\n", "x.yaml:1:1: 'sluice' may not be 2 — write 1"),
        ("sluice: 1\nname: Foo\n", "x.yaml:2:1: 'name' should match pattern '^[a-z0-9-]+$' — small letters, digits"),
        (HEAD + "detctors: []\n", "x.yaml:3:1: unknown key 'detctors' — did you mean 'detectors'?"),
        (HEAD + "on: 1\n", "x.yaml:3:1: the key 'on' is a boolean to YAML"),
        (HEAD + "extends: x.yaml\n", "x.yaml:3:1: extends goes in a circle: x.yaml → x.yaml — break it"),
        (HEAD + "extends: ''\n", "x.yaml:3:1: 'extends' should have at least 1 character"),
        (HEAD + "extends: parnt.yaml\n", "x.yaml:3:1: there is no file"),
        (HEAD + "extends: parnt.yaml\n", "— did you mean 'parent.yaml'?"),
        (HEAD + "extends: .\n", "is not a file — name a file"),
        (HEAD + 'extends: "a\\0b"\n', "x.yaml:3:1: cannot read"),
        (HEAD + f"extends: {'a' * 300}\n", "x.yaml:3:1: cannot read"),
        (
            HEAD + "detectors:\n  - {id: a, use: phone}\n  - {id: a, use: mail}\n",
            "x.yaml:5:6: the id 'a' is here twice in detectors — the first is in line 4; rename one",
        ),
        (
            HEAD + "response:\n  rules:\n    - &r {id: a, when: {risk: pii}, then: mask, on_error: pass}\n    - *r\n",
            "the id 'a' is here twice in response.rules — the first is in line 5; rename one",
        ),
        (
            HEAD + "request: {rules: [{id: a, when: {risk: pii}, then: mask}]}\n",
            "x.yaml:3:19: the key 'on_error' is missing — say what a failure of its detector means: on_error",
        ),
        (
            HEAD + "request: {rules: [{id: a, when: {risk: pii}, then: block, on_error: pass}]}\n",
            "x.yaml:3:46: 'request.rules[0].then' may not be 'block' — write 'pass', 'label', 'mask', 'refuse'",
        ),
        (
            HEAD + "request: {rules: [{id: a, when: {risk: PII}, then: mask, on_error: pass}]}\n",
            "x.yaml:3:34: 'request.rules[0].when.risk' should match pattern",
        ),
        (
            HEAD + "request: {rules: [{id: a, when: {risk: pii, scroe: 1}, then: mask, on_error: pass}]}\n",
            "x.yaml:3:45: unknown key 'scroe' — did you mean 'score'?",
        ),
        (
            HEAD + "request: {rules: [{id: a, when: {risk: pii, score: 80}, then: mask, on_error: pass}]}\n",
            "x.yaml:3:45: 'request.rules[0].when.score' should be less than or equal to 1 — fires at this",
        ),
        (
            HEAD + "request: {rules: [{id: a, when: {risk: pii}, then: mask, keep: [3], on_error: pass}]}\n",
            "x.yaml:3:58: 'request.rules[0].keep' needs 2 items — with mask: how many characters stay readable",
        ),
        (HEAD + "block: reply\n", "x.yaml:3:1: 'block' may not be 'reply' — did you mean 'safe_reply'?"),
        (HEAD + "replies: {safe: {zh: 好}}\n", "x.yaml:3:11: the key 'en' is missing — the words in English"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, parent=PARENT)
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyErrors) as caught:
        load_policy(path)
    assert message in str(caught.value)
    assert isinstance(caught.value, PolicyError)


def test_mistakes_in_all_files_of_a_chain_are_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, low=HEAD + "blok: error\n", high=HEAD + "extends: low.yaml\nreplys: {}\n")
    with pytest.raises(PolicyErrors) as caught:
        load_policy(tmp_path / "high.yaml")
    assert [Path(p.where.file).name for p in caught.value.problems if p.where] == ["high.yaml", "low.yaml"]


def test_a_longer_circle_is_named(tmp_path: Path) -> None:
    write(tmp_path, a=HEAD + "extends: b.yaml\n", b=HEAD + "extends: c.yaml\n", c=HEAD + "extends: a.yaml\n")
    with pytest.raises(PolicyErrors, match=r"circle: a.yaml → b.yaml → c.yaml → a.yaml"):
        load_policy(tmp_path / "a.yaml")


def test_files_are_found_beside_the_policy_that_names_them(tmp_path: Path) -> None:
    write(tmp_path, parent=PARENT, sub__child=CHILD)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.csv").write_text("坏,abuse,1\n", encoding="utf-8")
    policy = load_policy(tmp_path / "sub" / "child.yaml")
    inherited = policy_loader(policy, policy.document.where("detectors", 1))
    assert inherited("lists/a.csv") == "坏,abuse,1\n".encode()
    assert inherited.paths == {"lists/a.csv": str(tmp_path / "lists" / "a.csv")}
    own = policy_loader(policy)
    assert own("../lists/a.csv") == inherited("lists/a.csv")
    with pytest.raises(PolicyError, match=r"there is no file .*b\.csv' — names are relative to the policy file"):
        inherited("lists/nothing/b.csv")
    with pytest.raises(PolicyError, match=r"did you mean 'a.csv'\?"):
        inherited("lists/aa.csv")


KEYS = ["id", "use", "options", "when", "risk", "then", "on_error", "rules", "zh", "en", "safe", "sluice"]
TOP = ["sluice", "name", "extends", "detectors", "request", "response", "block", "replies", "withheld", "label"]
WORDS = ["1", "x", "~", "a.yaml", "pii", "mask", "refuse", "safe", "true", "0.5", "'", "乙", "*a", "&a 1"]
SHAPED = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=4).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=8,
)
LINES = st.lists(st.tuples(st.sampled_from(TOP), SHAPED).map(": ".join), max_size=6).map("\n".join)


@given(st.one_of(LINES, LINES.map(lambda lines: "sluice: 1\nname: x\n" + lines), st.binary(max_size=80)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_policy_or_a_policy_error(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems: tuple[ConfigError, ...] = ()
    try:
        load_policy(path)
    except PolicyError as error:
        problems = error.problems
    assert all(problem.where is not None for problem in problems)
