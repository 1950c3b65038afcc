"""Ordinary English: everything is harmless, and an answer belongs to what was asked before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.corpora import put

from training.corpora.ordinary_en import (
    arena_hard,
    asb,
    banking77,
    bpo,
    clinc150,
    covid_faq,
    cyberseceval_frr,
    fastchat,
    halueval,
    presidio_research,
    selfinstruct,
)
from training.corpora.rows import Row

MITRE = "cyberseceval_frr/CybersecurityBenchmarks__datasets__mitre_frr__mitre_frr.json"
TURNS = '{"turns": [{"content": "Write a tune."}]}'
INTENTS = '{"val": [["book it", "book"]], "oos": [["what now", "oos"]]}'


@pytest.mark.parametrize(
    ("reader", "path", "content", "texts"),
    [
        (arena_hard, "arena_hard/data__arena-hard-v0.1__question.jsonl", TURNS, ["Write a tune."]),
        (cyberseceval_frr, MITRE, '[{"mutated_prompt": "Watch the net."}]', ["Watch the net."]),
        (clinc150, "clinc150/data__data_small.json", INTENTS, ["book it", "what now"]),
        (banking77, "banking77/banking_data__test.csv", "text,category\nMy card?,card\n", ["My card?"]),
        (presidio_research, "presidio_research/data__synth_dataset_v2.json", '[{"full_text": "I am A."}]', ["I am A."]),
        (asb, "asb_agent_attacks/data__agent_task.jsonl", '{"tasks": ["Plan it.", "Do it."]}', ["Plan it.", "Do it."]),
    ],
)
def test_what_is_asked_or_told_is_harmless(
    reader: Callable[[Path], Iterator[Row]], path: str, content: str, texts: list[str], tmp_path: Path
) -> None:
    put(tmp_path, path, content)
    rows = list(reader(tmp_path))
    assert [row.text for row in rows] == texts
    assert {(row.language, row.risks, row.unknown) for row in rows} == {("en", frozenset(), frozenset())}
    assert {row.kind for row in rows} == {"look_alike" if reader is cyberseceval_frr else "benign"}


def test_answers_have_their_questions(tmp_path: Path) -> None:
    task = '{"instruction": "Add.", "instances": [{"input": "1 1", "output": "2"}, {"input": "2 2", "output": "4"}]}'
    put(tmp_path, "selfinstruct/data__seed_tasks.jsonl", task)
    put(tmp_path, "selfinstruct/human_eval__user_oriented_instructions.jsonl", "")
    put(tmp_path, "bpo_testsets/data__testset__bpo_test.json", '[{"prompt": "Sing.", "good_res": "La."}]')
    put(tmp_path, "bpo_testsets/data__testset__dolly_eval.json", '[{"instruction": "Sum up.", "context": "Long."}]')
    put(tmp_path, "halueval/data__general_data.json", '[{"user_query": "Who?", "chatgpt_response": "Nobody."}]')
    put(tmp_path, "covid_faq/data__faqs__faq_covidbert.csv", "question,answer\nMasks?,Wear them.\n")
    found = [row for reader in (selfinstruct, bpo, halueval, covid_faq) for row in reader(tmp_path)]
    assert [(row.question, row.text) for row in found] == [
        ("", "Add.\n1 1"),
        ("Add.", "2"),
        ("", "Sing."),
        ("Sing.", "La."),
        ("", "Sum up.\nLong."),
        ("", "Sum up."),
        ("", "Who?"),
        ("Who?", "Nobody."),
        ("", "Masks?"),
        ("Masks?", "Wear them."),
    ]
    assert {row.kind for row in found if row.question} == {"answer"}


def test_tasks_of_two_turns_are_read_turn_by_turn(tmp_path: Path) -> None:
    put(tmp_path, "bpo_testsets/data__testset__vicuna_eval.jsonl", '{"text": "Explain."}')
    path = "fastchat_bench/fastchat__llm_judge__data__mt_bench__question.jsonl"
    put(tmp_path, path, '{"turns": ["Write.", "Write it again."]}')
    assert [row.text for row in fastchat(tmp_path)] == ["Explain.", "Write.", "Write it again."]
