"""A vector for a sentence in which the order of its words counts: a small network from a table that ships.

It is universal-sentence-encoder-multilingual (Apache-2.0; Yang et al., 2020), with the pieces of Chinese and
English alone, fitted further to tell risks (see ``weights/CARD-encoder.md``). Pieces are looked up, go
through windows of two, three and five neighbours, are added up, and go through a few layers more. It runs on numpy,
without a network, in some 1.5 ms and about 0.03 ms more for each piece.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from operator import itemgetter
from threading import Lock
from typing import Any, Final, NamedTuple

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from gateway.errors import ConfigError
from gateway.meaning.matrices import SIDE, Floats, Matrix, Room, products, through, through_few, tiles

ORDERS: Final = ((2, 0), (3, 1), (5, 2))
"""Of the three branches: how many neighbours a window has, and how many of them come before."""
WIDTH: Final = 512
"""How many numbers a vector has."""
_INNER: Final = SIDE
_FAR: Final = 2
"""So far a window reaches, to either side."""
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
    """What reads windows of one size.

    Attributes:
        before: How many neighbours a window has before its middle.
        places: A tile for each place in a window.
        step: The steps of their numbers, for each column.
        shift: What is added to their sum.
    """

    before: int
    places: NDArray[Any]
    step: Floats
    shift: Floats


class Encoder:
    """The network.

    Args:
        pieces: What texts are cut into; the first three stand for the unknown, the begin and the end.
        scores: How likely each piece is, as a logarithm.
        rows: What each piece begins as, in small whole numbers.
        steps: How far apart these are, and the lowest of them, for each piece.
        arrays: The matrices by name, and what is no matrix.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        scores: Floats,
        rows: NDArray[np.uint8],
        steps: Floats,
        arrays: Mapping[str, Floats | Matrix],
    ) -> None:
        self._rows, self._steps = rows, steps
        known = pieces[_END + 1 :]
        # The last number is that of a character that no piece is.
        self._gains = array("f", [*scores[_END + 1 :].tolist(), float(scores.min()) - _UNLIKELY])
        self._found = ahocorasick_rs.AhoCorasick(known, store_patterns=False)
        self._single = frozenset(piece for piece in known if len(piece) == 1)
        self._a: dict[str, Floats] = {}
        self._room = Room()
        matrices: dict[str, Matrix] = {}
        for name, one in arrays.items():
            if isinstance(one, Matrix):
                matrices[name] = one
            elif one.ndim == 1:
                self._a[name] = one
            else:
                matrices[name] = Matrix(one, np.ones(one.shape[1], np.float32))

        def together(*names: str) -> Matrix:
            """Put matrices side by side: what goes through one goes through all."""
            numbers, step = (
                np.concatenate(parts, -1) for parts in zip(*(matrices[name] for name in names), strict=True)
            )
            return Matrix(numbers, step)

        def layer(size: int, before: int, number: int) -> _Layer:
            numbers, step = matrices[f"w{number}_{size}"]
            return _Layer(before, tiles(numbers)[0], step, self._a[f"b{number}_{size}"])

        self._begin, self._begin_step = tiles(matrices["proj"].numbers), matrices["proj"].step
        self._branches = [(layer(size, before, 1), layer(size, before, 2)) for size, before in ORDERS]
        self._all, self._third, self._last = matrices["cnn_W"], together("d2", "p3"), matrices["d3"]
        self._first, self._second = together("d0", "p1"), matrices["d1"]
        self._inner = matrices["d0"].step.size, matrices["d2"].step.size

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
        a, size, count, room = self._a, len(cut), np.float32(len(cut)), self._room
        features = np.empty((size, WIDTH + len(ORDERS) * _INNER), np.float32)
        begin, steps = features[:, :WIDTH], self._steps.take(cut, 0)
        np.multiply(self._rows.take(cut, 0), steps[:, :1], out=begin)
        begin += steps[:, 1:]
        part = np.empty((size, _INNER), np.float32)
        x, once = _padded(size, len(ORDERS) * _INNER), _padded(size, _INNER)
        self._begun(begin, part, x[_FAR:-_FAR])
        for number, (first, second) in enumerate(self._branches):
            mine = slice(number * _INNER, (number + 1) * _INNER)
            _hear(x[:, mine], first, part, room, once[_FAR:-_FAR])
            _hear(once, second, part, room, features[:, WIDTH:][:, mine])
        total = _summed(features)
        total *= a["ln_g"]
        total += count * a["ln_b"]
        total = through(total, self._all, room)
        total += count * a["cnn_b"]
        total /= np.sqrt(count)
        some, other = self._inner
        both = through(total, self._first, room)
        deep = np.maximum(through_few(np.maximum(both[:some], 0), self._second, room) + both[some:], 0)
        both = through_few(deep, self._third, room)
        out = np.tanh(through_few(np.maximum(both[:other], 0), self._last, room) + both[other:])
        return np.asarray(out / max(np.linalg.norm(out), 1e-6), np.float32)

    def _begun(self, begin: Floats, part: Floats, out: Floats) -> None:
        """Say of each piece what the branches read, so many numbers for each of them.

        Args:
            begin: What each piece begins as.
            part: See ``products``.
            out: Where it goes.
        """
        halves = begin.reshape(len(begin), -1, SIDE).swapaxes(0, 1)
        for number, column in enumerate(self._begin):
            products(halves, column, part, self._room, out[:, number * _INNER : (number + 1) * _INNER])
        out *= self._begin_step
        out += self._a["proj_b"]
        _even(out, self._a["proj_g"], self._a["proj_o"])


