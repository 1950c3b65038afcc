"""Looks at a text a second time, as a sentence: where counted n-grams leave doubt, the order of words may tell.

A small network reads what the encoder makes of the text (``gateway/meaning/encoder.py``); what it thinks and what the
n-grams say are weighed together. Both were fitted to sources that neither had seen (``training/train.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.risk_names import HEADS, LANGUAGES
from gateway.meaning.encoder import WIDTH, Shipped

Floats = NDArray[np.float32]
PIECES: Final = 128
"""So many pieces of a text are read; a Chinese word, or an English one, is one or two."""
SCALE: Final = np.float32(WIDTH**0.5)
"""Vectors of length 1 are read as numbers of about 1."""
_REMEMBERED: Final = 64
FROM: Final = 0.1
"""Texts of which the n-grams say less, of every risk, are not looked at again."""


class SentenceModel:
    """The network, and how its word is weighed.

    Args:
        shipped: The encoder that ships.
        arrays: ``sentence_in`` and ``sentence_out``: matrices from the encoder's vector to what is between, and from
            there to each head but that of answers; the last line of each is the constant.
        notes: ``with_sentence``: for each language and head how much the n-grams' log-odds count, how much the
            sentence's, and the constant. ``encoder``: which encoder the network was fitted to.

    Raises:
        ValueError: They do not belong together.
        KeyError: Something is missing.
    """

    def __init__(self, shipped: Shipped, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any]) -> None:
        self._shipped = shipped
        self._in, self._out = (arrays[f"sentence_{way}"].astype(np.float32) for way in ("in", "out"))
        told = [[notes["with_sentence"][language][head] for head in HEADS[:-1]] for language in LANGUAGES]
        self._weights = np.array(told, np.float32)
        # A question is read when it is asked and again with its answer.
        self._sentence = lru_cache(_REMEMBERED)(self._read)
        if notes["encoder"] != shipped.digest:
            raise ValueError("they were fitted to another encoder than the one that ships")
        if len(self._in) != WIDTH + 1 or self._out.shape != (self._in.shape[1] + 1, len(HEADS) - 1):
            raise ValueError("the network for sentences has another shape")

    def prepare(self) -> None:
        """Build the encoder, if nobody has yet: some 0.3 s."""
        _ = self._shipped.encoder

    def logits(self, text: str, grams: Floats, language: int) -> Floats:
        """Return calibrated log-odds of every head but that of answers: what n-grams and sentence say together.

        Args:
            text: A folded text of at most ``WINDOW`` characters.
            grams: Its log-odds by n-grams, not calibrated.
            language: 0 Chinese, 1 English.
        """
        one, other, begin = self._weights[language].T
        return np.asarray(grams * one + self._sentence(text) * other + begin, np.float32)

    def adds(self, text: str, head: int, language: int) -> float:
        """Return how much reading a folded text as a sentence adds to the log-odds of a head."""
        return float(self._sentence(text)[head] * self._weights[language, head, 1])

    def counts(self, head: int, language: int) -> float:
        """Return how much the n-grams' own log-odds count beside the sentence's."""
        return float(self._weights[language, head, 0])

    def _read(self, text: str) -> Floats:
        encoder = self._shipped.encoder
        vector = encoder.read([encoder.cut(text)[:PIECES]])[0]
        between = np.maximum(vector * SCALE @ self._in[:-1] + self._in[-1], 0)
        return np.asarray(between @ self._out[:-1] + self._out[-1], np.float32)
