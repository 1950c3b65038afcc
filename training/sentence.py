"""Keeps what the training of the encoder found out: its network, and what networks say that had not seen a text.

The network that looks at a text a second time, as a sentence, is fitted together with the encoder
(``training/encoder.py``), on a machine that is quick at it. What ``make train`` needs of that lies in one file beside
this one: log-odds and marks of texts, never a text.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.risk_names import HEADS, WINDOW
from gateway.detectors.risk_sentence import SCALE
from gateway.errors import ConfigError
from gateway.meaning.arrays import packed
from gateway.meaning.encoder import WIDTH
from training.fit import Floats

KEPT: Final = Path(__file__).parent / "sentences.npz"
_MEND: Final = "make it anew: make train-encoder DATA=folder"


class Net(NamedTuple):
    """The network: two matrices, of which the last line is the constant."""

    inward: Floats
    outward: Floats

    def logits(self, vectors: NDArray[np.floating[Any]]) -> Floats:
        """Return the log-odds of every head for each vector."""
        between = np.maximum(vectors.astype(np.float32) * SCALE @ self.inward[:-1] + self.inward[-1], 0)
        return np.asarray(between @ self.outward[:-1] + self.outward[-1], np.float32)


class Told(NamedTuple):
    """What the training of the encoder found out.

    Attributes:
        net: The network, fitted to everything.
        texts: Marks of the texts it was fitted to, rising.
        unseen: For each of them the log-odds of every head but that of answers, by a network and an encoder that were
            fitted without its source and those most like it.
        encoder: SHA-256 of the encoder that belongs to the network.
    """

    net: Net
    texts: NDArray[np.uint64]
    unseen: NDArray[np.float16]
    encoder: str

    def of(self, texts: Sequence[str]) -> Floats:
        """Return what is thought of folded texts by who had not seen their source.

        A text that came later than the encoder gets a line of NaN: nobody has read it yet.
        """
        marks = np.array([digest(text) for text in texts], np.uint64)
        places = np.minimum(np.searchsorted(self.texts, marks), max(0, len(self.texts) - 1))
        found = np.full((len(marks), len(HEADS) - 1), np.nan, np.float32)
        if len(self.texts):
            known = self.texts[places] == marks
            found[known] = self.unseen[places[known]]
        return found


def digest(text: str) -> int:
    """Return a mark of a folded text, of 64 bits: all that is kept of it."""
    return int.from_bytes(hashlib.blake2b(text[:WINDOW].encode(), digest_size=8).digest())


def pack_told(told: Told) -> bytes:
    """Return the file; the same for the same content."""
    order = np.argsort(told.texts, kind="stable")
    return packed(
        {
            "inward": told.net.inward.astype(np.float16),
            "outward": told.net.outward.astype(np.float16),
            "texts": told.texts[order],
            "unseen": told.unseen[order],
            "encoder": np.frombuffer(told.encoder.encode(), np.uint8),
        }
    )


def read_told(content: bytes) -> Told:
    """Read the file; raises ``ConfigError`` if it is broken."""
    try:
        kept = np.load(io.BytesIO(content), allow_pickle=False)
        net = Net(kept["inward"].astype(np.float32), kept["outward"].astype(np.float32))
        told = Told(net, kept["texts"], kept["unseen"], kept["encoder"].tobytes().decode())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{KEPT.name} is broken ({error}) — {_MEND}") from None
    heads = len(HEADS) - 1
    fits = len(net.inward) == WIDTH + 1 and net.outward.shape == (net.inward.shape[1] + 1, heads)
    if not fits or told.unseen.shape != (len(told.texts), heads):
        raise ConfigError(f"{KEPT.name} holds a network or log-odds of another shape — {_MEND}")
    return told


def kept_for(encoder: str) -> Told:
    """Return what lies beside this module.

    Args:
        encoder: SHA-256 of the encoder that ships.

    Raises:
        ConfigError: It is missing, broken, or of another encoder.
    """
    try:
        told = read_told(KEPT.read_bytes())
    except OSError as error:
        raise ConfigError(f"{KEPT.name} cannot be read: {error.strerror} — {_MEND}") from None
    if told.encoder != encoder:
        raise ConfigError(f"{KEPT.name} was made with another encoder than the one that ships — {_MEND}")
    return told
