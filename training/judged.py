"""Reads answers that people judged, questions with their answers, and passages, from a folder of public data sets.

Nothing of it is ever written down: what is learned from it are weights.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from training.corpora.files import DataError
from training.planted import answers

MOST: Final = 400
"""Rows of one set: enough to learn from, and no set outweighs another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with what it should rest on.

    Attributes:
        question: What was asked; may be empty.
        answer: What was said.
        passages: What it should rest on.
        true: Whether people found all of it supported.
        kind: The planted error; empty for a true answer and where nobody planted it.
    """

    question: str
    answer: str
    passages: tuple[str, ...]
    true: bool
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A set of answers.

    Attributes:
        name: Short name.
        family: Sets of one family are left out together when one of them is measured.
        planted: Whether the errors were planted by ``training.planted``.
        rows: The answers.
    """

    name: str
    family: str
    planted: bool
    rows: tuple[Answer, ...]


def read_judged(data: Path, seed: int = 0) -> Iterator[Judged]:
    """Yield every set of judged answers, each shuffled by ``seed`` and cut to ``MOST`` rows.

    Raises:
        DataError: A set is not where it should be.
    """
    for name, file in (
        ("begin-wow-dev", "begin/wow__begin_dev_wow.tsv"),
        ("begin-wow-test", "begin/wow__begin_test_wow.tsv"),
        ("begin-cmu", "begin/cmu-dog__begin_dev_cmu.tsv"),
        ("begin-tc", "begin/topicalchat__begin_dev_tc.tsv"),
    ):
        yield _cut(name, "begin", list(_begin(data / file)), seed)
    yield _cut("bump", "bump", list(_bump(data)), seed)
    yield _cut("wice", "wice", list(_wice(data)), seed)
    yield _cut("paws-x-zh", "paws", list(_paws(data)), seed)
    for name, family, passages in (
        ("planted-zh-dialogue", "zh", dialogue_passages(data)),
        ("planted-zh-medicine", "zh", medical_passages(data)),
        ("planted-zh-advice", "zh", advice_passages(data)),
        ("planted-en-web", "wice", web_passages(data)),
        ("planted-en-news", "bump", news_passages(data)),
    ):
        random.Random(seed + 1).shuffle(passages)
        yield _cut(name, family, list(_planted(passages[:500], seed)), seed, planted=True)


def _cut(name: str, family: str, rows: list[Answer], seed: int, *, planted: bool = False) -> Judged:
    random.Random(seed).shuffle(rows)
    return Judged(name, family, planted, tuple(rows[:MOST]))


def _planted(passages: list[str], seed: int) -> Iterator[Answer]:
    """Yield answers to passages, each beside up to two passages that are not about it."""
    rng = random.Random(seed + 5)
    for passage, made in answers(passages, seed + 7):
        yield Answer("", made.answer, (passage, *rng.sample(passages, rng.randrange(3))), made.true, made.kind)


def _begin(path: Path) -> Iterator[Answer]:
    for row in _table(path, "\t", csv.QUOTE_NONE):
        if row["begin_label"] != "Generic":
            true = row["begin_label"].startswith("Fully")
            yield Answer(row["message"], row["response"], (row["knowledge"],), true)


def _bump(data: Path) -> Iterator[Answer]:
    for entry in _json(data / "bump/data__task1_dataset.json"):
        yield Answer("", entry["reference_summary"], (entry["article"],), True)
        yield Answer("", entry["edited_summary"], (entry["article"],), False)


def _wice(data: Path) -> Iterator[Answer]:
    for entry in _wice_lines(data, "dev", "test"):
        yield Answer("", entry["claim"], (" ".join(entry["evidence"]),), entry["label"] == "supported")


def _wice_lines(data: Path, *parts: str) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield from _lines(data / f"wice/data__entailment_retrieval__claim__{part}.jsonl")


def _paws(data: Path) -> Iterator[Answer]:
    for row in _table(data / "pawsx_zh_dev/PAWS-X__dev_2k.tsv", "\t", csv.QUOTE_NONE):
        if row["label"] in ("0", "1"):
            yield Answer("", row["sentence2"], (row["sentence1"],), row["label"] == "1")


