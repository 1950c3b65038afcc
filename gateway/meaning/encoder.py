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
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Final, NamedTuple

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


class _Branch(NamedTuple):
    """What reads windows of one size."""

    size: int
    before: int
    first: tuple[Floats, Floats]
    second: tuple[Floats, Floats]


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
        self._scores: list[float] = scores.tolist()
        self._unlikely = min(self._scores) - _UNLIKELY
        self._places: dict[str, int] = {}
        for number, piece in enumerate(pieces):
            for end in range(1, len(piece)):
                self._places.setdefault(piece[:end], -1)  # there is a longer one
            if number > _END:
                self._places[piece] = number
        self._longest = max(map(len, pieces))
        self._a = arrays
        self._branches = [
            _Branch(
                size,
                before,
                (arrays[f"w1_{size}"], arrays[f"b1_{size}"]),
                (arrays[f"w2_{size}"], arrays[f"b2_{size}"]),
            )
            for size, before in ORDERS
        ]

    def cut(self, text: str) -> list[int]:
        """Return the likeliest pieces of a text, as numbers, between those of its begin and end."""
        written = _SPACE + _SPACE.join(text.split())
        size, longest, known, scores = len(written), self._longest, self._places.get, self._scores
        best = [0.0] + [-1e38] * size
        came: list[tuple[int, int]] = [(0, UNKNOWN)] * (size + 1)
        for start in range(size):
            base = best[start]
            alone = False
            for end in range(start + 1, min(size, start + longest) + 1):
                number = known(written[start:end])
                if number is None:
                    break
                if number < 0:
                    continue
                alone = alone or end == start + 1
                if (score := base + scores[number]) > best[end]:
                    best[end], came[end] = score, (start, number)
            if not alone and (score := base + self._unlikely) > best[start + 1]:
                best[start + 1], came[start + 1] = score, (start, UNKNOWN)
        found, at = [_END], size
        while at:
            at, number = came[at]
            found.append(number)
        found.append(_BEGIN)
        return found[::-1]

    def read(self, cuts: Sequence[Sequence[int]]) -> Floats:
        """Return a row of length 1 for each text; what texts are read together changes nothing but rounding.

        Args:
            cuts: The pieces of each, none empty. The whole work and memory are linear in their number.
        """
        a = self._a
        sizes = np.array([len(cut) for cut in cuts])
        begins = np.cumsum(sizes) - sizes
        places = np.concatenate([np.asarray(cut, np.int64) for cut in cuts])
        features = np.empty((len(places), WIDTH + len(ORDERS) * _INNER), np.float32)
        begin = features[:, :WIDTH]
        np.copyto(begin, self._rows[places])
        begin *= self._steps[places, :1]
        begin += self._steps[places, 1:]
        x = begin @ a["proj"]
        x += a["proj_b"]
        _even(x, a["proj_g"], a["proj_o"])
        # Two lines of zeros before each text and two behind it, so that no window sees a neighbour's text.
        lines = np.arange(len(places)) + np.repeat(2 + 4 * np.arange(len(cuts)), sizes)
        padded = np.zeros((len(places) + 4 * len(cuts), _INNER), np.float32)
        for number, (wide, before, first, second) in enumerate(self._branches):
            mine = x[:, number * _INNER : (number + 1) * _INNER]
            window = (lines - before)[:, None] + np.arange(wide)
            for weights, shift in (first, second):
                padded[lines] = mine
                heard = padded[window].reshape(len(places), wide * _INNER) @ weights
                heard += shift
                np.maximum(heard, 0, out=heard)
                heard += mine
                mine = heard
            features[:, WIDTH + number * _INNER : WIDTH + (number + 1) * _INNER] = mine
        _even(features, a["ln_g"], a["ln_b"])
        count = sizes.astype(np.float32)[:, None]
        total = np.add.reduceat(features, begins, 0) @ a["cnn_W"]
        total += count * a["cnn_b"]
        total /= np.sqrt(count)
        deep = np.maximum(np.maximum(total @ a["d0"], 0) @ a["d1"] + total @ a["p1"], 0)
        out = np.tanh(deep @ a["p3"] + np.maximum(deep @ a["d2"], 0) @ a["d3"])
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
        return np.asarray(out, np.float32)


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


def _even(x: Floats, scale: Floats, shift: Floats) -> None:
    """Bring every row to mean 0 and spread 1, then scale and shift it (layer normalisation), in place."""
    x -= x.mean(1, keepdims=True)
    spread = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
    x *= (1 / np.sqrt(spread + _EPSILON))[:, None]
    x *= scale
    x += shift
