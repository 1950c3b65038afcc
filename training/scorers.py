"""Makes what the scorers without a model have learned, with its card: the same for the same texts.

    python -m training.scorers --data folder-with-public-data-sets

The signs of support and of relevance are measured by the scorers themselves; here they get their weights,
each with the direction that its meaning asks for: a sign against an answer never speaks for it. What is
measured on a set comes from weights that saw nothing of its family.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from evaluators.rows import Row
from evaluators.scorers import relevant, support
from evaluators.scorers.alignment import read_passages, take_apart, terms
from evaluators.scorers.by_row import Lore, Taken, load_lore
from evaluators.scorers.faithful import Weights
from evaluators.scorers.rarity import BUCKETS, buckets
from evaluators.scorers.words import Words, load_words
from training.corpora.files import DataError
from training.judged import Answer, read_judged, read_pairs
from training.measure import auroc
from training.planted import is_chinese

Numbers = NDArray[np.float64]

FOR: Final = frozenset(
    {"near", "soft", "exact"}
    | {"covered", "covered_soft", "covered_any", "covered_rarest", "opening", "meets", "bridge", "alike", "alike_best"}
)
"""Signs that speak for an answer."""
EITHER: Final = frozenset({"length", "numbers", "empty", "precise", "no_passages"})
"""Signs that may speak for or against one; all others speak against."""
PLANTED: Final = 0.4
"""What a set with planted errors counts for, against one that people judged."""
_STRENGTH: Final = 1.0
HALF: Final = 0.5
"""From this chance on a statement counts as supported."""
_THRESHOLDS: Final = tuple(round(0.2 + 0.02 * step, 2) for step in range(36))
_EVASIONS: Final = {
    "zh": (
        "我不知道。", "抱歉，我无法回答这个问题。", "资料中没有提到相关内容。", "这个问题我不太清楚，请问问别人。",
        "这要看情况。",
    ),
    "en": (
        "I don't know.", "I'm sorry, I cannot answer that.", "The context does not mention this.",
        "It depends on many things.", "I am not sure about that.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """A set whose signs are measured.

    Attributes:
        name: Short name.
        family: Sets of one family are left out together.
        signs: For each answer a row for each of its statements.
        good: Whether each answer is a good one.
        weight: What the set counts for.
        kinds: What is wrong with each answer; empty for a good one.
    """

    name: str
    family: str
    signs: list[Numbers]
    good: NDArray[np.bool_]
    weight: float
    kinds: tuple[str, ...]


def rarity_table(texts: Iterable[str], words: Words) -> bytes:
    """Return the table of how rare terms are, from pieces of 300 characters."""
    counts = np.zeros(2 * BUCKETS)
    total: Counter[bool] = Counter()
    for text in texts:
        for at in range(0, len(text), 300):
            piece = text[at : at + 300]
            total[is_chinese(piece)] += 1
            found = {buckets(term) for term in terms(words.lexis.read(piece))}
            for one, other in found:
                counts[one] += 1
                counts[BUCKETS + other] += 1
    most = math.log(max(total.values(), default=0) + 2)
    rarity = (most - np.log(counts + 1)) / most
    return bytes(np.clip(np.round(rarity * 255), 0, 255).astype(np.uint8))


def fit(sets: Sequence[Measured], names: Sequence[str]) -> Weights:
    """Fit a logistic regression on the means of signs, each sign in its own direction."""
    features = np.array([rows.mean(axis=0) for one in sets for rows in one.signs])
    good = np.concatenate([one.good for one in sets])
    counts = np.concatenate([np.full(len(one.good), 300 * one.weight / len(one.good)) for one in sets])
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled, side = (features - centre) / spread, np.where(good, 1.0, -1.0)

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        margin = side * (scaled @ flat[:-1] + flat[-1])
        slope = -side * counts / (1 + np.exp(np.clip(margin, -30, 30)))
        value = (counts * np.logaddexp(0, -margin)).sum() + 0.5 * _STRENGTH * (flat[:-1] ** 2).sum()
        return float(value), np.append(scaled.T @ slope + _STRENGTH * flat[:-1], slope.sum())

    bounds = [(None, None) if n in EITHER else (0, None) if n in FOR else (None, 0) for n in names]
    found = minimize(
        loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B",
        bounds=[*bounds, (None, None)], options={"maxiter": 300},
    ).x  # fmt: skip
    weights = found[:-1] / spread
    bias = float(found[-1] - (found[:-1] * centre / spread).sum())
    kept = [i for i in range(len(names)) if abs(found[i]) > 0.005]
    return Weights(tuple(names[i] for i in kept), tuple(round(float(weights[i]), 4) for i in kept), round(bias, 4))


def scored(one: Measured, weights: Weights, names: Sequence[str]) -> Numbers:
    """Return the value of every answer, as the scorer makes it of its statements."""
    columns = [list(names).index(name) for name in weights.names]
    values = []
    for rows in one.signs:
        logits = rows[:, columns] @ np.array(weights.weights) + weights.bias
        each = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        values.append((each.mean() + each.min()) / 2)
    return np.array(values)


def area(one: Measured, values: Numbers, kind: str = "") -> float:
    """Return the area under the curve, of all answers or of the good ones against one kind of error."""
    bad = ~one.good & np.array([not kind or found == kind for found in one.kinds])
    estimate = auroc(np.asarray(values[one.good]), np.asarray(values[bad]))
    return estimate.value if estimate else float("nan")


def measured_support(row: Answer, lore: Lore) -> Numbers:
    """Return the signs of support of each statement of an answer."""
    taken = Taken(Row(0, row.question, row.answer, row.passages, tuple(map(str, range(len(row.passages))))), lore)
    about = [term for sentence in taken.asked for term in sentence.terms]
    stated = taken.stated or taken.said
    return np.array([list(support.measure(one, taken.passages, lore.rarity, about).signs.values()) for one in stated])


def measured_relevance(question: str, answer: str, lore: Lore) -> Numbers:
    """Return the signs of relevance of an answer, as its only row."""
    taken = Taken(Row(0, question, answer), lore)
    found = relevant.measure(
        taken.asked, taken.said, None, taken.stance.stance, rarity=lore.rarity, meaning=lore.meaning
    )
    return np.array([list(found.signs.values())])


def question_sets(data: Path, lore: Lore, seed: int) -> list[Measured]:
    """Return answers to their questions, to others, evasions, and questions given back."""
    made = []
    for name, pairs in read_pairs(data, seed):
        rng = random.Random(seed + 3)
        rows: list[tuple[str, str, str]] = []
        evasions = _EVASIONS["zh" if is_chinese(pairs[0][0]) else "en"]
        for question, answer in pairs:
            draw = rng.random()
            other = rng.choice(pairs)[1]
            rows.append((question, answer, ""))
            if draw < 0.7 and other != answer:
                rows.append((question, other, "other"))
            elif draw >= 0.85:
                rows.append((question, question, "copy"))
            elif draw >= 0.7:
                rows.append((question, rng.choice(evasions), "evasion"))
        rows = [row for row in rows if any(c.isalnum() for c in row[0]) and any(c.isalnum() for c in row[1])]
        signs = [measured_relevance(question, answer, lore) for question, answer, _ in tqdm(rows, desc=name, delay=2)]
        good = np.array([not kind for _, _, kind in rows])
        made.append(Measured(name, name, signs, good, 1.0, tuple(kind for _, _, kind in rows)))
    return made


def support_sets(data: Path, lore: Lore, seed: int) -> list[Measured]:
    """Return every set of judged and of planted answers."""
    made = []
    for one in read_judged(data, seed):
        signs = [measured_support(row, lore) for row in tqdm(one.rows, desc=one.name, delay=2)]
        kept = [i for i, rows in enumerate(signs) if rows.size]
        good = np.array([one.rows[i].true for i in kept])
        kinds = tuple(one.rows[i].kind for i in kept)
        made.append(
            Measured(one.name, one.family, [signs[i] for i in kept], good, PLANTED if one.planted else 1.0, kinds)
        )
    return made


def table(sets: Sequence[Measured], names: Sequence[str], weights: Weights) -> list[str]:
    """Return lines of the card: each set, in sample and left out with its family."""
    lines = [
        "| set | rows | area, all sets seen | area, its family left out | by kind, left out |",
        "|---|---|---|---|---|",
    ]
    for one in sets:
        others = [other for other in sets if other.family != one.family]
        apart = scored(one, fit(others, names), names)
        kinds = sorted({kind for kind in one.kinds if kind})
        split = ", ".join(f"{kind} {area(one, apart, kind):.2f}" for kind in kinds)
        seen = area(one, scored(one, weights, names))
        lines.append(f"| {one.name} | {len(one.good)} | {seen:.3f} | {area(one, apart):.3f} | {split} |")
    return lines


def balanced(good: NDArray[np.bool_], values: Numbers, threshold: float) -> float:
    """Return the mean of the shares of good answers at or above a threshold and of bad ones below it."""
    return float(((values[good] >= threshold).mean() + (values[~good] < threshold).mean()) / 2)


def thresholds(sets: Sequence[Measured], names: Sequence[str]) -> list[str]:
    """Return lines of the card: for each set how a threshold chosen on other families does, beside one half."""
    apart = [scored(one, fit([other for other in sets if other.family != one.family], names), names) for one in sets]
    lines = [
        "| set | chosen on others | there | at .5 | good that pass, bad that pass, at .5 |",
        "|---|---|---|---|---|",
    ]
    for one, values in zip(sets, apart, strict=True):
        others = [(other.good, found) for other, found in zip(sets, apart, strict=True) if other.family != one.family]
        chosen = max(_THRESHOLDS, key=lambda t: sum(balanced(good, found, t) for good, found in others))
        passing = [float((values[side] >= HALF).mean()) for side in (one.good, ~one.good)]
        lines.append(
            f"| {one.name} | {chosen:.2f} | {balanced(one.good, values, chosen):.3f} | "
            f"{balanced(one.good, values, HALF):.3f} | {passing[0]:.2f}, {passing[1]:.2f} |"
        )
    return lines


def save(weights: Weights, path: Path) -> None:
    """Write weights as JSON."""
    written = {"signs": list(weights.names), "weights": list(weights.weights), "bias": weights.bias}
    path.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


def make(data: Path, out: Path, seed: int) -> None:
    """Make every file of ``out`` from the data.

    Raises:
        DataError: A set is not where it should be.
    """
    words = load_words()
    texts = [text for one in read_judged(data, seed) for row in one.rows for text in (row.answer, *row.passages[:1])]
    texts += [text for _, pairs in read_pairs(data, seed) for pair in pairs for text in pair]
    (out / "rarity.bin").write_bytes(rarity_table(dict.fromkeys(texts), words))
    none = Weights((), (), 0.0)
    lore = replace(load_lore(), faithfulness=none, relevancy=none)
    one, passages = take_apart("a", words), read_passages(["a"], words)
    support_names = tuple(support.measure(one, passages, lore.rarity).signs)
    relevance_names = tuple(
        relevant.measure([one], [one], None, "answers", rarity=lore.rarity, meaning=lore.meaning).signs
    )
    card = [_HEAD.format(day=date.today().isoformat())]
    for title, name, sets, names in (
        ("Faithfulness", "faithfulness", support_sets(data, lore, seed), support_names),
        ("Relevancy", "relevancy", question_sets(data, lore, seed), relevance_names),
    ):
        weights = fit(sets, names)
        save(weights, out / f"{name}.json")
        card += [f"\n## {title}\n", *table(sets, names, weights)]
        card += [_THRESHOLD, *thresholds(sets, names)] if name == "faithfulness" else []
    (out / "CARD.md").write_text("\n".join(card) + "\n", "utf-8")


_THRESHOLD: Final = """
## The threshold of .5

