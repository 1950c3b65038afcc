"""Reads the texts that Chinese names are learnt from: plain ones that hardly name anybody, written ones, dialogues."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gateway.text import fold
from training.examples import fold_of
from training.names_zh_texts import SURNAMES
from training.written import read as read_written

HAN: Final = re.compile("[\u4e00-\u9fff]+")
NAME: Final = re.compile("[\u4e00-\u9fff]{2,4}")
_PERSON: Final = re.compile("导演|主演|演员|编剧|歌手|演唱|作词|作曲|编曲|制片|监制|作者|填词|谱曲|原唱|主持")
SEED: Final = 7
_WRITTEN: Final = Path(__file__).parent / "written"
PARTS: Final = 4
"""Of so many parts of the texts one may be left out."""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def read_texts(path: Path) -> Iterator[str]:
    """Yield the strings of a file, of each that is packed in it, or its lines."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield from _strings(json.loads(archive.read(name)))
        return
    content = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        yield from _strings(json.loads(content))
    except json.JSONDecodeError:  # rows of JSON, or plain lines
        for line in content.splitlines():
            try:
                yield from _strings(json.loads(line))
            except json.JSONDecodeError:
                yield line


PLAIN: Final = (
    "crosswoz/*.zip",
    "halluqa/*.json",
    "huatuo_med_zh/*.json",
    "zh_medical_qa/*",
    "kdconv/*travel*.json",
    "cold/*train.csv",
    "swsr/*.csv",
    "teleantifraud/*normal*.jsonl",
    "jade/*",
)


def plain_texts(data: Path, *, dialogues: bool = True) -> list[str]:
    """Return Chinese texts that hardly name anybody.

    Args:
        data: The folder of public data sets.
        dialogues: KdConv's are among them.
    """
    texts: list[str] = []
    for pattern in PLAIN:
        if not dialogues and pattern.startswith("kdconv"):
            continue
        for path in sorted(data.glob(pattern)):
            if path.name == "SOURCE" or path.suffix not in {".zip", ".json", ".jsonl", ".csv", ".txt"}:
                continue
            found = [fold(text) for text in read_texts(path) if len(HAN.findall(text)) and len(text) < 4000]
            texts += dict.fromkeys(found)
    return texts


def written_texts(part: int | None = None, *, without: bool = False) -> list[str]:
    """Return the Chinese and mixed texts written for training, folded.

    Args:
        part: Of the families those alone that are held out together; None for all.
        without: All but those instead.
    """
    return [
        fold(row.text)
        for row in read_written(_WRITTEN, SEED)
        if row.language != "en" and (part is None or (fold_of(row.family.partition("--")[0], PARTS) == part) != without)
    ]


def marked_dialogues(data: Path, which: str) -> list[tuple[str, list[str]]]:
    """Return KdConv's messages about films and music with the persons that its knowledge names in them."""
    marked: list[tuple[str, list[str]]] = []
    for path in sorted(data.glob(f"kdconv/*{which}.json")):
        if "travel" in path.name:
            continue
        for dialogue in json.loads(path.read_text(encoding="utf-8")):
            persons: set[str] = set()
            for message in dialogue["messages"]:
                attrs = message.get("attrs", ())
                jobs = {
                    attr["name"] for attr in attrs if attr["attrname"] in ("职业", "出生日期", "生日", "星座", "民族")
                }
                persons |= {name for name in jobs if NAME.fullmatch(name) and name[0] in SURNAMES}
                for attr in attrs:
                    if _PERSON.search(attr["attrname"]):
                        persons |= {
                            n
                            for n in re.split("[、，,/ ;；]+", attr["attrvalue"])
                            if NAME.fullmatch(n) and n[0] in SURNAMES
                        }
            marked += [(fold(message["message"]), sorted(persons)) for message in dialogue["messages"]]
    return marked
