"""Telephone calls: swindlers are told from service desks, whose words are harmless answers."""

from __future__ import annotations

import json
from pathlib import Path

from kit.corpora import put

from training.corpora.calls import teleantifraud


def test_what_a_service_desk_says_is_a_harmless_answer_to_its_caller(tmp_path: Path) -> None:
    stem = "teleantifraud/multi-agents-tools__AntiFraudMatrix"
    fraud = [{"left": [f"转账 {n}"], "right": ["好"]} for n in range(1500)]
    put(tmp_path, f"{stem}__results__f.jsonl", "\n".join(json.dumps(one) for one in fraud))
    talk = {"left": ["您好。", "已为您登记。"], "right": ["我要报修。", "谢谢。"]}
    put(tmp_path, f"{stem}-normal__results__n.jsonl", json.dumps(talk))
    found = [row for row in teleantifraud(tmp_path) if not row.risks]
    assert {(row.kind, row.question, row.text) for row in found} == {
        ("benign", "", "您好。 已为您登记。"),
        ("benign", "", "我要报修。"),
        ("benign", "", "谢谢。"),
        ("answer", "我要报修。", "您好。 已为您登记。"),
    }
