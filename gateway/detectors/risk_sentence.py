"""Looks at a text a second time, as a sentence: where counted n-grams leave doubt, the order of words may tell.

A small network reads what the encoder makes of the text (``gateway/meaning/encoder.py``); what it thinks and what the
n-grams say are weighed together. Both were fitted to sources that neither had seen (``training/heldout.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.risk_names import HEADS, LANGUAGES
from gateway.detectors.stretches import LONGEST
from gateway.meaning.encoder import WIDTH, Shipped

Floats = NDArray[np.float32]
PIECES: Final = 128
"""So many pieces of a text are read; a Chinese word, or an English one, is one or two."""
SCALE: Final = np.float32(WIDTH**0.5)
"""Vectors of length 1 are read as numbers of about 1."""
_REMEMBERED: Final = 64
FROM: Final = 0.1
"""Texts of which the n-grams say less, of every risk, are not looked at again,"""
FROM_SHORT: Final = 0.03
"""but for short Chinese ones: a dozen n-grams know little, and few pieces are read in no time."""
SHORT: Final = LONGEST
"""Characters of a short text: it is one stretch."""

BARE: Final = 12
"""Characters of a bare request, of which there is little to be counted."""

_TOGETHER: Final = "together"
_WITHIN: Final = "within"
_BARE: Final = "bare"
_PAIR: Final = 2
"""The first two heads say that a text must be refused: for what it wants, and for how it asks."""


def worth_reading(size: int, language: int) -> float:
    """Return of how much risk, in [0, 1], the n-grams must speak for a text to be looked at again.

    Args:
        size: Characters of the folded text.
        language: As what it is read: 0 Chinese, 1 English.
    """
    return FROM_SHORT if size <= SHORT and language == 0 else FROM


class Again(NamedTuple):
    """What a second look made of a head's log-odds.

    Attributes:
        counts: How much the n-grams' own log-odds count.
        adds: How much the whole added to them, read as a sentence,
        apart: and how much the stretch that was read apart; 0 if it did not count.
        stretch: That stretch; empty if none was read apart.
    """

    counts: float
    adds: float
    apart: float = 0
    stretch: str = ""


class Weights(NamedTuple):
    """How n-grams and sentence are weighed in one language.

    A request that is dressed up says a little of harm and a little of attack, and neither is enough. Where that tells
    harmful from harmless (in Chinese; not in English), both are read together as well: whichever of the two is
    likelier gets at least what they say together. The dress of a long one says more than what it hides: there the
    stretch that speaks most of harm (``gateway/detectors/stretches.py``) is read apart, and counts too.

    Attributes:
        heads: A line for each head but that of answers: how much the n-grams' log-odds count, how much the
            sentence's, and the constant.
        together: How much the n-grams' log-odds of harm and attack count, how much the sentence's, and the constant;
            None where they are not read together.
        within: The same for a text of which a stretch was read apart, with how much the stretch's log-odds of harm
            count before the constant; None where none is.
        bare: What is added to the log-odds of harm of a bare request: little is counted in it, for or against.
    """

    heads: Floats
    together: Floats | None
    within: Floats | None = None
    bare: float = 0

    @classmethod
    def of(cls, told: Mapping[str, Sequence[float]]) -> Weights:
        """Take them from ``with_sentence`` of one language.

        Raises:
            KeyError: A head is missing.
            ValueError: There are too many or too few numbers somewhere.
        """
        heads = np.array([told[head] for head in HEADS[:-1]], np.float32)
        both = [np.array(told[key], np.float32) if key in told else None for key in (_TOGETHER, _WITHIN)]
        bare = np.array(told.get(_BARE, [0]), np.float32)
        sizes = zip((heads[0], *both, bare), (3, 5, 6, 1), strict=True)
        if any(one is not None and one.shape != (size,) for one, size in sizes):
            raise ValueError("how n-grams and sentence are weighed has too many or too few numbers")
        return cls(heads, both[0], both[1], float(bare[0]))

    def lean(self, size: int) -> float:
        """Return what is added to the log-odds of harm of a text of so many characters, folded."""
        return self.bare if size <= BARE else 0.0

    def logits(self, grams: Floats, sentence: Floats, apart: Floats) -> Floats:
        """Return calibrated log-odds.

        Args:
            grams: Log-odds by n-grams, not calibrated: a line for each text, a column for each head.
            sentence: The same as sentences.
            apart: Log-odds of harm of the stretch of each text that was read apart; NaN if none was.
        """
        one, other, begin = self.heads.T
        found = np.asarray(grams * one + sentence * other + begin, np.float32)
        told = np.full(len(found), -np.inf, np.float32)
        pair = np.hstack([grams[:, :_PAIR], sentence[:, :_PAIR]])
        if self.together is not None:
            told = np.asarray(pair @ self.together[:-1] + self.together[-1], np.float32)
        if self.within is not None:
            by = np.column_stack([pair, apart]) @ self.within[:-1] + self.within[-1]
            told = np.where(np.isnan(apart), told, by)
        lines, likelier = np.arange(len(found)), found[:, :_PAIR].argmax(1)
        found[lines, likelier] = np.maximum(found[lines, likelier], told)
        return found

    def again(self, grams: Floats, sentence: Floats, apart: float, head: int) -> Again:
        """Say what a second look made of a head of one text.

        Args:
            grams: Its log-odds by n-grams, not calibrated.
            sentence: The same as a sentence.
            apart: The log-odds of harm of its stretch; NaN if none was read apart.
            head: The place of the head.
        """
        counts, other, begin = self.heads[head]
        adds, aside = other * sentence[head], 0.0
        logits = self.logits(grams[None], sentence[None], np.array([apart], np.float32))[0]
        if logits[head] > np.float32(counts * grams[head] + adds + begin):
            by = self.together if self.within is None or np.isnan(apart) else self.within
            assert by is not None  # noqa: S101 - else nothing was added
            counts = by[head]
            aside = 0.0 if by is self.together else float(by[-2] * apart)
            adds = logits[head] - counts * grams[head] - by[-1] - aside
        return Again(float(counts), float(adds), aside)


class SentenceModel:
    """The network, and how its word is weighed.

    Args:
        shipped: The encoder that ships.
        arrays: ``sentence_in`` and ``sentence_out``: matrices from the encoder's vector to what is between, and from
            there to each head but that of answers; the last line of each is the constant.
        notes: ``with_sentence``: for each language the numbers of its ``Weights``. ``encoder``: which encoder the
            network was fitted to.

    Raises:
        ValueError: They do not belong together.
        KeyError: Something is missing.
    """

    def __init__(self, shipped: Shipped, arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any]) -> None:
        self._shipped = shipped
        self._in, self._out = (arrays[f"sentence_{way}"].astype(np.float32) for way in ("in", "out"))
        self._weights = [Weights.of(notes["with_sentence"][language]) for language in LANGUAGES]
        # A question is read when it is asked and again with its answer.
        self._sentence = lru_cache(_REMEMBERED)(self._read)
        if notes["encoder"] != shipped.digest:
            raise ValueError("they were fitted to another encoder than the one that ships")
        if len(self._in) != WIDTH + 1 or self._out.shape != (self._in.shape[1] + 1, len(HEADS) - 1):
            raise ValueError("the network for sentences has another shape")

    def prepare(self) -> None:
        """Build the encoder, if nobody has yet: some 0.3 s."""
        _ = self._shipped.encoder

    def reads_apart(self, text: str, language: int) -> bool:
        """Whether a stretch of a folded text is read apart; the arguments as below."""
        return self._weights[language].within is not None and len(text) > LONGEST

    def logits(self, text: str, grams: Floats, language: int, stretch: str | None = None) -> Floats:
        """Return calibrated log-odds of every head but that of answers: what n-grams and sentence say together.

        Args:
            text: A folded text of at most ``WINDOW`` characters.
            grams: Its log-odds by n-grams, not calibrated.
            language: 0 Chinese, 1 English.
            stretch: Its stretch that the n-grams find most harmful; None if it is not read apart.
        """
        apart = np.array([self._apart(stretch)], np.float32)
        weights = self._weights[language]
        told = weights.logits(grams[None], self._sentence(text)[None], apart)[0]
        told[0] += weights.lean(len(text))
        return np.asarray(told, np.float32)

    def again(self, text: str, grams: Floats, head: int, language: int, stretch: str | None = None) -> Again:
        """Say what reading a folded text as a sentence made of a head's log-odds; the arguments as above."""
        told = self._weights[language].again(grams, self._sentence(text), self._apart(stretch), head)
        return told._replace(stretch=stretch or "")

    def _apart(self, stretch: str | None) -> float:
        return float("nan") if stretch is None else float(self._sentence(stretch)[0])

    def _read(self, text: str) -> Floats:
        encoder = self._shipped.encoder
        vector = encoder.read([encoder.cut(text)[:PIECES]])[0]
        between = np.maximum(vector * SCALE @ self._in[:-1] + self._in[-1], 0)
        return np.asarray(between @ self._out[:-1] + self._out[-1], np.float32)
