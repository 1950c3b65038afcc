"""Reads published data sets where they lie: real texts, sampled the same way every time, never copied."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Reader = Callable[[bytes], Iterable[object]]
"""Takes a file's bytes, gives what stands where its texts should be; what is no text is left out."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A data set.

    Attributes:
        name: What the table calls it.
        files: Its files, below the folder of all data sets.
        read: Finds the texts in one of them.
    """

    name: str
    files: tuple[str, ...]
    read: Reader


def decoded(content: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark, or else GB18030; broken bytes become U+FFFD."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def column(name: str) -> Reader:
    """Read one column of a CSV file with a head; lines that end too early are left out."""

    def read(content: bytes) -> Iterator[object]:
        for row in csv.DictReader(io.StringIO(decoded(content), newline="")):
            yield row.get(name)

    return read


def values(key: str) -> Reader:
    """Read one key of every object in a JSON array, or in a file with an object on each line."""

    def read(content: bytes) -> Iterator[object]:
        text = decoded(content)
        items: list[dict[str, Any]]
        items = json.loads(text) if text.lstrip().startswith("[") else [*map(json.loads, text.splitlines())]
        for item in items:
            yield item.get(key)

    return read


def turns(content: bytes) -> Iterator[object]:
    """Read what is said in a JSON array of dialogues with ``messages`` (KdConv)."""
    for talk in json.loads(decoded(content)):
        for message in talk["messages"]:
            yield message.get("message")


def zipped_turns(content: bytes) -> Iterator[object]:
    """Read what users say in a zipped JSON object of dialogues (CrossWOZ)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        talks = json.loads(archive.read(archive.namelist()[0]))
    for talk in talks.values():
        for message in talk["messages"]:
            if message.get("role") == "usr":
                yield message.get("content")


def intents(content: bytes) -> Iterator[object]:
    """Read the questions of a JSON object of splits, each a list of question and intent (CLINC150)."""
    for split in json.loads(decoded(content)).values():
        for said, _ in split:
            yield said


CORPORA: Final = (
    Corpus("JADE easy", ("jade/jade-db-v2.0__jade_benchmark_easy_zh.csv",), column("问题")),
    Corpus("JADE medium", ("jade/jade-db-v2.0__jade_benchmark_medium_zh.csv",), column("问题")),
    Corpus("JADE hard", ("jade/jade-db-v3.0__jade_alignment_hard_zh.csv",), column("问题")),
    Corpus("COLD", ("cold/COLDataset__test.csv",), column("TEXT")),
    Corpus("SWSR", ("swsr/SWSR__SexWeibo.csv",), column("weibo_text")),
    Corpus("KdConv", tuple(f"kdconv/data__{topic}__test.json" for topic in ("film", "music", "travel")), turns),
    Corpus("CrossWOZ", ("crosswoz/data__crosswoz__test.json.zip",), zipped_turns),
    Corpus("medical QA", ("zh_medical_qa/样例_内科5000-6000.csv",), column("ask")),
    Corpus("HalluQA", ("halluqa/HalluQA.json",), values("Question")),
    Corpus("ChineseSafetyQA", ("chinese_safetyqa/data__chinese_safetyqa.csv",), column("question")),
    Corpus("PII, synthetic", ("presidio_research/data__synth_dataset_v2.json",), values("full_text")),
    Corpus("BANKING77", ("banking77/banking_data__test.csv",), column("text")),
    Corpus("CLINC150", ("clinc150/data__data_small.json",), intents),
    Corpus("tweets", ("davidson_hate/data__labeled_data.csv",), column("tweet")),
)


def sample(corpus: Corpus, folder: Path, most: int, seed: int) -> list[str]:
    """Return up to ``most`` different texts of a data set, the same for the same seed.

    Raises:
        OSError: One of its files is not there.
    """
    found: dict[str, None] = {}
    for file in corpus.files:
        for said in corpus.read((folder / file).read_bytes()):
            if isinstance(said, str) and said.strip():
                found[said] = None
    return random.Random(f"{seed} {corpus.name}").sample(list(found), min(most, len(found)))
