"""Ordinary Chinese: everything is harmless, and an answer belongs to what was asked before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.corpora import put

from training.corpora.ordinary_zh import (
    chinese_safetyqa,
    crosswoz,
    halluqa,
    huatuo,
    kdconv,
    mtbench_zh,
    pawsx,
    prompts_zh,
    zh_medical_qa,
)
from training.corpora.rows import Row


@pytest.mark.parametrize(
    ("reader", "path", "content", "text"),
    [
        (chinese_safetyqa, "chinese_safetyqa/data__chinese_safetyqa.csv", "question\n罚多少？\n", "罚多少？"),
        (mtbench_zh, "mtbench_zh/data__mt-bench-zh__question.jsonl", '{"turns": ["写一首诗。"]}', "写一首诗。"),
        (prompts_zh, "prompts_zh_roleplay/prompts-zh.json", '[{"prompt": "你是导游。"}]', "你是导游。"),
        (pawsx, "pawsx_zh_dev/PAWS-X__dev_2k.tsv", "id\tsentence1\n1\t他在河边。\n", "他在河边。"),
    ],
)
def test_what_is_asked_or_told_is_harmless(
    reader: Callable[[Path], Iterator[Row]], path: str, content: str, text: str, tmp_path: Path
) -> None:
    put(tmp_path, path, content)
    (row,) = reader(tmp_path)
    assert (row.text, row.language, row.risks, row.unknown) == (text, "zh", frozenset(), frozenset())
    assert row.kind == ("look_alike" if reader is chinese_safetyqa else "benign")


def test_answers_have_their_questions(tmp_path: Path) -> None:
    put(tmp_path, "halluqa/HalluQA.json", '[{"Question": "谁？", "Best Answer1": "没有人。"}]')
    put(tmp_path, "huatuo_med_zh/data__llama_data.json", '[{"instruction": "头疼？", "output": "休息。"}]')
    put(tmp_path, "huatuo_med_zh/benchmark__question.json", '{"question": "咳嗽？"}')
    put(tmp_path, "zh_medical_qa/样例_内科5000-6000.csv", "ask,title,answer\n我胃疼。,胃疼,少吃。\n")
    found = [row for reader in (halluqa, huatuo, zh_medical_qa) for row in reader(tmp_path)]
    assert [(row.question, row.text) for row in found] == [
        ("", "谁？"),
        ("谁？", "没有人。"),
        ("", "头疼？"),
        ("头疼？", "休息。"),
        ("", "咳嗽？"),
        ("", "我胃疼。"),
        ("", "胃疼"),
        ("我胃疼。", "少吃。"),
    ]
    assert {row.kind for row in found if row.question} == {"answer"}


def test_of_talks_one_side_asks_and_the_other_answers(tmp_path: Path) -> None:
    talk = {"messages": [{"message": said} for said in ("看过吗？", "看过。", "好看吗？", "好看。", "谢谢。")]}
    for topic in ("film", "music", "travel"):
        for name in ("dev", "test"):
            talks = [talk] if (topic, name) == ("film", "dev") else []
            put(tmp_path, f"kdconv/data__{topic}__{name}.json", json.dumps(talks))
    guided = [{"role": "usr", "content": "住哪里？"}, {"role": "sys", "content": "住河边。"}]
    for name in ("test", "val"):
        whole = {"1": {"messages": guided}} if name == "val" else {}
        put(tmp_path, f"crosswoz/data__crosswoz__{name}.json.zip", json.dumps(whole))
    assert [(row.question, row.text) for reader in (kdconv, crosswoz) for row in reader(tmp_path)] == [
        ("", "看过吗？"),
        ("", "好看吗？"),
        ("", "谢谢。"),
        ("看过吗？", "看过。"),
        ("好看吗？", "好看。"),
        ("", "住哪里？"),
        ("住哪里？", "住河边。"),
    ]
