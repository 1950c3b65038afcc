"""Whether an answer is for a person to read, and whether it says already that a machine made it."""

from __future__ import annotations

import pytest

from gateway.labels.visible import Prose
from gateway.wording import Recogniser

ZH, EN = "（本内容由人工智能生成）", "(AI-generated content)"


def prose(*pieces: str) -> Prose:
    seen = Prose()
    for piece in pieces:
        seen.push(piece)
    return seen


@pytest.mark.parametrize(
    ("text", "labelable"),
    [
        ("你好，世界", True),
        ("Hello", True),
        ("  \n Hello", True),
        ("``", True),
        ("`code` is inline", True),
        ("", False),
        (" \n ", False),
        ('{"a": 1}', False),
        ("[1, 2]", False),
        ('  {"a": "你好"}\n', False),
        ("[1] 参考文献", True),
        ("{不是 JSON}", True),
        ("42", True),
        ('"text"', True),
        ("```python\nprint(1)\n```", False),
        ("```\n第一\n```\n\n```\n第二\n```", False),
        ("```\nnever closed", False),
        ("```python\nprint(1)\n```\n这样就行。", True),
        ("先说一句：\n```\ncode\n```", True),
        ("```\n  ```\nafter", True),
    ],
)
def test_prose_is_labelled_and_what_a_program_reads_is_not(text: str, labelable: bool) -> None:
    assert prose(text).labelable() is labelable
    assert prose(*text).labelable() is labelable


@pytest.mark.parametrize(
    ("text", "begun", "plain"),
    [
        ("你", True, True),
        ("  ", False, False),
        ("`", False, False),
        ("``", False, False),
        ("``x", True, True),
        ("```", True, False),
        ("\n{", True, False),
        ("[", True, False),
    ],
)
def test_the_first_characters_show_what_it_is_however_they_are_cut(text: str, begun: bool, plain: bool) -> None:
    for seen in (prose(text), prose(*text)):
        assert (seen.begun, seen.plain) == (begun, plain)


def test_prose_is_not_remembered_but_for_its_ends() -> None:
    seen = prose("x" * 1000, "y" * 1000, "尾")
    assert seen.head == "x" * 256
    assert seen.tail == "y" * 255 + "尾"
    assert seen.size == 2001
    assert seen._all == []


@pytest.mark.parametrize(
    ("text", "at_end", "anywhere"),
    [
        (f"你好\n\n{ZH}", True, True),
        (f"Hello\n\n{EN} \n", True, True),
        (f"{ZH}是标签，这不是结尾", False, True),
        (f"{ZH}\n\n{'好' * 300}", False, True),
        (f"{'好' * 300}\n\nAI生成", True, True),
        ("你好", False, False),
        (ZH, True, True),
        ("好" * 250 + "AI生成", False, False),
    ],
)
def test_a_label_at_either_end_is_seen_however_it_is_cut(text: str, at_end: bool, anywhere: bool) -> None:
    labels = Recogniser((ZH, EN))
    for seen in (prose(text), prose(*text)):
        assert seen.carries(labels, anywhere=False) is at_end
        assert seen.carries(labels, anywhere=True) is anywhere


def test_without_a_label_of_the_policy_none_of_its_own_is_carried() -> None:
    assert not prose("你好").carries(Recogniser(()), anywhere=True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好", "zh"),
        ("Hello", "en"),
        ("42", "en"),
        ("用 numpy.linalg.solve 来求解方程组。", "zh"),
        ("The word 你好 means hello, and it is said to greet a person whom one meets.", "en"),
        ("```py\nprint(1)\n```\n运行它即可。", "zh"),
    ],
)
def test_the_language_is_that_of_all_that_was_said(text: str, language: str) -> None:
    assert prose(text).language("zh") == prose(*text).language("en") == language


def test_where_nothing_is_said_the_question_decides() -> None:
    assert (prose().language("zh"), prose().language("en")) == ("zh", "en")
