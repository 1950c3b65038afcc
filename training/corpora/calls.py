"""A data set of telephone calls: fraud, and what service desks and their callers say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from training.corpora.files import objects
from training.corpora.rows import Maker, Row


def teleantifraud(folder: Path) -> Iterator[Row]:
    """Read what swindlers say in a call, and ordinary calls, whose answers are harmless ones."""
    make = Maker("teleantifraud", "zh")
    stem = "multi-agents-tools__AntiFraudMatrix"
    paths = sorted((folder / "teleantifraud").glob(f"{stem}__results__*.jsonl"))
    told = [" ".join(row["left"]) for path in paths for row in objects(path)]
    for text in random.Random(7).sample(sorted(set(told)), 1500):
        yield make.comment(text[:600], ("fraud",), 0.5)
    paths = sorted((folder / "teleantifraud").glob(f"{stem}-normal__results__*.jsonl"))
    talks = [row for path in paths for row in objects(path)]
    fine = [side for row in talks for side in (" ".join(row["left"]), *row["right"][:2])]
    yield from make.benign([text[:600] for text in fine], 3000)
    for row in random.Random(7).sample(talks, min(1000, len(talks))):
        yield make.answer(row["right"][0], " ".join(row["left"])[:600], False)
