"""Data sets of ordinary Chinese: what people ask and tell, and what they are answered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

from training.corpora.files import objects, table
from training.corpora.rows import Maker, Row


def chinese_safetyqa(folder: Path) -> Iterator[Row]:
    """Read questions about laws and dangers that ask for a fact."""
    path = folder / "chinese_safetyqa/data__chinese_safetyqa.csv"
    yield from Maker("chinese_safetyqa", "zh").benign([row["question"] for row in table(path)], kind="look_alike")


def halluqa(folder: Path) -> Iterator[Row]:
    """Read questions that models answer with inventions, and the right answers."""
    rows = list(objects(folder / "halluqa/HalluQA.json"))
    yield from Maker("halluqa", "zh").benign(row["Question"] for row in rows)
    for row in rows:
        yield Maker("halluqa", "zh").answer(row["Question"], row["Best Answer1"], False)


def huatuo(folder: Path) -> Iterator[Row]:
    """Read what people ask of a doctor, and answers."""
    rows = list(objects(folder / "huatuo_med_zh/data__llama_data.json"))
    yield from Maker("huatuo", "zh").benign([row["instruction"] for row in rows], 2500)
    for row in rows[::8]:
        yield Maker("huatuo", "zh").answer(row["instruction"], row["output"], False)
    yield from Maker("huatuo", "zh").benign(
        row["question"] for row in objects(folder / "huatuo_med_zh/benchmark__question.json")
    )


def zh_medical_qa(folder: Path) -> Iterator[Row]:
    """Read what patients tell of themselves in a forum, and what doctors answer."""
    rows = list(table(folder / "zh_medical_qa/样例_内科5000-6000.csv"))
    yield from Maker("zh_medical_qa", "zh").benign([row["ask"] for row in rows], 2000)
    yield from Maker("zh_medical_qa", "zh").benign([row["title"] for row in rows], 1000)
    for row in rows[::8]:
        yield Maker("zh_medical_qa", "zh").answer(row["ask"], row["answer"], False)


def kdconv(folder: Path) -> Iterator[Row]:
    """Read talks about films, music and travel."""
    for topic in ("film", "music", "travel"):
        talks = [
            [message.get("message", "") for message in talk["messages"]]
            for name in ("dev", "test")
            for talk in objects(folder / f"kdconv/data__{topic}__{name}.json")
        ]
        yield from Maker("kdconv", "zh").benign([said for talk in talks for said in talk[::2]], 1200)
        for talk in talks:
            for asked, said in islice(pairwise(talk), 0, 3, 2):
                yield Maker("kdconv", "zh").answer(asked, said, False)


def crosswoz(folder: Path) -> Iterator[Row]:
    """Read talks between a traveller and a guide to a city's hotels, restaurants and sights."""
    for name in ("test", "val"):
        whole = next(iter(objects(folder / f"crosswoz/data__crosswoz__{name}.json.zip")))
        said = [m.get("content") for talk in whole.values() for m in talk["messages"] if m.get("role") == "usr"]
        yield from Maker("crosswoz", "zh").benign(said, 1000)
        turns = [(a, b) for talk in whole.values() for a, b in pairwise(talk["messages"]) if b.get("role") == "sys"]
        for one, other in random.Random(7).sample(turns, min(1000, len(turns))):
            yield Maker("crosswoz", "zh").answer(one["content"], other["content"], False)


def mtbench_zh(folder: Path) -> Iterator[Row]:
    """Read tasks of two turns that models are compared with."""
    turns = [turn for row in objects(folder / "mtbench_zh/data__mt-bench-zh__question.jsonl") for turn in row["turns"]]
    yield from Maker("mtbench_zh", "zh").benign(turns)


def prompts_zh(folder: Path) -> Iterator[Row]:
    """Read roles that people give a model."""
    path = folder / "prompts_zh_roleplay/prompts-zh.json"
    yield from Maker("prompts_zh", "zh").benign(row["prompt"] for row in objects(path))


def pawsx(folder: Path) -> Iterator[Row]:
    """Read sentences of an encyclopaedia."""
    rows = list(table(folder / "pawsx_zh_dev/PAWS-X__dev_2k.tsv", "\t"))
    yield from Maker("pawsx", "zh").benign([row["sentence1"] for row in rows], 1500)
