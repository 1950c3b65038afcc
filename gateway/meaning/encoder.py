"""A vector for a sentence in which the order of its words counts: a small network from a table that ships.

It is universal-sentence-encoder-multilingual (Apache-2.0; Yang et al., 2020), with the pieces of Chinese and
English alone, fitted further to tell risks (see ``weights/CARD-encoder.md``). Pieces are looked up, go
through windows of two, three and five neighbours, are added up, and go through a few layers more. It runs on numpy,
without a network, in about 0.05 ms for each piece.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from array import array
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from operator import itemgetter
from threading import Lock
from typing import Final, NamedTuple

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from gateway.errors import ConfigError

Floats = NDArray[np.float32]
ORDERS: Final = ((2, 0), (3, 1), (5, 2))
"""Of the three branches: how many neighbours a window has, and how many of them come before."""
WIDTH: Final = 512
"""How many numbers a vector has."""
_INNER: Final = 256
UNKNOWN, _BEGIN, _END = 0, 1, 2
_SPACE: Final = "\u2581"
_UNLIKELY: Final = 10.0
"""How much less likely than the least likely piece a character is that none has."""
MATRICES: Final = (
    *("proj", "proj_b", "proj_g", "proj_o", "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3"),
    *(f"{name}_{size}" for size, _ in ORDERS for name in ("w1", "b1", "w2", "b2")),
)
"""The names of the matrices, as the package names them that they were taken from."""
SHIPPED: Final = "encoder.npz"
_EPSILON: Final = np.float32(1e-12)
_MEND: Final = "install the package again, or make it anew: make train-encoder"


class _Layer(NamedTuple):
    """What reads windows: for each place in one a matrix, and what is added to their sum."""

    places: Floats
    shift: Floats


class _Branch(NamedTuple):
    """What reads windows of one size.

    Attributes:
        before: How many neighbours a window has before its middle.
        layers: What reads it, and what reads that.
    """

    before: int
    layers: Sequence[_Layer]


class Encoder:
    """The network.

    Args:
        pieces: What texts are cut into; the first three stand for the unknown, the begin and the end.
        scores: How likely each piece is, as a logarithm.
        rows: What each piece begins as, in small whole numbers.
        steps: How far apart these are, and the lowest of them, for each piece.
        arrays: The matrices by name.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        scores: Floats,
        rows: NDArray[np.uint8],
        steps: Floats,
        arrays: dict[str, Floats],
    ) -> None:
        self._rows, self._steps = rows, steps
        known = pieces[_END + 1 :]
        # The last number is that of a character that no piece is.
        self._gains = array("f", [*scores[_END + 1 :].tolist(), float(scores.min()) - _UNLIKELY])
        self._found = ahocorasick_rs.AhoCorasick(known, store_patterns=False)
        self._single = frozenset(piece for piece in known if len(piece) == 1)
        self._a = arrays
        self._branches = [
            _Branch(
                before,
                tuple(_Layer(arrays[f"w{n}_{size}"].reshape(size, -1, _INNER), arrays[f"b{n}_{size}"]) for n in (1, 2)),
            )
            for size, before in ORDERS
        ]

    def cut(self, text: str) -> list[int]:
        """Return the likeliest pieces of a text, as numbers, between those of its begin and end."""
        written = _SPACE + _SPACE.join(text.split())
        size, gains, single = len(written), self._gains, self._single
        none = len(gains) - 1
        edges = self._found.find_matches_as_indexes(written, overlapping=True)
        if strange := [(none, at, at + 1) for at, one in enumerate(written) if one not in single]:
            edges = sorted([*edges, *strange], key=itemgetter(2, 1))
        best = [0.0] + [-1e38] * size
        came: list[tuple[int, int]] = [(0, none)] * (size + 1)
        for number, start, end in edges:  # in the order in which they end: all that lead to a start are known
            if (score := best[start] + gains[number]) > best[end]:
                best[end], came[end] = score, (start, number)
        found, at = [_END], size
        while at:
            at, number = came[at]
            found.append(UNKNOWN if number == none else number + _END + 1)
        found.append(_BEGIN)
        return found[::-1]

    def read(self, cuts: Sequence[Sequence[int]]) -> Floats:
        """Return a row of length 1 for each text.

        Args:
            cuts: The pieces of each, none empty. The whole work is linear in their number.
        """
        return np.stack([self._read(np.array(cut, np.intp)) for cut in cuts])

    def _read(self, cut: NDArray[np.intp]) -> Floats:
        a, count = self._a, np.float32(len(cut))
        features = np.empty((len(cut), WIDTH + len(ORDERS) * _INNER), np.float32)
        begin, steps = features[:, :WIDTH], self._steps.take(cut, 0)
        np.multiply(self._rows.take(cut, 0), steps[:, :1], out=begin)
        begin += steps[:, 1:]
        x = begin @ a["proj"]
        x += a["proj_b"]
        _even(x, a["proj_g"], a["proj_o"])
        for number, branch in enumerate(self._branches):
            mine = x[:, number * _INNER : (number + 1) * _INNER]
            for layer in branch.layers:
                heard = _heard(mine, layer.places, branch.before)
                heard += layer.shift
                np.maximum(heard, 0, out=heard)
                heard += mine
                mine = heard
            features[:, WIDTH + number * _INNER : WIDTH + (number + 1) * _INNER] = mine
        total = _summed(features)
        total *= a["ln_g"]
        total += count * a["ln_b"]
        total = total @ a["cnn_W"]
        total += count * a["cnn_b"]
        total /= np.sqrt(count)
        deep = np.maximum(np.maximum(total @ a["d0"], 0) @ a["d1"] + total @ a["p1"], 0)
        out = np.tanh(deep @ a["p3"] + np.maximum(deep @ a["d2"], 0) @ a["d3"])
        return np.asarray(out / max(np.linalg.norm(out), 1e-6), np.float32)


