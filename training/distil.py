"""Fits the encoder of sentences to what risks look like, with teachers that learn first and then say what they see.

For each part of the sources, and for everything: multilingual-e5-small, twice with other chances, and the encoder
itself, with its rows free to move, learn from the texts that say what they show. What the three then say of all texts,
those too that nobody marked, is what the encoder that ships learns, beside the marks (Hinton and others, "Distilling
the knowledge in a neural network", 2015). Whoever must not know a part learns nothing of it, from no text and from no
teacher.

Needs torch, in an environment of its own: nothing that the unit tests or ``make train`` read imports this.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
import torch.nn.functional as fn
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from gateway.detectors.risk_sentence import PIECES
from gateway.meaning.encoder import Encoder
from training.batches import Places, batches, by_length, share
from training.fit import Floats, doubted, sigmoid
from training.lessons import Lessons
from training.material import FOLDS
from training.pruned import Whole
from training.sentence import Net
from training.teacher import Teacher
from training.torch_nets import Judge, Large, Small, Texts

_DOUBT: Final = 0.02
_SOFTEST: Final = 0.002
"""No teacher is believed to be surer than that."""
_MARKS: Final = 0.5
"""How much marks count for the encoder, beside what teachers say."""
_HEADS_RATE: Final = 1e-3
_DECAY: Final = 0.01
_MOMENTA: Final = (0.9, 0.99)
_CLIP: Final = 1.0
_AT_ONCE: Final = {"cpu": 4096, "cuda": 65536}
"""So many pieces of a batch go through at once: what layers keep for the way back needs memory."""
_TIMED: Final = (0.125, 0.375, 0.625, 0.875)
"""Batches that are timed: so far along the way from the shortest to the longest."""


class Way(NamedTuple):
    """How one of the networks is fitted.

    Attributes:
        name: What the progress bar calls it.
        rate: The highest rate of its encoder.
        rounds: How often it sees each text, of so many rounds of the encoder that ships.
        weight: How much its word counts as a teacher.
        chance: What is added to the seed.
    """

    name: str
    rate: float
    rounds: Callable[[int], int]
    weight: float
    chance: int = 0


LARGE: Final = Way("the large teacher", 7e-5, lambda rounds: max(1, rounds // 2), 0.35)
AGAIN: Final = LARGE._replace(name="the large teacher by another chance", chance=1)
FREE: Final = Way("the small teacher", 3e-4, lambda rounds: max(1, rounds // 2), 0.3)
TEACHERS: Final = (LARGE, AGAIN, FREE)
SHIPS: Final = Way("the encoder", 4e-4, lambda rounds: rounds, 0)


class Pupil(NamedTuple):
    """A network that is fitted, how that is done, and the texts as it reads them."""

    way: Way
    judge: Judge
    read: Texts


class Material(NamedTuple):
    """What is fitted, and to what.

    Attributes:
        lessons: The texts.
        small: What the encoder is at first.
        large: The larger teacher,
        words: and the numbers of its words that occur.
        read: The texts as pieces of the small and
        read_large: of the large one.
        marks: What texts show, never quite sure; 0 for those without marks,
        counts: and how much that counts.
        device: ``cpu`` or ``cuda``.
        rounds: How often the encoder sees each text; its teachers half as often.
        seed: Of heads, orders and what is dropped. On a CPU the same seed gives the same, with as many threads.
    """

    lessons: Lessons
    small: Whole
    large: Teacher
    words: Places
    read: Texts
    read_large: Texts
    marks: Tensor
    counts: Tensor
    device: str
    rounds: int
    seed: int

    def pupil(self, way: Way) -> Pupil:
        """Return a network that is still to be fitted."""
        risks, seed = self.marks.shape[1], self.seed + way.chance
        if way in (LARGE, AGAIN):
            large = Large(self.large, self.words, self.device)
            return Pupil(way, Judge(large, risks, seed, self.device), self.read_large)
        small = Small(self.small, self.device, frozen=way is SHIPS)
        return Pupil(way, Judge(small, risks, seed, self.device), self.read)

    def chosen(self, way: Way, part: int | None) -> Places:
        """Return what a network learns from that must not know a part: a teacher from marks alone."""
        kept = self.lessons.without(part)
        if way is not SHIPS:
            kept = kept.copy()
            kept[self.lessons.labelled :] = False
            kept[: self.lessons.labelled] &= self.lessons.counts.any(1)
        return np.flatnonzero(kept)

    def suffices(self) -> bool:
        """Whether each teacher has something to learn from."""
        return all(self.chosen(LARGE, part).size for part in (*range(FOLDS), None))


class Distilled(NamedTuple):
    """What came of it.

    Attributes:
        model: The encoder, fitted to everything,
        net: and its heads.
        unseen: For each text that says what it shows, and each stretch, the log-odds by who had not seen its part.
    """

    model: Whole
    net: Net
    unseen: NDArray[np.float16]


def material(lessons: Lessons, small: Whole, large: Teacher, *, device: str, rounds: int, seed: int) -> Material:
    """Cut all texts for both encoders and lay them on the device; see ``Material``."""
    cutter = Encoder(*small)
    pieces, sizes = _cut(lessons.texts, cutter.cut, "cutting, small")
    theirs, their_sizes = _cut(lessons.texts, large.tokens, "cutting, large")
    words, places = np.unique(theirs, return_inverse=True)
    marks, counts = (torch.zeros((len(lessons.texts), lessons.wanted.shape[1]), device=device) for _ in range(2))
    marks[: lessons.labelled] = torch.tensor(doubted(lessons.wanted, _DOUBT), device=device)
    counts[: lessons.labelled] = torch.tensor(lessons.counts, device=device)
    read, read_large = Texts(pieces, sizes, device), Texts(places, their_sizes, device)
    return Material(
        lessons, small, large, words.astype(np.int64), read, read_large, marks, counts, device, rounds, seed
    )


def _cut(texts: Sequence[str], cut: Callable[[str], list[int]], what: str) -> tuple[NDArray[np.int32], Places]:
    pieces, sizes = array("i"), np.zeros(len(texts), np.int64)
    for at, text in enumerate(tqdm(texts, what, unit=" texts", delay=2, disable=None)):
        some = cut(text)[:PIECES]
        sizes[at] = len(some)
        pieces.extend(some)
    return np.frombuffer(pieces, np.int32), sizes


def distil(found: Material) -> Distilled:
    """Fit teachers and encoder without each part in turn, and to everything."""
    own, judged = found.lessons.judged_own, found.lessons.judged
    unseen = np.zeros((len(own), found.marks.shape[1]), np.float16)
    for part in range(FOLDS):
        pupil = _taught(found, part)
        unseen[own == part] = said(pupil, judged[own == part], f"{_label(part)}: what was unseen")
    judge = _taught(found, None).judge
    assert isinstance(judge.reader, Small)  # noqa: S101 - it is what SHIPS is
    return Distilled(judge.reader.learnt(found.small), judge.net(), unseen)


def _label(part: int | None) -> str:
    return "everything" if part is None else f"part {part + 1} of {FOLDS}"


def _taught(found: Material, part: int | None) -> Pupil:
    """Return the encoder that ships, taught by teachers that do not know the part either."""
    everything = np.arange(len(found.lessons.texts))
    heard: Floats = np.zeros(tuple(found.marks.shape), np.float32)
    for way in TEACHERS:
        teacher = fitted(found, way, part)
        logits = said(teacher, everything, f"{_label(part)}: {way.name} reads", coarse=found.device == "cuda")
        heard += np.float32(way.weight) * logits
        del teacher  # or two of them fill the device
    soft = np.clip(sigmoid(heard), _SOFTEST, 1 - _SOFTEST)
    return fitted(found, SHIPS, part, torch.tensor(soft, device=found.device))


def fitted(found: Material, way: Way, part: int | None, soft: Tensor | None = None) -> Pupil:
    """Fit one network.

    Args:
        found: What to fit it to.
        way: Which network.
        part: What it must not know; None for nothing.
        soft: For each text what the teachers think it shows, in (0, 1).
    """
    seed = found.seed + way.chance
    torch.manual_seed(seed)
    pupil = found.pupil(way)
    chance = np.random.default_rng(seed)
    lots = batches(pupil.read.sizes, found.chosen(way, part), way.rounds(found.rounds), chance)
    steps = _steps(found, pupil, lots, soft)
    for _ in tqdm(steps, f"{_label(part)}: {way.name} learns", total=len(lots), delay=2, disable=None):
        pass
    return pupil


def _steps(found: Material, pupil: Pupil, lots: Sequence[Places], soft: Tensor | None) -> Iterator[None]:
    """Take a step for each batch, with AdamW (Loshchilov and Hutter, 2019)."""
    judge = pupil.judge
    parts, rates = [list(judge.reader.parameters()), judge.heads], [pupil.way.rate, _HEADS_RATE]
    groups = [{"params": part, "lr": rate} for part, rate in zip(parts, rates, strict=True)]
    optimiser = torch.optim.AdamW(groups, weight_decay=_DECAY, betas=_MOMENTA)
    for step, places in enumerate(lots):
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * share(step, len(lots))
        optimiser.zero_grad(set_to_none=True)
        most = max(1, _AT_ONCE[found.device] // int(pupil.read.sizes[places].max()))
        for at in range(0, len(places), most):
            (_loss(found, pupil, places[at : at + most], soft) / len(places)).backward()
        torch.nn.utils.clip_grad_norm_([*parts[0], *parts[1]], _CLIP)
        optimiser.step()
        yield


def _loss(found: Material, pupil: Pupil, places: Places, soft: Tensor | None) -> Tensor:
    """Return how far a network is from what marks and teachers say of some texts, added up."""
    with torch.autocast(found.device, torch.bfloat16, enabled=found.device == "cuda"):
        logits = pupil.judge(*pupil.read.some(places), learning=True)
    chosen = torch.as_tensor(places, device=found.device)
    marked = fn.binary_cross_entropy_with_logits(logits, found.marks[chosen], reduction="none")
    marked = (marked * found.counts[chosen]).sum()
    if soft is None:
        return marked
    return _MARKS * marked + fn.binary_cross_entropy_with_logits(logits, soft[chosen], reduction="sum")


def said(pupil: Pupil, chosen: Places, label: str, *, coarse: bool = False) -> Floats:
    """Return the log-odds that a network gives to some texts, a line for each.

    Args:
        pupil: The network.
        chosen: Places of the texts, rising.
        label: What the progress bar says; there is none without.
        coarse: In numbers of 16 bits, which is enough to learn from.
    """
    _, judge, read = pupil
    device = judge.heads[-1].device.type
    found = np.zeros((len(chosen), judge.heads[-1].shape[0]), np.float32)
    with tqdm(total=len(chosen), desc=label, unit=" texts", delay=2, disable=None if label else True) as bar:
        for places in by_length(read.sizes, chosen):
            with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=coarse):
                found[np.searchsorted(chosen, places)] = judge(*read.some(places)).cpu().numpy()
            bar.update(len(places))
    return found


def estimate(found: Material) -> float:
    """Return how many seconds ``distil`` takes, by timing a few steps of each network."""
    total, coarse = 0.0, found.device == "cuda"
    everything = np.arange(len(found.lessons.texts))
    chance = np.random.default_rng(found.seed)
    for way in (*TEACHERS, SHIPS):
        pupil = found.pupil(way)
        soft = torch.full_like(found.marks, 0.5) if way is SHIPS else None
        lots = batches(pupil.read.sizes, found.chosen(way, None), 1, chance)
        steps = _steps(found, pupil, _spread(lots, pupil.read), soft)
        # Four models that lack a quarter each, and one of everything: as much work as four of everything.
        total += _timed(steps, found.device) * way.rounds(found.rounds) * len(lots) * FOLDS
        if way is not SHIPS:
            lots = by_length(pupil.read.sizes, everything)
            reads = (said(pupil, np.sort(lot), "", coarse=coarse) for lot in _spread(lots, pupil.read))
            total += _timed(reads, found.device) * len(lots) * (FOLDS + 1)
    return total


def _spread(lots: Sequence[Places], read: Texts) -> list[Places]:
    """Return batches from short to long, and one before them to warm up."""
    ordered = sorted(lots, key=lambda lot: int(read.sizes[lot].sum()))
    some = [ordered[at] for at in sorted({int(part * len(ordered)) for part in _TIMED})]
    return [some[0], *some]


def _timed(steps: Iterator[object], device: str) -> float:
    """Return the seconds of a step; the first, which warms up, does not count."""
    next(steps)
    if device == "cuda":
        torch.cuda.synchronize()
    begin, number = time.perf_counter(), 0
    for _ in steps:
        number += 1
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - begin) / number
