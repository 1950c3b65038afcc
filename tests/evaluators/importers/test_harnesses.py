"""What other harnesses read and write becomes rows of ours."""
# ruff: noqa: E501 - a table of layouts reads best with a record in a line

import json

import pytest
from kit.importing import becomes

ASKED = "怎么做蛋炒饭？"


LAYOUTS = [
    ("ragas", [{"user_input": ASKED, "response": "炒。", "retrieved_contexts": ["甲", "乙"], "reference": "炒",
                "reference_contexts": ["乙"]}], "a.jsonl",
     {"question": ASKED, "answer": "炒。", "relevant": ["2"], "reference": "炒"}),
    ("ragas", "question,contexts,ground_truth\n问,\"['甲', \"\"乙's\"\"]\",答\n", "a.csv",
     {"question": "问", "reference": "答", "contexts": [{"id": "1", "text": "甲"}, {"id": "2", "text": "乙's"}]}),
    ("promptfoo", "prompts: ['Say: {{q}}']\ntests:\n- vars: {q: hi}\n  description: d\n  assert: [{type: equals, value: ho}]\n",
     "a.yaml", {"question": "Say: hi", "reference": "ho", "kind": "d", "lang": "en"}),
    ("promptfoo", "question,__expected\n坏问题,is-refusal\n", "a.csv", {"question": "坏问题", "should": "refuse"}),
    ("promptfoo", json.dumps({"results": {"results": [{"vars": {"q": "问"}, "response": {"output": "答"}}]}}), "r.json",
     {"question": "问", "answer": "答"}),
    ("inspect", [{"id": 4, "input": [{"role": "system", "content": "S"}, {"role": "user", "content": "问"}],
                  "target": ["甲", "乙"], "metadata": {"category": "k"}}], "a.jsonl",
     {"id": "4", "question": "问", "system": "S", "reference": "甲", "kind": "k"}),
    ("inspect", json.dumps({"samples": [{"id": 1, "input": "问", "target": "B", "choices": ["甲", "乙"],
                                         "output": {"choices": [{"message": {"content": "B"}}]}}]}), "log.json",
     {"question": "问\nA. 甲\nB. 乙", "answer": "B", "reference": "B"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "file", "expected"), LAYOUTS, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(LAYOUTS)]
)
def test_a_published_layout_becomes_a_row(tmp_path, name, content, file, expected):
    becomes(tmp_path, name, content, file, expected)
