"""What the risk model says of a text that grows, up to the end of its last clause: counted is only what is new.

The same, number for number, as of all clauses together; but of one clause most arrays would hold one line, and
to make them takes longer than to count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.grams import clause
from gateway.detectors.risk_names import BITS, DAMPING, GROUPS, HARM, HEADS, ITEM_BITS, ITEMS, TOLD, WINDOW
from gateway.detectors.risk_sums import is_new, summed, together

# Numbers as arrays without dimensions: of a mere number each operation would make one anew.
SHIFT: Final = np.array(32 - BITS, np.uint32)
ITEM_SHIFT: Final = np.array(32 - ITEM_BITS, np.uint32)
_ONE: Final = np.array(1, np.float32)
_LEAST, _MOST = np.array(-30, np.float32), np.array(30, np.float32)
KINDS_FROM: Final = 0.05
"""Of less harm it is not asked what kind it is."""
KINDS: Final = TOLD[1 : len(TOLD) - len(HEADS) + 2]
"""Items, and then their groups."""
OTHERS: Final = HEADS[1:-1]
GROUP_STARTS: Final = np.cumsum([0, *map(len, GROUPS.values())])[:-1]
_HEADS, _RISKS, _NUMBER = Struct(f"{len(HEADS)}f"), Struct(f"{len(HEADS) - 1}f"), Struct("f")
_ROOTS: Final[list[float]] = np.sqrt(np.arange(8 * WINDOW)).astype(np.float32).tolist()
"""Of as many n-grams as a window can hold."""
_UNDOUBTED: Final = 1e-9
_MARGIN: Final = 0.01


@dataclass(slots=True)
class Heard:
    """What was counted of a text so far, to go on from there.

    Attributes:
        grams: Its n-grams, ascending.
        last: Its last tokens.
        words: How many words of letters it has,
        signs: and how many other tokens.
        sums: The sum of the weights of its n-grams, for each language as which it was last read.
        items: The sum of the weights that tell what kind of harm it is; None until somebody asks.
    """

    grams: NDArray[np.uint32]
    last: NDArray[np.uint64]
    words: int
    signs: int
    sums: Mapping[int, NDArray[np.float32]]
    items: NDArray[np.float32] | None = None


NO_GRAMS: Final = np.zeros(0, np.uint32)
NOTHING: Final = Heard(NO_GRAMS, np.zeros(0, np.uint64), 0, 0, {})


class Reading(NamedTuple):
    """How texts of a language are read.

    Attributes:
        weights: For each place and head, in steps of ``scale``; lines are padded.
        scale: The size of a step, for each head.
        bias: What each head begins with.
        slope: How log-odds become calibrated ones,
        offset: and what is added to them.
        with_question: How much an answer by itself and its question count, and what is added to both.
    """

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]
    with_question: NDArray[np.float32]


class Items(NamedTuple):
    """What tells items apart.

    Attributes:
        weights: For each place and item, in steps of ``scale``; lines are padded.
        scale: The size of a step, for each item.
        bias: What each item begins with.
    """

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities."""
    chances = np.maximum(logits, _LEAST)
    np.minimum(chances, _MOST, out=chances)
    np.negative(chances, out=chances)
    np.exp(chances, out=chances)
    chances += _ONE
    return np.divide(_ONE, chances, out=chances)


class _Calibration(NamedTuple):
    """What makes log-odds calibrated ones, for each head but the last."""

    slope: list[float]
    offset: list[float]


class _Ready(NamedTuple):
    """A reading as numbers that are quickly at hand.

    Attributes:
        weights, scale, bias: As they are.
        alone: How an answer is calibrated by itself,
        asked: and with its question,
        question: which counts so much.
    """

    weights: NDArray[np.int8]
    scale: list[float]
    bias: list[float]
    alone: _Calibration
    asked: _Calibration
    question: float


