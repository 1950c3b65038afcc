"""A large model learns what names look like, and says it of sentences that nobody marked.

It is multilingual-e5-small (``training/teacher.py``) with one layer more, from what it says of the first piece of a
word to the labels. Its rows of words and its first layers stay as they are: there are few marked sentences.

Needs torch, in an environment of its own: nothing that the unit tests read imports this.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
import torch.nn.functional as fn
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from training.teacher import Teacher
from training.torch_nets import Large

_HAN: Final = re.compile("[\u3400-\u9fff]")
_LONGEST_WORD: Final = 8
MOST_WORDS: Final = 90
"""Words of a sentence that are read."""
_DROPPED: Final = 0.1
_DECAY: Final = 0.01
_WARM: Final = 0.1
"""The rate rises for this share of the steps, and then falls."""
_CLIP: Final = 1.0
_READ_AT_ONCE: Final = 6000
"""Pieces of a batch where nothing is learnt, with what fills up the shorter sentences."""
_APART: Final = 6.0
"""Sentences of a batch differ in length by little more pieces than that."""

Floats = NDArray[np.float16]


class Schooling(NamedTuple):
    """How a teacher learns.

    Attributes:
        held: So many of its layers stay as they are.
        rounds: How often it sees each sentence.
        rate: How far a step goes,
        last_rate: and how far in the layer of the labels.
        at_once: Pieces of a batch, with what fills up the shorter sentences.
    """

    held: int = 4
    rounds: int = 2
    rate: float = 1e-4
    last_rate: float = 1e-3
    at_once: int = 3000


class Cut(NamedTuple):
    """A sentence as the teacher reads it.

    Attributes:
        pieces: Its pieces, between those of its begin and end.
        firsts: Which of them begin a word.
    """

    pieces: list[int]
    firsts: list[int]


class Cutter:
    """Cuts words into the pieces of a teacher.

    Args:
        teacher: The teacher.
        longest: So many pieces of a word are read.
    """

    def __init__(self, teacher: Teacher, longest: int = _LONGEST_WORD) -> None:
        self._teacher, self._longest, self._known = teacher, longest, dict[str, list[int]]()
        # A text of nothing is still begun with the prefix that the teacher is used to, and a blank.
        self._begin, *prefix, self._end = teacher.tokens("")
        self._prefix = len(prefix)

    def __call__(self, words: Sequence[str]) -> Cut:
        """Cut a sentence; only its first 90 words are read."""
        cut = Cut([self._begin], [])
        for word in words[:MOST_WORDS]:
            if word not in self._known:
                pieces = self._teacher.tokens(word)[self._prefix : -1][: self._longest]
                # No blank stands before a Chinese character, though a word of one is cut as if it did.
                self._known[word] = pieces[1:] if _HAN.match(word) and len(pieces) > 1 else pieces
            cut.firsts.append(len(cut.pieces))
            cut.pieces.extend(self._known[word])
        cut.pieces.append(self._end)
        return cut


class Tagger:
    """The teacher with a layer for the labels.

    Args:
        teacher: The model.
        cuts: All sentences that it will read: only their pieces are kept of its words.
        labels: How many labels there are.
        seed: Of what is left to chance.
        schooling: How it learns.
    """

    def __init__(
        self, teacher: Teacher, cuts: Sequence[Cut], labels: int, seed: int, schooling: Schooling | None = None
    ) -> None:
        torch.manual_seed(seed)
        self._seed, self._how = seed, schooling or Schooling()
        words = sorted({piece for cut in cuts for piece in cut.pieces})
        self._places = {word: place for place, word in enumerate(words)}
        self._large = Large(teacher, words, "cpu")
        chance = np.random.default_rng(seed)
        self._out = torch.tensor(chance.normal(0, 0.05, (teacher.width, labels)).astype(np.float32))
        self._end = torch.zeros(labels)

    def _logits(self, cuts: Sequence[Cut], *, learning: bool) -> Tensor:
        """Return what is said of each word of some sentences, one after the other."""
        longest = max(len(cut.pieces) for cut in cuts)
        pieces = np.zeros((len(cuts), longest), np.int64)
        there = np.zeros((len(cuts), longest), bool)
        for line, cut in enumerate(cuts):
            pieces[line, : len(cut.pieces)] = [self._places[piece] for piece in cut.pieces]
            there[line, : len(cut.pieces)] = True
        dropped = _DROPPED if learning else 0.0
        states = self._large.states(torch.tensor(pieces), torch.tensor(there), dropped, held=self._how.held)
        lines = [line for line, cut in enumerate(cuts) for _ in cut.firsts]
        return states[lines, [first for cut in cuts for first in cut.firsts]] @ self._out + self._end

    def learn(self, cuts: Sequence[Cut], labels: Sequence[Sequence[int]]) -> None:
        """Learn from marked sentences.

        Args:
            cuts: The sentences,
            labels: and the number of the label of each of their words; -100 where it is not known.
        """
        for part in (self._out, self._end):
            part.requires_grad_(True)
        mine = [part for part in self._large.parameters()[1:] if part.requires_grad]
        last = [self._out, self._end]
        optimizer = torch.optim.AdamW(
            [{"params": mine, "lr": self._how.rate}, {"params": last, "lr": self._how.last_rate}], weight_decay=_DECAY
        )
        chance = random.Random(self._seed)
        batches = [batch for _ in range(self._how.rounds) for batch in _batches(cuts, self._how.at_once, chance)]
        warm = _WARM * len(batches)
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1.0, (step + 1) / warm) * max(0.0, (len(batches) - step) / len(batches))
        )
        for batch in tqdm(batches, desc="the teacher learns", unit="batch", smoothing=0):
            truth = [label for at in batch for label in labels[at][:MOST_WORDS]]
            loss = fn.cross_entropy(self._logits([cuts[at] for at in batch], learning=True), torch.tensor(truth))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*mine, *last], _CLIP)
            optimizer.step()
            rate.step()

    def read(self, cuts: Sequence[Cut]) -> list[Floats]:
        """Return for each sentence how likely each label is for each word, as logarithms; (words, labels)."""
        found: dict[int, Floats] = {}
        with torch.no_grad(), tqdm(total=len(cuts), desc="the teacher reads", unit="sentence", smoothing=0) as bar:
            for batch in _batches(cuts, _READ_AT_ONCE, None):
                some = [cuts[at] for at in batch]
                said = fn.log_softmax(self._logits(some, learning=False), -1).numpy().astype(np.float16)
                ends = np.cumsum([len(cut.firsts) for cut in some])
                found.update(zip(batch, np.split(said, ends[:-1]), strict=True))
                bar.update(len(batch))
        return [found[at] for at in range(len(cuts))]


def _batches(cuts: Sequence[Cut], most: int, chance: random.Random | None) -> Iterator[list[int]]:
    """Yield places of sentences of about one length, so many at once; in any order, if there is chance."""
    lengths = [len(cut.pieces) for cut in cuts]
    about = [length + (chance.random() * _APART if chance else 0) for length in lengths]
    batches: list[list[int]] = []
    some: list[int] = []
    longest = 0
    for at in sorted(range(len(cuts)), key=about.__getitem__):
        if some and max(longest, lengths[at]) * (len(some) + 1) > most:
            batches.append(some)
            some, longest = [], 0
        some.append(at)
        longest = max(longest, lengths[at])
    if some:
        batches.append(some)
    if chance:
        chance.shuffle(batches)
    yield from batches
