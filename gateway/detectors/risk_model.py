"""The risk model that ships: what a text is about, from its n-grams, in a few table look-ups.

A text is judged in windows of at most ``WINDOW`` characters that begin at every ``STEP``-th. In a window
each n-gram counts once, however often it comes; a risk's log-odds are the sum of its weights over the root
of their number. So the log-odds at every clause end of a window cost one pass together.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.grams import grams, hashed
from gateway.detectors.risk_names import ANSWER, DAMPING, HEADS, ITEMS, LANGUAGES, WINDOW
from gateway.detectors.risk_sentence import FROM, SentenceModel
from gateway.errors import ConfigError, PolicyError
from gateway.meaning.arrays import packed
from gateway.meaning.encoder import Shipped
from gateway.meaning.encoder import shipped as shipped_encoder

BITS: Final = 18
"""Log of the number of places that n-grams are hashed to, for risks."""
ITEM_BITS: Final = 17
"""The same for the items of a risk."""
_TOP: Final = np.uint64(32)
_PLACE: Final = np.int16
_LINE: Final = 16
_ITEM_LINE: Final = 32
_ALONE: Final = 250_000
"""OpenBLAS multiplies on one thread where fewer than 262,144 numbers are multiplied (``interface/gemm.c``)."""
_LOW: Final = np.uint64(0xFFFFFFFF)
_HIGH: Final = ~_LOW
_LEAST, _MOST = np.float32(-30), np.float32(30)
_SHIFT: Final = np.uint32(32 - BITS)
_ITEM_SHIFT: Final = np.uint32(32 - ITEM_BITS)
_WEIGHTS: Final = "risk.npz"
_NOTES: Final = "risk.json"
_MEND: Final = "install the package again, or make them anew: make train DATA=folder"


class Judgement(NamedTuple):
    """What is thought of the beginnings of a text.

    Attributes:
        logits: Log-odds of every head, not yet calibrated; a line for each beginning.
        counts: How many n-grams each beginning has.
        grams: The n-grams that were counted, in the order of the text.
        languages: As what each beginning was read: 0 Chinese, 1 English.
        kept: Of windows: for each one which of the n-grams are its own. None if beginnings were judged.
    """

    logits: NDArray[np.float32]
    counts: NDArray[np.intp]
    grams: NDArray[np.uint32]
    languages: NDArray[np.intp]
    kept: NDArray[np.bool_] | None = None

    def grams_of(self, line: int) -> NDArray[np.uint32]:
        """Return the n-grams of one beginning, or of one window."""
        return self.grams[: self.counts[line]] if self.kept is None else self.grams[self.kept[line]]


class RiskModel:
    """Weights, and what to do with them.

    Args:
        weights: For each language, place and head, in steps of ``scale``; ``int8``. Chinese first.
        scale: The size of a step, for each language and head.
        bias: What each head begins with, for each language.
        items: For every place and item, in steps of ``item_scale``; ``int8``.
        item_scale: The size of a step, for each item.
        item_bias: What each item begins with.
        notes: How log-odds become probabilities.
        sentences: Looks again at texts that are in doubt; without it nobody does.
    """

    def __init__(
        self,
        *,
        weights: NDArray[np.int8],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
        items: NDArray[np.int8],
        item_scale: NDArray[np.float32],
        item_bias: NDArray[np.float32],
        notes: Mapping[str, Any],
        sentences: SentenceModel | None = None,
    ) -> None:
        # Lines of a power of two of bytes are looked up several times as fast.
        self._weights = np.pad(weights, ((0, 0), (0, 0), (0, _LINE - len(HEADS))))
        self._items = np.pad(items, ((0, 0), (0, _ITEM_LINE - len(ITEMS))))
        self._scale, self._bias = scale, bias
        self._item_scale, self._item_bias = item_scale, item_bias
        self._sentences = sentences
        told = [[notes["calibration"][language][head] for head in HEADS] for language in LANGUAGES]
        self._slope, self._offset = np.moveaxis(np.array(told, np.float32), 2, 0)
        self._with_question = np.array([notes["with_question"][language] for language in LANGUAGES], np.float32)

    def prepare(self) -> None:
        """Build what the first text in doubt would wait for."""
        if self._sentences is not None:
            self._sentences.prepare()

    def judge(self, text: str, ends: Sequence[int] = ()) -> Judgement:
        """Judge the beginnings of a folded text.

        Args:
            text: At most ``WINDOW`` characters.
            ends: Where the beginnings end, ascending; none for the whole text.
        """
        if not ends:
            return self._judge_all(text)
        found = grams(text)
        order = np.argsort(found.ends, kind="stable")
        hashes, last = (found.hashes[order] >> _TOP).astype(np.uint32), found.ends[order]
        # Of the same grams the first one counts: sorted by hash, then by place.
        order = np.argsort(hashes, kind="stable")
        alike = hashes[order]
        first = np.sort(order[_is_first(alike)])
        hashes, last = hashes[first], last[first]
        counts = np.searchsorted(last, np.asarray(ends), "right")
        languages = np.array([0 if found.is_chinese(end) else 1 for end in ends])
        logits = np.zeros((len(ends), len(HEADS)), np.float32)
        for language in set(languages.tolist()):
            mine = languages == language
            running = np.zeros((hashes.size + 1, len(HEADS)), np.int32)
            lines = self._weights[language].take(hashes >> _SHIFT, axis=0)[:, : len(HEADS)]
            np.cumsum(lines, 0, dtype=np.int32, out=running[1:])
            logits[mine] = self._logits(language, running[counts[mine]], counts[mine])
        return Judgement(logits, counts, hashes, languages)

    def _judge_all(self, text: str) -> Judgement:
        found, chinese = hashed(text)
        hashes = (found >> _TOP).astype(np.uint32)
        hashes.sort()
        hashes = hashes[_is_first(hashes)]
        language = 0 if chinese else 1
        counts = np.array([hashes.size])
        sums = _summed(self._weights[language], hashes >> _SHIFT)[: len(HEADS)]
        return Judgement(self._logits(language, sums, counts), counts, hashes, np.array([language]))

    def judge_windows(self, text: str, starts: Sequence[int]) -> Judgement:
        """Judge windows of a folded text together: what they share is looked up once.

        A word that is cut by the edge of a window belongs to its neighbour.

        Args:
            text: At most 32,767 characters; the work grows with the square of the number of windows.
            starts: Where windows of ``WINDOW`` characters begin, ascending.
        """
        found = grams(text)
        begins = np.asarray(starts, np.int32)
        finishes = begins + np.int32(WINDOW)
        # One number holds a gram and its place, so that plain sorting brings the same grams together in order.
        packed = np.sort(found.hashes & _HIGH | np.arange(found.hashes.size, dtype=np.uint64))
        order = (packed & _LOW).astype(np.intp)
        hashes = (packed >> _TOP).astype(np.uint32)
        # Small numbers are compared many at a time.
        first, last = found.starts.astype(_PLACE).take(order), found.ends.astype(_PLACE).take(order)
        # A gram counts unless the one before it is the same and in the window too.
        before = np.full(hashes.size, -1, _PLACE)
        np.copyto(before[1:], first[:-1], where=hashes[1:] == hashes[:-1])
        opened, closed = begins.astype(_PLACE)[:, None], finishes.astype(_PLACE)[:, None]
        kept = first >= opened
        kept &= last <= closed
        kept &= before < opened
        share = kept.astype(np.float32)
        counts = share.sum(1).astype(np.intp)
        signs, words = (
            np.searchsorted(ends, finishes, "right") - np.searchsorted(ends, begins, "right")
            for ends in (found.signs, found.words)
        )
        languages = np.where((signs > 0) & (signs >= words), 0, 1)
        logits = np.zeros((len(starts), len(HEADS)), np.float32)
        for language in set(languages.tolist()):
            mine = languages == language
            lines = self._weights[language].take(hashes >> _SHIFT, axis=0).astype(np.float32)
            logits[mine] = self._logits(language, _product(share[mine], lines)[:, : len(HEADS)], counts[mine])
        return Judgement(logits, counts, hashes, languages, kept)

    def _logits(self, language: int, sums: NDArray[Any], counts: NDArray[np.intp]) -> NDArray[np.float32]:
        root = np.sqrt(counts + DAMPING).astype(np.float32)
        return np.asarray(sums * self._scale[language] / root[:, None] + self._bias[language], np.float32)

    def chances(self, judged: Judgement) -> NDArray[np.float32]:
        """Return calibrated probabilities of every head, a line for each beginning."""
        at = judged.languages if judged.languages.size > 1 else int(judged.languages[0])
        return _sigmoid(judged.logits * self._slope[at] + self._offset[at])

    def looked_again(self, text: str, judged: Judgement, starts: Sequence[int] = (0,)) -> NDArray[np.float32]:
        """Return calibrated probabilities of every head, a line for each window, the worst of them looked at again.

        Only a text of which the n-grams say something is read as a sentence, and of several windows only the one of
        which they say most: the others keep what the n-grams say.

        Args:
            text: The folded text.
            judged: What was thought of its windows.
            starts: Where they begin in the text.
        """
        chances = self.chances(judged)
        line = int(chances[:, :-1].max(1).argmax())
        if self._sentences is None or chances[line, :-1].max() < FROM:
            return chances
        window = text[starts[line] : starts[line] + WINDOW]
        again = self._sentences.logits(window, judged.logits[line, :-1], int(judged.languages[line]))
        chances[line, :-1] = _sigmoid(again)
        return chances

    def answered(self, asked: float | None, judged: Judgement) -> NDArray[np.float32]:
        """Return for each beginning of an answer the probability that it should not be given.

        Args:
            asked: How sure it is that the question is harmful, in log-odds; None if there is none.
            judged: The answer.
        """
        if asked is None:
            return self.chances(judged)[:, -1]
        own, question, begin = self._with_question[judged.languages].T
        return _sigmoid(own * judged.logits[:, -1] + question * np.float32(asked) + begin)

    def asks(self, asked: float, text: str) -> float:
        """Return how much a question adds to the log-odds that an answer to it should not be given.

        Args:
            asked: How sure it is that the question is harmful, in log-odds.
            text: The answer, folded.
        """
        return float(self._with_question[0 if grams(text).is_chinese(len(text)) else 1][1] * asked)

    def adds(self, text: str, head: str, score: float) -> float | None:
        """Return how much reading a folded window as a sentence added to the log-odds of a risk.

        Args:
            text: The window.
            head: The risk.
            score: What was reported; None is returned if it was by n-grams alone.
        """
        judged = self.judge(text)
        once, again = self.chances(judged)[0], self.looked_again(text, judged)[0]
        column, language = HEADS.index(head), int(judged.languages[0])
        if self._sentences is None or abs(again[column] - score) >= abs(once[column] - score):
            return None
        return self._sentences.adds(text, column, language)

    def reasons(self, text: str, head: str, most: int = 8, *, again: bool = False) -> list[tuple[int, int, float]]:
        """Say which stretches of a folded text speak most for a risk, or against it.

        Args:
            text: At most ``WINDOW`` characters.
            head: The risk.
            most: How many stretches; none overlaps another.
            again: Whether the text was looked at again as a sentence.

        Returns:
            Where each begins and ends, and its log-odds (below 0 if it speaks against the risk), strongest first.
        """
        found = grams(text)
        language, column = 0 if found.is_chinese(len(text)) else 1, HEADS.index(head)
        hashes, first = np.unique((found.hashes >> _TOP).astype(np.uint32), return_index=True)
        slope = self._with_question[language][0] if head == ANSWER else self._slope[language][column]
        if again and self._sentences is not None:
            slope = self._sentences.counts(column, language)
        step = self._scale[language][column] * slope / np.sqrt(hashes.size + DAMPING)
        speaks = self._weights[language].take(hashes >> _SHIFT, axis=0)[:, column] * step
        starts, ends = found.starts[first], found.ends[first]
        # A stretch says what everything in it says.
        inside = (starts[None] >= starts[:, None]) & (ends[None] <= ends[:, None])
        told = inside @ speaks
        kept: list[tuple[int, int, float]] = []
        for number in np.argsort(-np.abs(told), kind="stable").tolist():
            start, end, weight = int(starts[number]), int(ends[number]), float(told[number])
            if all(end <= other[0] or start >= other[1] for other in kept):
                kept.append((start, end, weight))
                if len(kept) == most:
                    break
        return kept

    def items(self, judged: Judgement, lines: Sequence[int]) -> list[list[float]]:
        """Return for some beginnings or windows how likely each item is, given that there is harm."""
        if judged.kept is None or len(lines) == 1:
            hashes = [judged.grams_of(line) for line in lines]
            return [self._shares(_summed(self._items, some >> _ITEM_SHIFT), some.size) for some in hashes]
        table = self._items.take(judged.grams >> _ITEM_SHIFT, axis=0).astype(np.float32)
        sums = _product(judged.kept[lines].astype(np.float32), table)
        return [self._shares(sums[at], int(judged.counts[line])) for at, line in enumerate(lines)]

    def _shares(self, sums: NDArray[np.float32], count: int) -> list[float]:
        logits = sums[: len(ITEMS)] * self._item_scale / np.float32(max(count, 1) ** 0.5) + self._item_bias
        powers = np.exp(logits - logits.max())
        shares: list[float] = (powers / powers.sum()).tolist()
        return shares


def _is_first(hashes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which of sorted hashes are not the same as the one before."""
    first = np.ones(hashes.size, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return first


def _product(share: NDArray[np.float32], lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply in blocks that no library shares out among threads: on a busy machine one would wait for the other."""
    each = max(1, _ALONE // max(1, share.shape[0] * lines.shape[1]))
    total = share[:, :each] @ lines[:each]
    for at in range(each, len(lines), each):
        total += share[:, at : at + each] @ lines[at : at + each]
    return np.asarray(total, np.float32)


def _summed(table: NDArray[np.int8], places: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the sum of lines of a table; whole numbers, far below where floats begin to round."""
    lines = table.take(places, axis=0).astype(np.float32)
    sums: NDArray[np.float32] = _product(np.ones((2, len(lines)), np.float32), lines)[0]
    return sums


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    bounded = np.minimum(np.maximum(logits, _LEAST), _MOST)
    return np.asarray(1 / (1 + np.exp(-bounded)), np.float32)


def write_model(arrays: Mapping[str, NDArray[Any]], notes: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return the two files of a model: the same bytes for the same model."""
    weights = packed(arrays)
    told = {**notes, "sha256": hashlib.sha256(weights).hexdigest()}
    return weights, json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"


def read_model(weights: bytes, notes: bytes, encoder: Shipped) -> tuple[RiskModel, str]:
    """Read a model; return it and the digest of all that it judges by: both files, and the encoder that one names.

    Args:
        weights: One of its files,
        notes: and the other.
        encoder: Reads sentences; the one that the model was fitted to.

    Raises:
        PolicyError: The files are damaged, or do not belong together.
    """
    try:
        told = json.loads(notes)
        digest = hashlib.sha256(weights).hexdigest()
        if told["sha256"] != digest:
            raise PolicyError(
                f"the weights of the risk model are damaged: {_WEIGHTS} is not what {_NOTES} names", None, _MEND
            )
        kept = np.load(io.BytesIO(weights), allow_pickle=False)
        arrays = {name: kept[name] for name in kept.files}  # each is unpacked once
        names = ("weights", "scale", "bias", "items", "item_scale", "item_bias")
        sentences = SentenceModel(encoder, arrays, told)
        model = RiskModel(**{name: arrays[name] for name in names}, sentences=sentences, notes=told)
        shapes = (len(LANGUAGES), 1 << BITS, len(HEADS)), (1 << ITEM_BITS, len(ITEMS))
        if (arrays["weights"].shape, arrays["items"].shape) != shapes:
            raise PolicyError("the weights of the risk model are for another version", None, _MEND)
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
        why = f"{type(error).__name__}: {error}"
        what = f"the weights of the risk model cannot be read: {why}"
        raise PolicyError(what, None, _MEND) from None
    return model, hashlib.sha256(digest.encode() + notes).hexdigest()


def shipped() -> tuple[RiskModel, str]:
    """Return the model that ships with the package, and its digest; raises ``PolicyError``."""
    folder = files("gateway.detectors") / "weights"
    try:
        encoder = shipped_encoder()
    except ConfigError as error:
        raise PolicyError(str(error)) from None
    try:
        return read_model((folder / _WEIGHTS).read_bytes(), (folder / _NOTES).read_bytes(), encoder)
    except OSError as error:
        raise PolicyError(f"the weights of the risk model are missing: {error.strerror}", None, _MEND) from None
