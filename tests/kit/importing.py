"""Files of others that become rows of ours, as tests write them."""

from __future__ import annotations

import json

from evaluators.dataset import read_dataset
from evaluators.importers.read import import_file


def read(tmp_path, name, content, file="a.jsonl", **how):
    path = tmp_path / file
    if not isinstance(content, str):
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
    path.write_text(content, "utf-8")
    return import_file(path, name, **how)


def row(tmp_path, name, record, file="a.jsonl", **how):
    found = read(tmp_path, name, record if isinstance(record, (str, list)) else [record], file, **how)
    assert found.left_out == ()
    return found.rows[0]


def becomes(folder, name, content, file, expected):
    """Hold that a published layout becomes a row with these fields, which a suite can read."""
    made = row(folder, name, content, file)
    assert {key: made.get(key) for key in expected} == expected
    (folder / "out.jsonl").write_text(json.dumps(made) + "\n")
    assert read_dataset(folder / "out.jsonl")[0].question == made["question"]
