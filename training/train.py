"""Trains the risk model that ships, measures it on what it has not seen, and writes it down with its card."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from gateway.detectors.grams import grams
from gateway.detectors.risk_files import write_model
from gateway.detectors.risk_names import ITEM_BITS, ITEMS
from gateway.errors import ConfigError
from gateway.meaning.encoder import shipped
from training.card import Judged, card
from training.corpora.files import DataError
from training.corpora.rows import Row
from training.examples import folded, gather, windows
from training.fit import Floats, Linear
from training.heldout import answer_scores, asked_of, calibrate, known_scores, unseen, with_question, with_sentence
from training.material import Model, fitted, prepare
from training.sentence import Net
from training.sums import renew


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
    scores = known_scores(material, seen, calibration, second)
    asked = asked_of(material, seen, calibration, scores)
    with_asked = with_question(material, seen, asked)
    notes = {
        "calibration": calibration,
        "with_question": with_asked,
        "with_sentence": second,
        "encoder": shipped().digest,
        "seed": seed,
        "commit": commit,
    }
    weights, told = pack(fitted(material), fit_items(rows), material.told.net, notes)
    texts_judged = Judged(material.texts.rows, scores)
    answered = answer_scores(material, seen, calibration, asked, with_asked)
    answers_judged = Judged(material.answers.rows, answered)
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
    renew()
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
