"""Data sets of what people write about others: abuse, hate, and what only sounds like it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from training.corpora.files import objects, table
from training.corpora.rows import ALL, Maker, Row


def cold(folder: Path) -> Iterator[Row]:
    """Read comments about race, region and gender, offensive or not."""
    make = Maker("cold", "zh")
    groups = {"race": "a2.a", "region": "a2.d", "gender": "a2.e"}
    for name in ("train", "dev", "test"):
        for row in table(folder / f"cold/COLDataset__{name}.csv"):
            bad = row["label"].strip() == "1"
            yield make.comment(row["TEXT"], ("abuse", "hate", "a2", groups.get(row["topic"], "a2")) if bad else (), 0.5)


def swsr(folder: Path) -> Iterator[Row]:
    """Read comments about women and men, sexist or not, and the posts that they answer."""
    make = Maker("swsr", "zh")
    for row in table(folder / "swsr/SWSR__SexComment.csv"):
        yield make.comment(row["comment_text"], ("abuse", "hate", "a2", "a2.e") if row["label"] == "1" else (), 0.5)
    yield from make.benign(
        [row["weibo_text"] for row in table(folder / "swsr/SWSR__SexWeibo.csv")], 1500, "comment", 0.5
    )


def conversationai(folder: Path) -> Iterator[Row]:
    """Read sentences made by templates, toxic or not, and a test set with and without spelling errors."""
    make = Maker("conversationai", "zh")
    rows = list(table(folder / "conversationai_testsets/sentence_templates__zh-cn_sentence_templates.csv"))
    for row in random.Random(7).sample(rows, 1500):
        yield make.comment(row["phrase"], ("abuse", "hate", "a2") if row["toxicity"] == "toxic" else (), 0.2)
    make = Maker("conversationai", "en")
    path = folder / "conversationai_testsets/archive__unintended_ml_bias__eval_datasets__bias_madlibs_77k.csv"
    for row in random.Random(7).sample(list(table(path)), 1500):
        yield make.comment(row["Text"], ("abuse", "hate", "a2") if row["Label"] == "BAD" else (), 0.2)
    for name in ("nonfuzzed", "fuzzed"):
        path = (
            folder / f"conversationai_testsets/archive__unintended_ml_bias__eval_datasets__toxicity_{name}_testset.csv"
        )
        for row in table(path):
            yield make.comment(row["comment"], ("abuse",) if row["toxic"] == "True" else (), unknown=ALL)


def davidson(folder: Path) -> Iterator[Row]:
    """Read tweets: hate speech, rude ones, and neither."""
    make = Maker("davidson", "en")
    kinds: Mapping[str, tuple[str, ...]] = {"0": ("abuse", "hate", "a2"), "1": ("abuse",), "2": ()}
    rows = list(table(folder / "davidson_hate/data__labeled_data.csv"))
    for row in random.Random(7).sample(rows, 9000) + [row for row in rows if row["class"] != "1"]:
        yield make.comment(row["tweet"], kinds[row["class"]], 0.3)


def edos(folder: Path) -> Iterator[Row]:
    """Read comments, sexist or not, with threats among them."""
    make = Maker("edos", "en")
    for row in table(folder / "edos/data__edos_labelled_aggregated.csv"):
        bad = row["label_sexist"] == "sexist"
        risks = ["abuse", "hate", "a2", "a2.e"] if bad else []
        if bad and row["label_category"].startswith("1."):
            risks.append("violence")
        # What is not sexist here may be rude about something else.
        yield replace(make.comment(row["text"], risks, 0.4), unknown=ALL if bad else frozenset({"abuse"}))


def hatemoji(folder: Path) -> Iterator[Row]:
    """Read comments with emoji, hateful or not, with threats among them."""
    make = Maker("hatemoji", "en")
    for name in ("Build__train", "Build__validation", "Build__test", "Check__test"):
        for row in table(folder / f"hatemoji/Hatemoji{name}.csv"):
            bad = row["label_gold"] == "1"
            risks = ["abuse", "hate", "a2"] if bad else []
            if bad and row.get("type") == "threateninglanguage":
                risks.append("violence")
            yield make.comment(row["text"], risks, 0.4)


def surge(folder: Path) -> Iterator[Row]:
    """Read comments, toxic or not."""
    for row in table(folder / "surge_toxicity/toxicity_en.csv"):
        yield Maker("surge", "en").comment(row["text"], ("abuse",) if row["is_toxic"] == "Toxic" else (), 1.0)


def diasafety(folder: Path) -> Iterator[Row]:
    """Read answers in talks that offend the other side."""
    # What is unsafe here is what it means to say a thing in a talk: of words alone only rudeness can be learnt.
    make = Maker("diasafety", "en")
    for name in ("train", "val", "test"):
        for row in objects(folder / f"diasafety/DiaSafety_dataset__{name}.json"):
            if row["category"] == "Offending User" and row["label"] == "Unsafe":
                yield make.comment(row["response"], ("abuse",), 0.7)