class Clauses:
    """Hears an answer clause by clause.

    Args:
        readings: For each language how it is read; Chinese first.
        items: What tells items apart.
        floor: Lower scores are not told.
    """

    __slots__ = ("_floor", "_items", "_least", "_readings")

    def __init__(self, readings: Sequence[Reading], items: Items, floor: float) -> None:
        self._readings = tuple(map(_made_ready, readings))
        self._items, self._floor = items, floor
        # Log-odds below say without an exponential that nothing is to be told.
        self._least = math.log(floor / (1 - floor)) - _MARGIN if _UNDOUBTED < floor < 1 else -math.inf

    def hear(
        self, piece: str, before: Heard | None = None, asked: float | None = None
    ) -> tuple[Heard, list[tuple[str, float]]]:
        """Judge an answer up to the end of a clause; return what was heard of it, and every risk with its score.

        Args:
            piece: What it goes on with, folded; no word goes on from what was before.
            before: What was heard before; None if nothing was.
            asked: How sure it is that the question is harmful, in log-odds; None if there is none.
        """
        before = before or NOTHING
        found = clause(piece, before.last)
        known, hashes = before.grams, found.hashes
        hashes.sort()
        hashes = hashes[is_new(hashes, known)]
        words, signs = before.words + found.words, before.signs + found.signs
        language = 0 if signs and signs >= words else 1
        reading = self._readings[language]
        sums = summed(reading.weights, hashes >> SHIFT)
        if known.size:
            heard = before.sums.get(language)
            sums += summed(reading.weights, known >> SHIFT) if heard is None else heard
        now = Heard(together(known, hashes), found.last, words, signs, {language: sums})
        row = self._row(reading, sums, now.grams.size, asked)
        return now, self._told(row, hashes, before, now) if row else []

    def _row(self, reading: _Ready, sums: NDArray[np.float32], count: int, asked: float | None) -> list[float]:
        """Return a chance for every head but the last; nothing if none of them is to be told."""
        root = _ROOTS[count + DAMPING]
        terms = zip(sums.tolist(), reading.scale, reading.bias, strict=False)
        *own, answer = _single(_HEADS, [weight * scale / root + bias for weight, scale, bias in terms])
        own[0] = answer
        calibration = reading.alone if asked is None else reading.asked
        logits = [*_single(_RISKS, [mine * more for mine, more in zip(own, calibration.slope, strict=True)])]
        if asked is not None:
            (said,) = _single(_NUMBER, [asked])
            (said,) = _single(_NUMBER, [said * reading.question])
            (logits[0],) = _single(_NUMBER, [logits[0] + said])
        logits = [*_single(_RISKS, [mine + more for mine, more in zip(logits, calibration.offset, strict=True)])]
        if max(logits) < self._least:
            return []
        row: list[float] = sigmoid(np.array(logits, np.float32)).tolist()
        row[1] = 0.0  # who answers does not attack
        return row

    def _told(
        self, row: Sequence[float], hashes: NDArray[np.uint32], before: Heard, now: Heard
    ) -> list[tuple[str, float]]:
        """Return what is not below the floor; the kinds of harm if there is some.

        Args:
            row: The chances,
            hashes: the n-grams that are new,
            before: what was heard without them,
            now: and with them.
        """
        floor, harm = self._floor, row[0]
        told: list[tuple[str, float]] = []
        if harm >= floor:
            told.append((HARM, round(harm, 4)))
            if harm >= KINDS_FROM:
                shares = self._shares(hashes, before, now)
                shares *= harm
                kinds = [*shares.tolist(), *np.add.reduceat(shares, GROUP_STARTS).tolist()]
                told += [(kind, round(score, 4)) for kind, score in zip(KINDS, kinds, strict=True) if score >= floor]
        if max(row[1:]) >= floor:
            told += [(risk, round(score, 4)) for risk, score in zip(OTHERS, row[1:], strict=True) if score >= floor]
        return told

    def _shares(self, hashes: NDArray[np.uint32], before: Heard, now: Heard) -> NDArray[np.float64]:
        weights = self._items.weights
        sums = summed(weights, hashes >> ITEM_SHIFT)
        if before.grams.size:
            sums += summed(weights, before.grams >> ITEM_SHIFT) if before.items is None else before.items
        now.items = sums
        shares = sums[: len(ITEMS)] * self._items.scale
        shares /= _ROOTS[max(now.grams.size, 1)]
        shares += self._items.bias
        shares -= max(shares.tolist())
        np.exp(shares, out=shares)
        shares /= np.add.reduce(shares)
        return shares.astype(np.float64)


def _made_ready(reading: Reading) -> _Ready:
    own, question, begin = reading.with_question.tolist()
    slope, offset = reading.slope.tolist()[:-1], reading.offset.tolist()[:-1]
    # Of an answer the last head says what of a question the first one does.
    slope[0], offset[0] = reading.slope.tolist()[-1], reading.offset.tolist()[-1]
    alone, asked = _Calibration(slope, offset), _Calibration([own, *slope[1:]], [begin, *offset[1:]])
    return _Ready(reading.weights, reading.scale.tolist(), reading.bias.tolist(), alone, asked, question)


def _single(form: Struct, numbers: Sequence[float]) -> tuple[float, ...]:
    """Round numbers to single precision, in which whole arrays of them are counted."""
    return form.unpack(form.pack(*numbers))
