"""Recorded traffic becomes rows: the last question, its system prompt, and the answer."""

import pytest
from kit.importing import read, row


@pytest.mark.parametrize(
    ("text", "asked", "system"),
    [
        ("user: 你好\n", "你好", None),
        ("system: 守则 rules\nuser: 先\nassistant: 答\nuser: 后 then\n", "后 then", "守则 rules"),
        ("developer: d\nuser: 问\nmore lines: here\n", "问\nmore lines: here", "d"),
        ("user: the user: said\n", "the user: said", None),
    ],
)
def test_the_last_question_of_a_record_is_the_row(tmp_path, text, asked, system):
    record = {"id": "r1", "request_text": text, "response_text": "答", "policy": "base"}
    made = row(tmp_path, "traffic", record)
    assert (made["question"], made.get("system"), made["answer"]) == (asked, system, "答")
    assert (made["id"], made["kind"]) == ("r1", "base")


@pytest.mark.parametrize("text", [None, "", "no speaker", 5])
def test_a_record_without_a_question_is_left_out_with_its_reason(tmp_path, text):
    good = {"id": "1", "request_text": "user: 问", "response_text": "答"}
    found = read(tmp_path, "traffic", [good, {**good, "id": "2", "request_text": text}])
    assert [one["id"] for one in found.rows] == ["1"]
    assert len(found.left_out) == 1
