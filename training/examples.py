"""Turns rows into what a model is fitted to: windows, hashed features, targets and how much each counts."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tqdm import tqdm

from gateway.detectors.grams import grams
from gateway.detectors.risk_names import BITS, DAMPING, HEADS, STEP, VIEW, WINDOW
from gateway.text import TextView
from training.corpora.read import read_all
from training.corpora.rows import Kind, Row, harmful
from training.written import read as read_written

Floats = NDArray[np.float32]
_KINDS: Final[dict[str, Kind]] = {
    "instruction": "benign",
    "look_alike": "look_alike",
    "must_refuse": "must_refuse",
    "jailbreak": "attack",
    "injection": "attack",
    "answer": "answer",
    "chat": "comment",
}
_MOST: Final = {"zh": 10_000, "en": 9_000}
_ONE_HAND: Final = "-pl-"
"""Families whose lines share no mould, from few hands: at full weight their turns of phrase would drown others'."""
_LONGEST: Final = 6_000
_WINDOWS: Final = 4


def written(folder: Path, seed: int) -> list[Row]:
    """Read what was written for training; a family is a source of its own."""
    rows = []
    for row in read_written(folder, seed):
        language = "en" if row.language == "en" else "zh"
        risks = frozenset(risk.replace("attack.", "attack ").split()[0] for risk in row.risks)
        kind = _KINDS[row.kind]
        unknown: frozenset[str] = frozenset()
        if kind == "must_refuse":
            risks, unknown = harmful(risks), frozenset({"abuse", "hate"})
        elif kind == "attack":
            unknown = frozenset({"*"})
        elif kind == "answer":
            # What an answer shows is in its own words; a toxic one is a comment too.
            risks = frozenset({"harm", *risks}) if risks else risks
            unknown = frozenset({"*"}) if risks else frozenset()
        elif kind == "comment" and risks:
            unknown = frozenset({"*"})
        # What people ask of an assistant every day is thin in the published sets: each text stands for two.
        weight = 2.0 if kind == "benign" else 1.0
        weight *= 0.5 if _ONE_HAND in row.family else 1.0
        rows.append(Row(row.text, f"written:{row.family}", language, kind, risks, unknown, weight=weight))
    return rows


def gather(data: Path, texts: Path, seed: int) -> list[Row]:
    """Read all rows, published and written; of comments a sample that does not drown the rest."""
    return sampled(everything(data, texts, seed), seed)


def everything(data: Path, texts: Path, seed: int) -> list[Row]:
    """Read all rows, written and published."""
    return [*written(texts, seed), *read_all(data)]


def sampled(rows: Sequence[Row], seed: int) -> list[Row]:
    """Return rows, but of published comments a sample that does not drown the rest."""
    comments: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if row.kind == "comment" and not row.source.startswith("written:"):
            comments.setdefault(row.language, []).append(number)
    left: set[int] = set()
    for language, numbers in sorted(comments.items()):
        left.update(random.Random(f"{seed} {language}").sample(numbers, max(0, len(numbers) - _MOST[language])))
    return [row for number, row in enumerate(rows) if number not in left]


def folded(text: str) -> str:
    """Return what the model sees of a text."""
    return TextView(text[:_LONGEST]).seen(VIEW).text


def windows(text: str) -> list[str]:
    """Return the stretches of a folded text that are judged, the first, the last and some between."""
    starts = [0, *range(STEP, len(text) - STEP, STEP)]
    if len(starts) > _WINDOWS:
        starts = [starts[round(number * (len(starts) - 1) / (_WINDOWS - 1))] for number in range(_WINDOWS)]
    return [text[start : start + WINDOW] for start in starts]


@dataclass(frozen=True, slots=True)
class Examples:
    """Windows of rows, as features.

    Attributes:
        rows: What they come from.
        row: For each window the number of its row.
        features: A line for each window; each is of length 1 or less.
        chinese: For each window whether it is read as Chinese.
    """

    rows: Sequence[Row]
    row: NDArray[np.int64]
    features: sp.csr_matrix
    chinese: NDArray[np.bool_]

    @property
    def first(self) -> NDArray[np.int64]:
        """For each row its first window."""
        return np.searchsorted(self.row, np.arange(len(self.rows)))

    def best(self, logits: Floats) -> Floats:
        """Return for each row the highest of its windows."""
        out = np.full((len(self.rows), logits.shape[1]), -np.inf, np.float32)
        np.maximum.at(out, self.row, logits)
        return out


def featurize(rows: Sequence[Row], texts: Iterable[str] | None = None, *, quiet: bool = False) -> Examples:
    """Hash the n-grams of every window.

    Args:
        rows: What to read.
        texts: Stand in for the rows' own, disguised for a trial.
        quiet: No progress bar.
    """
    indices: list[NDArray[np.int32]] = []
    values: list[Floats] = []
    ends = [0]
    row_of: list[int] = []
    chinese: list[bool] = []
    shift = np.uint64(64 - BITS)
    given = (row.text for row in rows) if texts is None else texts
    bar = tqdm(given, "reading", total=len(rows), unit=" texts", delay=2, disable=True if quiet else None)
    for number, text in enumerate(bar):
        for window in windows(folded(text)):
            # Each gram counts once; two that share a place count both, as they do when judging.
            seen = grams(window)
            hashes = np.unique(seen.hashes)
            chinese.append(seen.is_chinese(len(window)))
            found, times = np.unique((hashes >> shift).astype(np.int32), return_counts=True)
            indices.append(found)
            values.append((times / np.sqrt(hashes.size + DAMPING)).astype(np.float32))
            ends.append(ends[-1] + found.size)
            row_of.append(number)
    features = sp.csr_matrix(
        (np.concatenate(values), np.concatenate(indices), np.array(ends)), shape=(len(row_of), 1 << BITS)
    )
    return Examples(rows, np.array(row_of), features, np.array(chinese))


def targets(examples: Examples, heads: Sequence[str] = HEADS) -> tuple[Floats, Floats]:
    """Return for each window and risk whether it is shown, and how much that counts."""
    rows = examples.rows
    wanted = np.zeros((len(rows), len(heads)), np.float32)
    counts = np.zeros_like(wanted)
    for number, row in enumerate(rows):
        shown = {*row.risks, *(risk.split(".")[0] for risk in row.risks)}
        for column, head in enumerate(heads):
            if head.startswith("answer.") != (row.kind == "answer"):
                continue
            risk = head.removeprefix("answer.")
            if risk in shown:
                wanted[number, column] = 1
                counts[number, column] = row.weight
            elif not (risk in row.unknown or "*" in row.unknown):
                # Who is rude in a comment section was not asking for help.
                counts[number, column] = row.weight * (0.4 if row.kind == "comment" and risk == "harm" else 1.0)
    # A long text is many windows: together they count little more than a short one.
    share = 1 / np.sqrt(np.bincount(examples.row, minlength=len(rows)))
    wanted = wanted[examples.row]
    counts = np.asarray(counts[examples.row] * share[examples.row, None], np.float32)
    positive, negative = (wanted * counts).sum(0), ((1 - wanted) * counts).sum(0)
    lift = np.clip(np.sqrt(negative / np.maximum(positive, 1)), 1, 4)
    return wanted, np.asarray(np.where(wanted > 0, counts * lift, counts), np.float32)


def fold_of(source: str, folds: int) -> int:
    """Say which part a source is held out with: a family by its name."""
    return int.from_bytes(hashlib.blake2b(source.encode(), digest_size=4).digest()) % folds
