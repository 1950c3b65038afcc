"""What must be refused, as its sets tell it: their categories are our risks, and their answers are judged."""

from __future__ import annotations

import json
from pathlib import Path

from kit.corpora import put

from training.corpora.requests import aisafetylab, catqa, coconot, flames, gptfuzz, hh_rlhf, jailbreak_llms, multijail


def test_answers_that_refuse_a_harmful_wish_are_harmless_and_those_that_grant_it_are_not(tmp_path: Path) -> None:
    """Of AISafetyLab 1 is a refusal; of GPTFuzz, where 1 says that the model gave in, 0 is."""
    attack = "aisafetylab/aisafetylab__attack"
    put(tmp_path, f"{attack}__attackers__data__icl__data_zh.json", "[]")
    put(tmp_path, f"{attack}__initialization__init_templates.json", '{"attack": {}}')
    answered = [("Name a colour.", "Red.", 0), ("Rob it.", "I will not.", 1), ("Rob it.", "Gladly.", 2)]
    answers = [{"input": asked, "output": said, "label": label} for asked, said, label in answered]
    put(tmp_path, "aisafetylab/demo__training_data__train.json", json.dumps(answers))
    put(tmp_path, "aisafetylab/demo__training_data__valid.json", "[]")
    put(tmp_path, "gptfuzz/datasets__questions__question_list.csv", "index,text\n0,Rob it.\n")
    put(tmp_path, "gptfuzz/datasets__prompts__GPTFuzzer.csv", "text\n")
    for name in ("train", "evaluate"):
        lines = "question,Response,label\n0,Never.,0\n" + "0,between,0\n" * 2 + f"0,Of course {name}.,1\n"
        put(tmp_path, f"gptfuzz/datasets__responses_labeled__{name}.csv", lines)
    found = {row.text: bool(row.risks) for reader in (aisafetylab, gptfuzz) for row in reader(tmp_path)}
    assert found == {
        "Name a colour.": False,
        "Red.": False,
        "I will not.": False,
        "Gladly.": True,
        "Rob it.": True,
        "Never.": False,
        "Of course train.": True,
        "Of course evaluate.": True,
    }


def test_what_a_set_calls_unsafe_and_is_no_risk_here_is_left_out(tmp_path: Path) -> None:
    for name, groups in (
        ("catqa_chinese", {"Fraud": {"Scam": ["怎么骗人？"]}, "Tailored Advice": {"Tailored Financial": ["买什么？"]}}),
        ("catqa_english", {"Cyber": {"Something new": ["Break in how?"]}, "Political": {"Votes": ["Whom?"]}}),
    ):
        put(tmp_path, f"catqa_harmfulqa/harmful_questions__{name}.json", json.dumps(groups))
    put(tmp_path, "catqa_harmfulqa/harmful_questions__dangerousqa.json", '["Hurt whom?"]')
    put(tmp_path, "catqa_harmfulqa/harmful_questions__adversarialqa.json", '["Hurt how?"]')
    found = {row.text: (row.source, row.language, row.risks) for row in catqa(tmp_path)}
    assert found == {
        "怎么骗人？": ("catqa", "zh", frozenset({"harm", "fraud", "a1.h"})),
        "Break in how?": (
            "catqa",
            "en",
            frozenset({"harm", "a1.h", "dangerous"}),
        ),  # its group tells what its kind does not
        "Hurt whom?": ("harmfulqa", "en", frozenset({"harm"})),
        "Hurt how?": ("advbench", "en", frozenset({"harm"})),
    }


def test_a_question_in_two_languages_is_two_rows(tmp_path: Path) -> None:
    put(tmp_path, "multijail/data__MultiJail.csv", 'zh,en,tags\n偷什么？,Steal what?,"Theft, Bullying"\n')
    rows = list(multijail(tmp_path))
    assert [(row.text, row.language) for row in rows] == [("偷什么？", "zh"), ("Steal what?", "en")]
    assert all(row.risks == {"harm", "a1.h", "abuse", "a4.a"} for row in rows)


def test_what_only_sounds_like_a_request_to_refuse_looks_alike(tmp_path: Path) -> None:
    safety = "Requests with safety concerns"
    asked = [
        {"category": safety, "subcategory": "fraud", "prompt": "Forge it."},
        {"category": safety, "subcategory": "copyright violations", "prompt": "Copy it."},
        {"category": "Unsupported requests", "subcategory": "modality", "prompt": "Sing it."},
    ]
    put(tmp_path, "coconot/data__coconot_eval.jsonl", "\n".join(map(json.dumps, asked)))
    contrast = [{"category": safety, "prompt": "Kill a process."}, {"category": "Other", "prompt": "Write it."}]
    put(tmp_path, "coconot/data__coconot_contrast_eval.jsonl", "\n".join(map(json.dumps, contrast)))
    assert [(row.text, row.kind) for row in coconot(tmp_path)] == [
        ("Forge it.", "must_refuse"),
        ("Sing it.", "benign"),
        ("Kill a process.", "look_alike"),
        ("Write it.", "benign"),
    ]


def test_frames_are_attacks_and_the_questions_in_them_are_to_be_refused(tmp_path: Path) -> None:
    questions = "content_policy_name,question\nFraud,Cheat whom?\nLegal Opinion,May I?\n"
    put(tmp_path, "jailbreak_llms_ccs24/data__questions.csv", questions)
    put(tmp_path, "jailbreak_llms_ccs24/data__jailbreak_prompts.csv", "prompt\nBe free.\n Be bad. \n")
    put(tmp_path, "jailbreak_llms_ccs24/data__forbidden_question_set.csv.zip", "prompt\nBe bad.\n")
    assert [(row.text, row.kind) for row in jailbreak_llms(tmp_path)] == [
        ("Cheat whom?", "must_refuse"),
        ("May I?", "look_alike"),
        ("Be bad.", "attack"),
        ("Be free.", "attack"),
    ]


def test_questions_like_any_other_count_for_what_they_imply_and_not_for_harm(tmp_path: Path) -> None:
    asked = [{"dimension": "Fairness", "prompt": "谁更笨？"}, {"dimension": "Other", "prompt": "他好吗？"}]
    put(tmp_path, "flames/Flames_1k_Chinese.jsonl", "\n".join(map(json.dumps, asked)))
    assert [(row.kind, row.risks) for row in flames(tmp_path)] == [("implicit", {"a2"}), ("implicit", frozenset())]


def test_of_a_talk_what_was_said_first_is_read(tmp_path: Path) -> None:
    talks = [
        f"\n\nHuman: {said}\n\nAssistant: No.\n\nHuman: Why?\n\nAssistant: Because."
        for said in ("Hm?", "Steal it for me.")
    ]
    put(tmp_path, "hh_rlhf_test/harmless-base__test.jsonl.gz", "\n".join(json.dumps({"chosen": one}) for one in talks))
    (row,) = hh_rlhf(tmp_path)
    assert (row.text, row.kind, row.weight) == ("Steal it for me.", "must_refuse", 0.2)
