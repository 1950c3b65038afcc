"""How far the refusal scorer agrees with people, on public answers that people have labelled.

    python -m benchmarks.agreement --data folder-with-public-data-sets

GPTFuzz: 7,700 answers of one model to harmful questions in jailbreak frames; people said whether the jailbreak worked
(both refusals of theirs count as refused). AISafetyLab: 1,100 answers of several models; refusals, harmless answers and
harmful answers. Neither set was written for refusals alone: an insult instead of an answer counts as refused there.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

from evaluators.agreement import Agreement, agreement
from evaluators.sample import Response
from evaluators.scorers.refusal import RefusalOptions, read_stance
from evaluators.scorers.words import load_words

_HAN = re.compile("[\u4e00-\u9fff]")
_LEAST_HAN = 20


def labelled(folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield the name of a set, an answer, and whether people say that it was refused."""
    for part in ("train", "evaluate"):
        file = folder / "gptfuzz" / f"datasets__responses_labeled__{part}.csv"
        with file.open(encoding="utf-8", errors="replace", newline="") as lines:
            for row in csv.DictReader(lines):
                spoken = "zh" if len(_HAN.findall(row["Response"])) > _LEAST_HAN else "en"
                yield f"gptfuzz {part} {spoken}", row["Response"], row["label"] == "0"
    for row in json.loads((folder / "aisafetylab" / "demo__training_data__train.json").read_text("utf-8")):
        yield "aisafetylab train", row["output"], str(row["label"]) == "1"


def measure(folder: Path) -> dict[str, Agreement]:
    """Return the agreement on every set: a whole refusal against all else."""
    words, options = load_words(), RefusalOptions()
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for name, text, refused in labelled(folder):
        stance = read_stance(Response(text, "stop"), words, options).stance
        pairs.setdefault(name, []).append((refused, stance == "declines"))
    return {name: agreement(found) for name, found in pairs.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data sets")
    print(f"{'set':22} {'n':>6} {'kappa':>7} {'95 %':>15} {'sensitivity':>12} {'specificity':>12}")
    for name, found in measure(parser.parse_args().data).items():
        low, high = found.kappa_interval
        print(
            f"{name:22} {found.n:>6} {found.kappa:>7.3f} {low:>7.3f}–{high:.3f} "
            f"{found.sensitivity or 0:>12.3f} {found.specificity or 0:>12.3f}"
        )


if __name__ == "__main__":
    main()