def read_encoder(content: bytes) -> Encoder:
    """Read an encoder; raises ``ConfigError`` for a broken one."""
    try:
        kept = np.load(io.BytesIO(content), allow_pickle=False)
        steps_of = {name: kept[f"{name}.step"] if kept[name].ndim > 1 else np.float32(1) for name in MATRICES}
        arrays = {name: kept[name].astype(np.float32) * step for name, step in steps_of.items()}
        pieces = kept["pieces"].tobytes().decode().split("\n")
        rows, steps, scores = kept["rows"], kept["steps"], kept["scores"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"the encoder is broken ({error}) — {_MEND}") from None
    if rows.shape[1:] != (WIDTH,) or {*map(len, (pieces, steps, scores))} != {len(rows)}:
        raise ConfigError(f"the encoder has {len(pieces)} pieces and rows of shape {rows.shape} — {_MEND}")
    return Encoder(pieces, scores, rows, steps, arrays)


class Shipped:
    """The encoder that ships: its file is read at once, its network is built when it is first asked.

    Attributes:
        digest: SHA-256 of the file.

    Args:
        content: The file.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._built: Encoder | None = None
        self._building = Lock()
        self.digest = hashlib.sha256(content).hexdigest()

    @property
    def built(self) -> bool:
        """Whether the network is there."""
        return self._built is not None

    @property
    def encoder(self) -> Encoder:
        """The network; raises ``ConfigError`` if the file is broken."""
        if self._built is None:
            with self._building:  # whoever comes meanwhile waits: building it twice takes longer
                if self._built is None:
                    self._built, self._content = read_encoder(self._content), b""
        return self._built


@cache
def shipped() -> Shipped:
    """Return the encoder that ships; raises ``ConfigError`` if it is missing."""
    try:
        return Shipped(files("gateway.meaning").joinpath("weights", SHIPPED).read_bytes())
    except OSError as error:
        raise ConfigError(f"the encoder cannot be read: {error.strerror} — {_MEND}") from None


def _heard(x: Floats, places: Floats, before: int) -> Floats:
    """Return what a window around each line says: the sum, over its places, of the line there times their matrix.

    Place for place: to lay windows side by side first takes a copy of every line for each place.
    """
    heard = x @ places[before]
    for place, matrix in enumerate(places):
        far = place - before
        if 0 < far < len(x):
            heard[:-far] += x[far:] @ matrix
        elif -len(x) < far < 0:
            heard[-far:] += x[:far] @ matrix
    return np.asarray(heard, np.float32)


def _even(x: Floats, scale: Floats, shift: Floats) -> None:
    """Bring every row to mean 0 and spread 1, then scale and shift it (layer normalisation), in place."""
    x -= x.mean(1, keepdims=True)
    spread = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
    x *= (1 / np.sqrt(spread + _EPSILON))[:, None]
    x *= scale
    x += shift


def _summed(x: Floats) -> Floats:
    """Return the sum of all rows, each brought to mean 0 and spread 1."""
    mean = x.mean(1)
    spread = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1]) - mean * mean
    weight = 1 / np.sqrt(spread + _EPSILON)
    return np.asarray(weight @ x - weight @ mean, np.float32)