def read_encoder(content: bytes) -> Encoder:
    """Read an encoder; raises ``ConfigError`` for a broken one."""
    try:
        kept = np.load(io.BytesIO(content), allow_pickle=False)
        arrays = {name: _told(kept, name) for name in MATRICES}
        pieces = kept["pieces"].tobytes().decode().split("\n")
        rows, steps, scores = kept["rows"], kept["steps"], kept["scores"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"the encoder is broken ({error}) — {_MEND}") from None
    if rows.shape[1:] != (WIDTH,) or {*map(len, (pieces, steps, scores))} != {len(rows)}:
        raise ConfigError(f"the encoder has {len(pieces)} pieces and rows of shape {rows.shape} — {_MEND}")
    return Encoder(pieces, scores, rows, steps, arrays)


def _told(kept: Mapping[str, NDArray[Any]], name: str) -> Floats | Matrix:
    numbers = kept[name]
    return numbers if numbers.ndim == 1 else Matrix(numbers, kept[f"{name}.step"])


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


def _padded(size: int, width: int) -> Floats:
    """Return room for lines, between as many lines of zeros as a window reaches."""
    padded = np.empty((size + 2 * _FAR, width), np.float32)
    padded[:_FAR] = padded[-_FAR:] = 0
    return padded


def _hear(padded: Floats, layer: _Layer, part: Floats, room: Room, out: Floats) -> None:
    """Tell what a window around each line says, and add the line.

    Args:
        padded: The lines, as ``_padded`` has them.
        layer: What reads it.
        part: See ``products``.
        room: See ``products``.
        out: Where it goes.
    """
    heard, size = np.empty_like(part), len(part)
    # Place for place: to lay windows side by side first takes a copy of every line for each place.
    places = range(_FAR - layer.before, _FAR - layer.before + len(layer.places))
    products([padded[first : first + size] for first in places], layer.places, part, room, heard)
    heard *= layer.step
    # No less than 0 once it is shifted; to compare with a single number would take numpy several times as long.
    np.maximum(heard, -layer.shift, out=heard)
    heard += layer.shift
    np.add(heard, padded[_FAR:-_FAR], out=out)


def _even(x: Floats, scale: Floats, shift: Floats) -> None:
    """Bring every row to mean 0 and spread 1, then scale and shift it (layer normalisation), in place."""
    share = np.full(x.shape[1], 1 / x.shape[1], np.float32)
    x -= (x @ share)[:, None]
    x *= (1 / np.sqrt(np.vecdot(x, x) * share[0] + _EPSILON))[:, None]
    x *= scale
    x += shift


def _summed(x: Floats) -> Floats:
    """Return the sum of all rows, each brought to mean 0 and spread 1."""
    share = np.full(x.shape[1], 1 / x.shape[1], np.float32)
    mean = x @ share
    weight = 1 / np.sqrt(np.vecdot(x, x) * share[0] - mean * mean + _EPSILON)
    return np.asarray(weight @ x - weight @ mean, np.float32)
