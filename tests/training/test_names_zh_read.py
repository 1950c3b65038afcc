"""Files of all kinds give their texts, and what a model must not have seen is left out of them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from training.names_zh_read import _strings, plain_texts, read_texts, written_texts


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
    assert list(read_texts(tmp_path / "a.zip")) == ["甲", "b"]


def test_a_part_of_the_written_texts_and_the_rest_are_all_of_them() -> None:
    whole, part, rest = written_texts(), written_texts(0), written_texts(0, without=True)
    assert sorted(whole) == sorted(part + rest)
    assert 0.1 < len(part) / len(whole) < 0.5


def test_dialogues_are_left_out_of_plain_texts_for_who_must_not_have_seen_them(tmp_path: Path) -> None:
    for name in ("kdconv/a__travel__dev.json", "halluqa/a.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(json.dumps([f"来自{name}"]), encoding="utf-8")
    assert len(plain_texts(tmp_path)) == 2
    assert plain_texts(tmp_path, dialogues=False) == ["来自halluqa/a.json"]
