"""What the teacher of Chinese names learns and reads is drawn the same way for the same data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.detectors.names.weights import ZH, read_chinese
from training import names_zh_fit
from training.names_zh import Material
from training.names_zh_fit import Course, main, rows_of
from training.names_zh_said import LABELS, UNKNOWN, Lines

LINES = Lines(read_chinese(ZH.read_bytes()))
REQUESTS = ["介绍一下李白的诗歌。", "请把这张表格填好。", "孙先生昨天说了什么？"]
DIALOGUE = ("你知道周星驰演的电影吗？", ["周星驰"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data with one sentence of a set, one name of old, and no English sets."""
    (tmp_path / "zh_names_wainshine").mkdir()
    older = tmp_path / "zh_names_wainshine" / "Chinese_Names_Corpus__Ancient_Names.txt"
    older.write_text("a\nb\nc\n" + "王安石\n" * 50, encoding="utf-8")
    (tmp_path / "halluqa").mkdir()
    (tmp_path / "halluqa" / "a.json").write_text(json.dumps(["主持人王建国说今天很冷。"]), encoding="utf-8")
    monkeypatch.setattr(names_zh_fit, "_UNMARKED", {"halluqa": 5})
    monkeypatch.setattr(names_zh_fit, "_PLANTED", 20)
    words = ["Ask", "Ann", "Lee", "today", "please"], ["none", "person", "person", "none", "none"]
    monkeypatch.setattr(names_zh_fit, "read_sets", lambda data: {"wikigold": [words], "wnut_train": []})
    return tmp_path


def course(folder: Path) -> Course:
    """What is taught of a little."""
    learnt = Material(["今天的天气很好，适合出门。"], REQUESTS, [DIALOGUE] * 3)
    return Course(folder, learnt, names_zh_fit.Names(folder), LINES)


def test_the_same_data_are_read_and_taught_the_same_way(folder: Path) -> None:
    first, second = course(folder), course(folder)
    unmarked = first.unmarked()
    assert unmarked == second.unmarked()
    assert "主持人王建国说今天很冷。" in {line.text for line in unmarked}
    assert list(first.taught(unmarked)) == list(second.taught(unmarked))


def test_every_sentence_that_is_taught_has_a_label_for_each_word(folder: Path) -> None:
    some = course(folder)
    taught = list(some.taught(some.unmarked()))
    assert all(len(told.words) == len(told.labels) for told in taught)
    by_text = {"".join(told.words): told for told in taught}
    none, first, more = range(len(LABELS))
    poet = by_text["介绍一下李白的诗歌。"]
    assert [poet.labels[poet.words.index(one)] for one in "李白"] == [first, more]
    titled = by_text["孙先生昨天说了什么?"]
    assert titled.labels[titled.words.index("孙")] == UNKNOWN
    assert by_text["AskAnnLeetodayplease"].labels == [none, first, more, none, none]


def test_what_the_teacher_says_is_learnt_but_for_surnames_with_titles() -> None:
    line = LINES("李先生和周星驰来了。")
    said = [0.75 if line.text[one.start : one.end] == "周星驰" else 0.25 for one, _ in line.candidates]
    rows = {row.said: row for row in rows_of(line, said, LINES)}
    assert rows["周星驰"].is_name == 0.75
    assert rows["周星驰"].counts == names_zh_fit._HEARD
    assert not any(one.startswith("李先") for one in rows)


@pytest.mark.parametrize("left", [["--without", "0"], ["--without-dialogues"]])
def test_weights_that_leave_something_out_are_not_written_where_they_ship(tmp_path: Path, left: list[str]) -> None:
    before = ZH.read_bytes()
    result = CliRunner().invoke(main, ["--data", str(tmp_path), *left])
    assert result.exit_code == 2
    assert "--out" in result.output
    assert ZH.read_bytes() == before