def dialogue_passages(data: Path) -> list[str]:
    """Return what people looked up while they talked about films, music and travel, in Chinese."""
    found = (
        attribute["attrvalue"]
        for topic in ("film", "music", "travel")
        for talk in _json(data / f"kdconv/data__{topic}__dev.json")
        for message in talk["messages"]
        for attribute in message.get("attrs", [])
    )
    return _distinct(found)


def medical_passages(data: Path) -> list[str]:
    """Return answers of doctors in Chinese, three to a passage."""
    said = _distinct(answer for _, answer in doctors(data))[:1200]
    return [" ".join(three) for three in zip(*[iter(said)] * 3, strict=False)]


def advice_passages(data: Path) -> list[str]:
    """Return pieces of medical advice in Chinese."""
    return _distinct(entry["output"] for entry in _lines(data / "huatuo_med_zh/data__llama_data.json"))


def web_passages(data: Path) -> list[str]:
    """Return web pages in English."""
    return list(dict.fromkeys(" ".join(entry["evidence"])[:3000] for entry in _wice_lines(data, "test")))


def news_passages(data: Path) -> list[str]:
    """Return news articles in English."""
    return list(dict.fromkeys(entry["article"] for entry in _json(data / "bump/data__task1_dataset.json")))


def doctors(data: Path) -> Iterator[tuple[str, str]]:
    """Yield what patients asked, in a few words, and what doctors answered, in Chinese."""
    path = data / "zh_medical_qa/样例_内科5000-6000.csv"
    try:
        text = path.read_bytes().decode("gb18030", "replace")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    for row in csv.DictReader(text.splitlines()):
        yield row.get("title") or "", row.get("answer") or ""


def read_pairs(data: Path, seed: int = 0) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield for each set its name and questions with their answers, shuffled and cut.

    Raises:
        DataError: A set is not where it should be.
    """
    sets: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
        "covid-faq": _covid,
        "chat-en": _chat,
        "instructions-en": _instructions,
        "doctors-zh": doctors,
        "advice-zh": _advice,
        "trick-zh": _trick,
        "facts-zh": _facts,
        "dialogue-zh": _dialogue,
    }
    for name, reader in sets.items():
        rows = [(question, answer) for question, answer in reader(data) if question.strip() and answer.strip()]
        random.Random(seed).shuffle(rows)
        yield name, rows[:MOST]


def _covid(data: Path) -> Iterator[tuple[str, str]]:
    for row in _table(data / "covid_faq/data__faqs__faq_200327.tsv", "\t", csv.QUOTE_MINIMAL):
        if row["lang"] == "en":
            yield row["question"], row["answer"]


def _chat(data: Path) -> Iterator[tuple[str, str]]:
    for entry in _lines(data / "halueval/data__general_data.json"):
        yield entry["user_query"], entry["chatgpt_response"]


def _instructions(data: Path) -> Iterator[tuple[str, str]]:
    for entry in _json(data / "bpo_testsets/data__testset__dolly_eval.json"):
        yield entry["instruction"], entry["response"]


def _advice(data: Path) -> Iterator[tuple[str, str]]:
    for entry in _lines(data / "huatuo_med_zh/data__llama_data.json"):
        yield entry["instruction"][-120:], entry["output"]


def _trick(data: Path) -> Iterator[tuple[str, str]]:
    for entry in _json(data / "halluqa/HalluQA.json"):
        yield entry["Question"], entry.get("Best Answer1") or ""


def _facts(data: Path) -> Iterator[tuple[str, str]]:
    for entry in _lines(data / "chinese_safetyqa/data__chinese_safetyqa.jsonl"):
        yield entry["question"], str(entry["standard_answer"])


def _dialogue(data: Path) -> Iterator[tuple[str, str]]:
    for topic in ("film", "music", "travel"):
        for talk in _json(data / f"kdconv/data__{topic}__dev.json"):
            said = [message["message"] for message in talk["messages"]]
            yield from ((one, two) for one, two in pairwise(said) if one.rstrip().endswith(("？", "?")))


def _distinct(texts: Iterator[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if 60 < len(text) < 1500]


def _table(path: Path, separator: str, quoting: Any) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter=separator, quoting=quoting)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from (json.loads(line) for line in file if line.strip())
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
