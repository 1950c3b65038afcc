"""Gathers what the encoder of sentences learns from, and says of each text with which parts it is held out.

Three kinds of texts: those that say what they show; further ones of the same sources that do not, such as comments
beyond the sample, answers and their questions; and what is made of the first by cutting and joining. Stretches of long
Chinese ones are among the last: they are judged by who has not seen their source, as the texts themselves are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from tqdm import tqdm

from gateway.detectors.risk_names import HEADS, WINDOW
from gateway.detectors.stretches import LONGEST, stretches
from training.corpora.rows import Row
from training.examples import Examples, folded, sampled, targets
from training.fit import Floats
from training.material import FOLDS, part_of
from training.stretched import stretched

_SHORTEST: Final = 4
"""Characters of a further text."""


class Lessons(NamedTuple):
    """Texts to learn from.

    Attributes:
        texts: Folded, of at most ``WINDOW`` characters: those that say what they show, further ones, made ones, and
            stretches.
        parts: For each text and part whether it belongs to that; a text that two parts hold belongs to both.
        own: For each text that says what it shows the part with which its source is held out.
        wanted: For each of them how much it shows each risk, in [0, 1].
        counts: How much that counts; 0 where it is not known.
        stretch_own: For each stretch the part with which its source is held out.
    """

    texts: list[str]
    parts: NDArray[np.bool_]
    own: NDArray[np.int8]
    wanted: Floats
    counts: Floats
    stretch_own: NDArray[np.int8]

    @property
    def labelled(self) -> int:
        """How many texts say what they show: the first."""
        return len(self.own)

    @property
    def judged(self) -> NDArray[np.int64]:
        """The places of what is judged by who has not seen its source: texts that say what they show, stretches."""
        every = np.arange(len(self.texts))
        return np.concatenate([every[: self.labelled], every[len(every) - len(self.stretch_own) :]])

    @property
    def judged_own(self) -> NDArray[np.int8]:
        """For each of them the part with which its source is held out."""
        return np.concatenate([self.own, self.stretch_own])

    def without(self, part: int | None) -> NDArray[np.bool_]:
        """Say of each text whether a model that must not know a part may learn from it."""
        return np.ones(len(self.texts), np.bool_) if part is None else ~self.parts[:, part]


def lessons(rows: Sequence[Row], seed: int, some: int = 1) -> Lessons:
    """Turn rows into what is learnt from.

    Args:
        rows: All rows, before comments are sampled.
        seed: Of what is drawn.
        some: Every so many texts one is taken.
    """
    held: dict[str, set[int]] = {}
    read: dict[str, None] = {}
    for text, row in tqdm(_read(rows), "folding", unit=" texts", delay=2, disable=None):
        held.setdefault(_spaced(text), set()).add(part_of(row))
        read[text] = None
    taught = [row for row in sampled(rows, seed) if row.kind != "answer"]
    first = [folded(row.text)[:WINDOW] for row in taught]
    known = set(first)
    further = [text for text in read if text not in known and len(text) >= _SHORTEST][::some]
    taught, first = taught[::some], first[::some]
    groups = [(frozenset(held[_spaced(text)]), row.language) for text, row in zip(first, taught, strict=True)]
    long = [at for at, row in enumerate(taught) if row.language == "zh" and len(first[at]) > LONGEST]
    cut = [(at, one) for at in long for one in stretches(first[at])]
    made = [*stretched(first, groups, seed), *cut]
    texts = [*first, *further, *(text for _, text in made)]
    parts = np.zeros((len(texts), FOLDS), np.bool_)
    for number, text in enumerate(texts):
        parts[number, list(held.get(_spaced(text), ()))] = True
    for number, (at, _) in enumerate(made, len(first) + len(further)):
        parts[number] |= parts[at]  # what is made of a text belongs where that belongs
    once = np.arange(len(taught))
    examples = Examples(taught, once, sp.csr_matrix((len(taught), 1)), np.zeros(len(taught), np.bool_))
    own = np.array([part_of(row) for row in taught], np.int8)
    stretch_own = own[[at for at, _ in cut]] if cut else own[:0]
    return Lessons(texts, parts, own, *targets(examples, HEADS[:-1]), stretch_own)


def _spaced(text: str) -> str:
    """Return a text as encoders see it: they see no difference between one blank and two."""
    return " ".join(text.split())


def _read(rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    for row in rows:
        yield folded(row.text)[:WINDOW], row
        if row.question:
            yield folded(row.question)[:WINDOW], row
