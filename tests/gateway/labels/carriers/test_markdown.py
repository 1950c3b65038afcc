"""Markdown: the front matter gets the key, every other line stays, and YAML can do nothing to us."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, OTHER, markdown

from gateway.errors import LabelError
from gateway.labels.carrier import Reading
from gateway.labels.carriers.markdown import Markdown
from gateway.labels.files import write_bytes
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import examine


def read(data: bytes) -> Reading:
    return Markdown().read(io.BytesIO(data))


def written(data: bytes, label: AigcLabel = LABEL, **more: Any) -> bytes:
    return write_bytes(data, label, name="a.md", **more)


def front(data: bytes) -> Any:
    return next(yaml.safe_load_all(data.decode().lstrip("\ufeff")))


@pytest.mark.parametrize("data", [markdown(), markdown("title: 题\n"), markdown(""), b"", "\ufeff# 题\n".encode()])
def test_yaml_reads_the_seven_elements_in_order(data: bytes) -> None:
    after = written(data)
    assert list(front(after)["AIGC"].items()) == list(LABEL.elements().items())
    assert after.endswith(data.removeprefix(b"\xef\xbb\xbf")[-10:])


@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_every_other_line_stays(line: str) -> None:
    before = line.join(["---", "title: 题 # note", "tags:", "- a", "---", "", "# 题", "---", "text", ""]).encode()
    after = written(before)
    kept = [one for one in after.split(line.encode()) if not one.startswith((b"AIGC:", b"  "))]
    assert kept == before.split(line.encode())
    assert after.count(b"\r\n") == after.count(b"\n") * (line == "\r\n")


@pytest.mark.parametrize(
    "block",
    [
        "AIGC: {Label: '1', ContentProducer: x, ProduceID: y}\n",
        f"AIGC: '{LABEL.dump()}'\n",
        "AIGC:\n  Label: '1'\n  ContentProducer: |\n    x\n",
        "AIGC:\n    Label: '1'\n\n",
        f"aigc: '{LABEL.dump()}'\n",
    ],
)
@pytest.mark.parametrize(("before", "after"), [("a: 1\n", "b: 2\n"), ("", ""), ("", "b: 2\n"), ("a: 1\n", "")])
def test_a_label_however_written_is_found_and_replaced(block: str, before: str, after: str) -> None:
    data = markdown(before + block + after)
    assert len(read(data).fields) == 1
    new = written(data, OTHER, replace=True)
    assert [examine(one.text).label for one in read(new).fields] == [OTHER]
    assert {key: value for key, value in front(new).items() if key != "AIGC"} == (yaml.safe_load(before + after) or {})


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("\n  Label: 1\n  ContentProducer: x", "strings"),
        ("\n  Label: true\n  ContentProducer: x", "strings"),
        ("\n  Label: 1.5\n  ContentProducer: x", "strings"),
        ("\n  Label: null\n  ContentProducer: x", "strings"),
        ("\n  Label: '1'\n  Label: '1'\n", "unique-keys"),
        (" words", "json"),
        (" [1, 2]", "json"),
        ("", "json"),
        ("\n  AIGC:\n    AIGC:\n      Label: '1'", "nesting"),
    ],
)
def test_what_yaml_says_is_judged_as_json_would_be(value: str, rule: str) -> None:
    (field,) = read(markdown(f"AIGC:{value}\n")).fields
    failed = {ruling.rule.id for ruling in examine(field.text).rulings if ruling.result == "failed"}
    assert rule in failed


def test_two_keys_are_two_labels() -> None:
    assert len(read(markdown("AIGC:\n  Label: '1'\nAIGC:\n  Label: '2'\n")).fields) == 2


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"---\nAIGC:\n  Label: '1'\n", "does not end"),
        (markdown("a: [\n"), r"no YAML \(line"),
        (markdown("a: &x [1]\nb: *x\n"), "aliases"),
        (markdown("a: " + "[" * 60 + "]" * 60 + "\n"), "too large"),
        (markdown("".join(f"k{n}: 1\n" for n in range(9000))), "too large"),
        (b"\xff\xfe#\0", "NUL bytes"),
        ("---\ntitle: 题\n---\n".encode("gbk"), r"not in UTF-8 \(byte"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, fault: str) -> None:
    (told,) = read(data).faults
    with pytest.raises(LabelError, match=fault) as raised:
        written(data)
    assert str(raised.value) == told


def test_a_front_matter_on_one_line_is_left_alone() -> None:
    data = markdown("{title: x, AIGC: {Label: '1'}}\n")
    with pytest.raises(LabelError, match="one line"):
        written(data, replace=True)


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("本内容由人工智能生成\n\n正文\n", True),
        ("text\n\n(AI-generated content · 人工智能生成)\n", True),
        (
            "这篇文章讨论人工智能生成内容的监管，它的历史很长，涉及许多国家和许多法律，需要一段一段地说清楚才行，因此这一行超过了六十个字的长度限制。\n",
            False,
        ),
        ("# How we said it\n", False),
    ],
)
@pytest.mark.parametrize("front_matter", [None, "title: x\n"])
def test_a_visible_label_is_a_trace(front_matter: str | None, body: str, seen: bool) -> None:
    assert bool(read(markdown(front_matter, body)).traces) is seen


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cn"])))
def test_any_words_in_a_label_come_back_as_they_were(words: str) -> None:
    label = AigcLabel("1", words, words, words, "p", "1", "")
    (field,) = read(written(markdown(), label, replace=True)).fields
    assert json.loads(field.text) == label.elements()


@given(st.text(alphabet="ab:-#'\"{}[]&*!|> \nAIGC", max_size=80))
def test_whatever_the_front_matter_is_there_is_an_answer(text: str) -> None:
    data = f"---\n{text}\n---\nbody\n".encode()
    read(data)
    try:
        after = written(data, replace=True)
    except LabelError:
        return
    assert after.endswith(b"body\n")
