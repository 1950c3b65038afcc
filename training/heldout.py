"""Says what is thought of every text by who had not seen its source, and how much each of the thoughts counts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit
from tqdm import tqdm

from gateway.detectors.risk_names import ANSWER, HARM, HEADS, LANGUAGES, WINDOW
from gateway.detectors.risk_sentence import PIECES, Weights, worth_reading
from gateway.detectors.stretches import LONGEST, stretches
from gateway.meaning.encoder import shipped
from training.corpora.rows import Row
from training.examples import featurize, folded
from training.fit import Floats, sigmoid
from training.material import FOLDS, Material, Model, answer_part_of, fitted, part_of
from training.sentence import Told

_LEAN: Final = {"zh": -0.25, "en": -0.35}
"""So much is added to what harm begins with: the mark that refuses (0.35) costs harmless texts of both the same."""
_TOGETHER: Final = {"zh": -0.85}
"""Languages in which harm and attack are also read together, and what is added to what that begins with.

At as many harmless texts refused, Chinese requests that are dressed up are found far more often; English ones are not.
"""
_BARE: Final = {"zh": 0.75}
"""So much is added to harm in a text of at most ``BARE`` characters: as many harmless ones are refused then as of
longer ones, where fewer were."""
_WITHIN: Final = -0.2
"""What is added to what that begins with where a stretch of a long text is read apart."""
_RAREST: Final = 1e-6
"""No question is surer than that, as in ``Classifier``."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Log-odds that every row got from a model that had not seen its source.

    Attributes:
        texts: The highest of a row's windows, for each head.
        answers: The highest of an answer's beginnings.
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
    judged = (material.texts, part_of), (material.answers, answer_part_of), (material.asked, part_of)
    for examples, held_out_with in judged:
        part = np.array([held_out_with(row) for row in examples.rows])
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


def asked_of(
    material: Material, seen: Unseen, calibration: Mapping[str, Mapping[str, Sequence[float]]], scores: Floats
) -> Floats:
    """Return how sure it is that the question of each answer is harmful, in log-odds; 0 without a question.

    A question that is among the texts was read as a sentence too, as the gateway does; of others n-grams tell.

    Args:
        material: The texts and answers.
        seen: What is thought of them.
        calibration: What ``calibrate`` returned,
        scores: and ``known_scores``.
    """
    known = {
        folded(row.text)[:WINDOW]: float(harm) for row, harm in zip(material.texts.rows, scores[:, 0], strict=True)
    }
    found = np.zeros(len(material.answers.rows), np.float32)
    for number, row in enumerate(material.answers.rows):
        if not row.question:
            continue
        chance = known.get(folded(row.question)[:WINDOW])
        slope, offset = calibration[row.language][HARM]
        odds = slope * float(seen.asked[number, 0]) + offset
        found[number] = odds if chance is None else float(logit(np.clip(chance, _RAREST, 1 - _RAREST)))
    return found


def with_question(material: Material, seen: Unseen, asked: Floats) -> dict[str, list[float]]:
    """Return how an answer's own log-odds and those of its question together say that it is harmful.

    Args:
        material: The answers.
        seen: What is thought of them.
        asked: What ``asked_of`` returned.
    """
    rows = material.answers.rows
    shown, _ = _known(rows, ANSWER)
    counts = np.array([row.weight for row in rows])
    features = np.column_stack([seen.answers[:, -1], asked])
    found = {}
    for language in LANGUAGES:
        mine = np.array([bool(row.question) for row in rows]) & (_languages(rows) == language)
        found[language] = _logistic(features[mine], shown[mine], counts[mine])
    return found


def answer_scores(
    material: Material,
    seen: Unseen,
    calibration: Mapping[str, Mapping[str, Sequence[float]]],
    asked: Floats,
    weights: Mapping[str, Sequence[float]],
) -> Floats:
    """Return how likely each answer should not have been given, at the worst of its beginnings, in one column.

    Args:
        material: The texts.
        seen: What is thought of them.
        calibration: What ``calibrate`` returned; it counts for answers without a question.
        asked: What ``asked_of`` returned,
        weights: and ``with_question``, for the others.
    """
    rows = material.answers.rows
    languages, own = _languages(rows), seen.answers[:, -1]
    logits = np.zeros(len(rows), np.float32)
    questions = np.array([bool(row.question) for row in rows])
    for language in LANGUAGES:
        mine = languages == language
        slope, offset = calibration[language][ANSWER]
        logits[mine] = slope * own[mine] + offset
        share, question, begin = weights[language]
        mine = mine & questions
        logits[mine] = share * own[mine] + question * asked[mine] + begin
    return sigmoid(logits)[:, None]


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
    for language, lean in _BARE.items():
        found[language]["bare"] = [lean]
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
        logits[:, 0] += np.array([weights.lean(len(folded(rows[at].text))) for at in again.tolist()], np.float32)
        scores[again, :-1] = sigmoid(logits)
    return scores
