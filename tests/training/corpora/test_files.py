"""Files of data sets: whatever the encoding and the packing, and clear about what is missing."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from training.corpora.files import DataError, decoded, objects, table


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("问题".encode(), "问题"),
        (b"\xef\xbb\xbfa", "a"),
        ("问题".encode("gb18030"), "问题"),
        (b"a\0b", "ab"),
        (b"\xff\xff\xff", "\ufffd"),
    ],
)
def test_texts_are_decoded(content: bytes, text: str) -> None:
    assert decoded(content).startswith(text)


def test_tables_are_read_whatever_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('问题,类\n"一,二",x\n三\n'.encode("gb18030"))
    assert list(table(path)) == [{"问题": "一,二", "类": "x"}, {"问题": "三", "类": ""}]


def test_objects_are_read_from_arrays_lines_and_packed_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": 2}]')
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n\n{"a": 2}\n')
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}'))
    with zipfile.ZipFile(tmp_path / "d.json.zip", "w") as archive:
        archive.writestr("d.json", json.dumps([{"a": 1}, {"a": 2}]))
    for name in ("a.json", "b.jsonl", "c.jsonl.gz", "d.json.zip"):
        assert list(objects(tmp_path / name)) == [{"a": 1}, {"a": 2}]


def test_what_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*jade\.csv.*give the folder"):
        list(table(tmp_path / "jade.csv"))
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(DataError, match=r"x\.json is no JSON"):
        list(objects(tmp_path / "x.json"))
