import io
import json

import pytest

from evaluators.rows import Row, Unread, read_rows, written


def read(*lines):
    return list(read_rows(io.BytesIO(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))))


def test_a_whole_row_is_read_as_it_is_written():
    line = {"id": "1", "question": "问", "answer": "答", "contexts": ["甲", {"id": "p", "text": "乙"}],
            "reference": "真",
            "relevant": [0, "p"], "reference_contexts": ["甲"], "should": "answer", "latency_ms": 250,
            "cost": 0.5,
            "usage": {"prompt_tokens": 3, "completion_tokens": 4}, "else": [1]}  # fmt: skip
    (row,) = read(json.dumps(line))
    assert row == Row(
        "1", "问", "答", ("甲", "乙"), ("0", "p"), ("真",), ("0", "p"), ("甲",), "answer", 0.25, 0.5, (3, 4)
    )


@pytest.mark.parametrize(
    ("line", "identity", "why"),
    [
        ("not json", None, "not JSON"),
        ("[1]", None, "no JSON object"),
        ("{}", None, "has no id"),
        ('{"id": ""}', None, "has no id"),
        ('{"id": true}', None, "has no id"),
        ('{"id": "a", "answer": NaN}', "a", "NaN"),
        ('{"id": "a", "answer": -Infinity}', "a", "-Infinity"),
        ('{"id": "a", "answer": "1", "answer": "2"}', "a", "'answer' twice"),
        (b'{"id": "a", "answer": "\xc4\xe3\xba\xc3"}', None, "not UTF-8 from byte"),
        ('{"id": "a", "n": ' + "1" * 5000 + "}", None, "too large"),
        ("[" * 100_000, None, "not JSON"),
    ],
)
def test_a_line_that_is_no_row_comes_back_with_its_reason(line, identity, why):
    (unread,) = read(line)
    assert isinstance(unread, Unread)
    assert unread.id == identity
    assert why in unread.why


def test_no_line_is_lost_and_none_is_made_up():
    good = '{"id": %d}'
    lines = [good % 1, "", "broken", good % 2, good % 1, "  ", '{"id": "1"}']
    found = read(*lines)
    assert [(type(one).__name__, one.id) for one in found] == [
        ("Row", 1), ("Unread", None), ("Row", 2), ("Unread", 1), ("Row", "1")
    ]  # fmt: skip
    assert "in line 1 already" in found[3].why


@pytest.mark.parametrize(
    ("field", "value"),
    [("question", 5), ("answer", ["a"]), ("contexts", [1]), ("contexts", {"a": 1}), ("reference", 3), ("relevant", "p"),
     ("relevant", [True]), ("latency_ms", -1), ("seconds", "fast"), ("cost", True), ("usage", {"prompt_tokens": 1})],
)  # fmt: skip
def test_a_field_of_the_wrong_kind_is_left_out_with_the_reason(field, value):
    (row,) = read(json.dumps({"id": 1, field: value}))
    assert isinstance(row, Row)
    assert f"'{field}'" in row.why_not[field]


def test_a_mark_of_byte_order_and_line_ends_of_windows_change_nothing():
    assert [row.id for row in read(b'\xef\xbb\xbf{"id": 1}\r', b'{"id": 2}\r')] == [1, 2]


def test_a_line_that_is_too_long_is_passed_over_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr("evaluators.rows.MAX_LINE", 50)
    first, second = read('{"id": 1, "answer": "' + "a" * 500 + '"}', '{"id": 2}')
    assert isinstance(first, Unread)
    assert "line 1 is longer" in first.why
    assert second.id == 2


def test_half_a_character_is_written_so_that_it_can_be_read_back():
    assert json.loads(written([("id", "\ud800")]).encode()) == {"id": "\ud800"}
    assert written([("id", "中")]) == '{"id": "中"}'