Learned support is a chance, so a statement counts as supported from .5 on. Does a threshold that was chosen on other
families do better? For each set: balanced accuracy at the threshold that was best on all families but its own, and at
.5, by weights that saw nothing of its family.
"""
_HEAD: Final = """\
# What the scorers without a model have learned

Made by `python -m training.scorers` on {day}. No text of any data set is in these files: `rarity.bin` is a table of
counts of hashed terms, the two JSON files hold a weight for each named sign.

For: `faithfulness_lexical`, `context_precision_lexical`, `context_recall_lexical`, `relevancy_lexical`.
Not for: deciding about one answer without a person. They see words, not meaning: a free paraphrase looks unsupported,
an error that keeps every word (who did what to whom) often looks supported.

Sets that people judged: BEGIN (Wizard of Wikipedia, CMU-DoG, TopicalChat), BUMP, WiCE, PAWS-X in Chinese (pairs that
share their words and differ in order). Sets whose errors were planted by `training/planted.py` in passages of KdConv,
Chinese medical answers, WiCE and BUMP. Relevancy: questions of COVID FAQ, HaluEval, Dolly, Chinese medical questions,
HalluQA, ChineseSafetyQA and KdConv, each with its answer, another's, an evasion, or itself.

The area is the chance that a good answer scores higher than a bad one. The last columns come from weights that saw
nothing of the set's family; they are the ones to expect on other data."""


@click.command(epilog="Example:\n\n  python -m training.scorers --data folder-with-public-data-sets")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("evaluators/scorers/weights"), show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same files of the same texts.")
def main(data: Path, out: Path, seed: int) -> None:
    """Make the weights of the scorers without a model from a folder of public data sets."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        make(data, out, seed)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: rarity.bin, faithfulness.json, relevancy.json and CARD.md are made; read the card", err=True)


if __name__ == "__main__":
    main()
