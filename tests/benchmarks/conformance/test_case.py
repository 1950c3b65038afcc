"""Cases are read strictly: a case that could not fail, or is misspelled, is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.conformance.case import load_cases
from gateway.errors import ConfigError, ConfigErrors

GOOD = """\
dialect: chat
cases:
  - id: one
    trap: {zh: 一, en: one}
    asks:
      - body: {messages: []}
        expect: {status: [400]}
"""


def load(folder: Path, text: str):
    (folder / "cases.yaml").write_text(text, encoding="utf-8")
    return load_cases([folder / "cases.yaml"])


def test_a_case_is_asked_whole_and_streamed_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert [case.id for case in load(tmp_path, GOOD)] == ["chat/one/whole", "chat/one/stream"]
    one = GOOD.replace("    asks:", "    stream: [true]\n    asks:")
    assert [case.id for case in load(tmp_path, one)] == ["chat/one/stream"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (GOOD.replace("status: [400]", ""), 7, "cannot fail"),
        (GOOD.replace("expect", "expects"), 6, "did you mean 'expect'?"),
        (GOOD.replace("status", "statuss"), 7, "did you mean 'status'?"),
        (GOOD.replace("id: one", "id: One Case"), 3, "id"),
        (GOOD.replace("dialect: chat", "dialect: chatt"), 1, "dialect"),
        (GOOD + GOOD.partition("cases:\n")[2], 8, "is here twice"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises((ConfigError, ConfigErrors)) as told:
        load(tmp_path, text)
    assert f"cases.yaml:{line}" in str(told.value)
    assert message in str(told.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the cases.*") as told:
        load_cases([tmp_path / "none.yaml"])
    assert "none.yaml" in str(told.value)


def test_the_cases_that_ship_speak_two_languages_and_have_names_of_their_own() -> None:
    cases = load_cases()
    assert len({case.id for case in cases}) == len(cases)
    for case in cases:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in case.file.trap.zh), case.id
        assert case.file.trap.en.isascii(), case.id
    assert {case.dialect for case in load_cases(dialects=["messages"])} == {"messages"}
