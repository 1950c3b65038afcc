"""A file of somebody else's becomes rows, each record of it or a reason why not."""

import pytest
from kit.importing import read, row

from gateway.errors import ConfigError

ASKED = "怎么做蛋炒饭？"


def test_every_record_becomes_a_row_or_is_left_out_with_its_reason(tmp_path):
    lines = [
        '{"id": 1, "question": "问"}',
        "broken",
        '{"id": 2, "question": "  "}',
        '{"id": 1, "question": "again"}',
        '{"id": 3}',
        '{"id": 4, "question": "问", "should": "maybe"}',
        '{"id": 5, "question": "问", "contexts": ["", {"id": "p", "text": "有"}]}',
        '{"id": 6, "question": "问", "contexts": []}',
        '{"id": 7, "question": "问", "answer": "a", "faithful": NaN}',
        '{"question": "no id"}',
    ]
    found = read(tmp_path, "table", "\n".join(lines))
    assert [(one["id"], one.get("contexts")) for one in found.rows] == [
        ("1", None), ("5", [{"id": "p", "text": "有"}]), ("6", []), ("table-9", None)
    ]  # fmt: skip
    why = {one.place: one.why for one in found.left_out}
    assert set(why) == {2, 3, 4, 5, 6, 9}
    assert "not JSON" in why[2]
    assert "asks nothing" in why[3]
    assert "the first in line 1" in why[4]
    assert "should" in why[6]
    assert len(found.rows) + len(found.left_out) == len(lines)


def test_an_answer_of_a_megabyte_is_a_row(tmp_path):
    assert len(row(tmp_path, "table", {"question": "问", "answer": "长" * 1_000_000})["answer"]) == 1_000_000


def test_a_file_without_rows_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="holds no row"):
        read(tmp_path, "table", "[]", "a.json")
