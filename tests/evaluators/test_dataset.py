import json

import pytest

from evaluators.dataset import read_dataset
from evaluators.sample import Passage
from gateway.errors import ConfigErrors

GOOD = {"id": "a", "question": "能退货吗？", "lang": "zh"}


def write(path, *rows):
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    )
    return path


def test_rows_are_read_with_their_passages(tmp_path):
    path = write(
        tmp_path / "d.jsonl",
        GOOD | {"contexts": [{"id": "p1", "text": "七天内可退。"}], "relevant": ["p1", "p9"], "should": "answer"},
        "",
        {"id": "b", "question": "Can I return it?", "lang": "en", "group": "a"},
    )
    first, second = read_dataset(path)
    assert first.contexts == (Passage("p1", "七天内可退。"),)
    assert first.relevant == ("p1", "p9")
    assert (first.cluster, second.cluster) == ("a", "a")


def test_topics_and_calls_of_tools_are_read(tmp_path):
    call = {"name": "查天气", "args": {"城市": "北京"}}
    row = GOOD | {"topics": ["天气"], "calls": [call], "called": [{"name": "b"}]}
    (sample,) = read_dataset(write(tmp_path / "d.jsonl", row))
    assert (sample.topics, sample.calls, sample.called) == (("天气",), (call,), ({"name": "b", "args": {}},))
    (sample,) = read_dataset(write(tmp_path / "d.jsonl", GOOD))
    assert (sample.calls, sample.called) == (None, ())
    with pytest.raises(ConfigErrors, match=r"calls.0.nam"):
        read_dataset(write(tmp_path / "d.jsonl", GOOD | {"calls": [{"nam": "x"}]}))


@pytest.mark.parametrize(
    ("row", "line", "message"),
    [
        ("{", 2, "not JSON"),
        ("[]", 2, "the row"),
        (GOOD, 2, "the id 'a' is here twice — the first is in line 1"),
        ({"id": "b", "question": "x"}, 2, "the key 'lang' is missing"),
        (GOOD | {"id": "b", "lang": "de"}, 2, "'lang'"),
        (GOOD | {"id": "b", "qestion": "x"}, 2, "unknown key 'qestion' — did you mean 'question'?"),
        (GOOD | {"id": "b", "contexts": [{"id": "p", "txt": "x"}]}, 2, "unknown key 'contexts.0.txt'"),
        (GOOD | {"id": "b", "contexts": [{"id": "p", "text": "x"}] * 2}, 2, "two passages have the same id"),
        (GOOD | {"id": "b", "faithful": True}, 2, "an answer that is not there"),
        (GOOD | {"id": "b", "answer": "x", "faithful": True, "error": "number"}, 2, "an unfaithful answer"),
        (GOOD | {"id": "b", "secrets": ["1"]}, 2, "'secrets.0'"),
        ('{"id": "b", "id": "c", "question": "x", "lang": "en"}', 2, "the key 'id' is here twice"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(tmp_path, row, line, message):
    path = write(tmp_path / "d.jsonl", GOOD, row)
    with pytest.raises(ConfigErrors) as caught:
        read_dataset(path)
    assert f"d.jsonl:{line}" in str(caught.value)
    assert message in str(caught.value)


def test_every_wrong_row_is_named_at_once(tmp_path):
    path = write(tmp_path / "d.jsonl", "{", GOOD, "{")
    with pytest.raises(ConfigErrors) as caught:
        read_dataset(path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(("content", "message"), [(b"", "holds no row"), (b"\xff", "not UTF-8"), (None, "cannot read")])
def test_a_file_without_rows_is_no_data_set(tmp_path, content, message):
    path = tmp_path / "d.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigErrors, match=message):
        read_dataset(path)
