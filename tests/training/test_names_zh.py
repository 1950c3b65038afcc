"""Marked names in sentences keep their places when the marks are gone."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from training.names_zh import _read, _strings, _unmark


@pytest.mark.parametrize(
    ("marked", "plain", "spans"),
    [
        ("没有名字", "没有名字", set()),
        ("\ue000张三\ue001你好", "张三你好", {(0, 2)}),
        ("请找\ue000李四\ue001和\ue000王五六\ue001。", "请找李四和王五六。", {(2, 4), (5, 8)}),
        ("ask \ue000张三\ue001 now", "ask 张三 now", {(4, 6)}),
    ],
)
def test_names_stand_where_they_were_marked(marked: str, plain: str, spans: set[tuple[int, int]]) -> None:
    text, found = _unmark(marked)
    assert (text, found) == (plain, spans)
    assert all(plain[start:end] in marked for start, end in found)


@pytest.mark.parametrize(
    ("value", "texts"),
    [("甲", ["甲"]), ({"a": ["甲", {"b": "c"}], "d": 5}, ["甲", "c"]), ([[], None, True], []), (None, [])],
)
def test_every_text_of_a_file_is_read(value: object, texts: list[str]) -> None:
    assert list(_strings(value)) == texts


def test_a_packed_file_is_read_as_the_files_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.json", json.dumps(["甲"]))
        archive.writestr("2.json", json.dumps({"x": "b"}))
    assert list(_read(tmp_path / "a.zip")) == ["甲", "b"]
