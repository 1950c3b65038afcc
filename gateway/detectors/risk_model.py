"""The risk model that ships: what a text is about, from its n-grams, in a few table look-ups.

A text is judged in windows of at most ``WINDOW`` characters that begin at every ``STEP``-th. In a window
each n-gram counts once, however often it comes; a risk's log-odds are the sum of its weights over the root
of their number. So the log-odds at every clause end of a window cost one pass together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.grams import Added, grams, hashed, in_windows, upper
from gateway.detectors.risk_clause import (
    GROUP_STARTS,
    ITEM_SHIFT,
    KINDS,
    KINDS_FROM,
    NO_GRAMS,
    NOTHING,
    OTHERS,
    SHIFT,
    Clauses,
    Heard,
    Items,
    Reading,
    sigmoid,
)
from gateway.detectors.risk_names import ANSWER, DAMPING, HARM, HEADS, ITEMS, LANGUAGES, WINDOW
from gateway.detectors.risk_sentence import Again, SentenceModel, worth_reading
from gateway.detectors.risk_sums import is_first, is_new, lines_of, product, summed, together
from gateway.detectors.stretches import stretches

# Numbers as arrays without dimensions: of a mere number each operation would make one anew.
_TOP: Final = np.array(32, np.uint64)
_PLACE: Final = np.int16
_LINE: Final = 16
_ITEM_LINE: Final = 32
_LOW: Final = np.array(0xFFFFFFFF, np.uint64)
_HIGH: Final = np.array(0xFFFFFFFF << 32, np.uint64)


class Judgement(NamedTuple):
    """What is thought of beginnings or windows of a text.

    Attributes:
        logits: Log-odds of every head, not yet calibrated; a line for each of them.
        counts: How many n-grams each has.
        grams: The n-grams that were counted.
        languages: As what each was read: 0 Chinese, 1 English.
        kept: For each line which of the n-grams are its own; None if all are.
        before: What was heard before, which every line has besides.
        heard: What has been heard now; None if the text does not go on.
        windows: The n-grams of each line, where they were counted for each by itself.
    """

    logits: NDArray[np.float32]
    counts: NDArray[np.intp]
    grams: NDArray[np.uint32]
    languages: NDArray[np.intp]
    kept: NDArray[np.bool_] | None = None
    before: Heard = NOTHING
    heard: Heard | None = None
    windows: Sequence[NDArray[np.uint32]] = ()

    def grams_of(self, line: int) -> NDArray[np.uint32]:
        """Return the n-grams of one line."""
        if self.windows:
            return self.windows[line]
        own = self.grams if self.kept is None else self.grams[self.kept[line]]
        return np.concatenate((self.before.grams, own))


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
        self._items = Items(np.pad(items, ((0, 0), (0, _ITEM_LINE - len(ITEMS)))), item_scale, item_bias)
        self._scale, self._bias = scale, bias
        self._sentences = sentences
        told = [[notes["calibration"][language][head] for head in HEADS] for language in LANGUAGES]
        self._slope, self._offset = np.moveaxis(np.array(told, np.float32), 2, 0)
        self._with_question = np.array([notes["with_question"][language] for language in LANGUAGES], np.float32)

    def clauses(self, floor: float) -> Clauses:
        """Return what hears answers clause by clause: the same as ``hear``, ``answered`` and ``told``, but sooner."""
        each = zip(self._weights, self._scale, self._bias, self._slope, self._offset, self._with_question, strict=True)
        return Clauses([Reading(*one) for one in each], self._items, floor)

    def prepare(self) -> None:
        """Build what the first text in doubt would wait for."""
        if self._sentences is not None:
            self._sentences.prepare()

    def judge(self, text: str) -> Judgement:
        """Judge a folded text of at most ``WINDOW`` characters."""
        found, chinese = hashed(text)
        hashes = _different(upper(found))
        language = 0 if chinese else 1
        logits = self._logits_of(language, self._sums(language, hashes), hashes.size)
        return Judgement(logits, np.array([hashes.size]), hashes, np.array([language]))

    def hear(self, piece: str, ends: Sequence[int], before: Heard | None = None) -> Judgement:
        """Judge the beginnings of a folded text that goes on, in time proportional to what is new.

        Args:
            piece: What it goes on with; no word goes on from what was before. All of it at most ``WINDOW`` characters.
            ends: Where in the piece beginnings end, ascending; the last is the end of the piece.
            before: What was heard before; None if nothing was.
        """
        before = before or NOTHING
        found = Added(piece, before.last)
        # Of the same grams the first one counts: one number holds a gram and its end.
        packed = found.hashes & _HIGH
        packed |= found.ends().astype(np.uint64)
        packed.sort()
        hashes = (packed >> _TOP).astype(np.uint32)
        new = is_new(hashes, before.grams)
        hashes, last = hashes[new], (packed[new] & _LOW).astype(_PLACE)
        places = np.array(ends, _PLACE)
        kept = last <= places[:, None]
        counts = before.grams.size + np.sort(last).searchsorted(places, "right")
        signs = before.signs + found.signs.searchsorted(places, "right")
        words = before.words + found.words.searchsorted(places, "right")
        languages = np.where((signs > 0) & (signs >= words), 0, 1)
        share = kept.astype(np.float32)
        logits = np.zeros((len(ends), len(HEADS)), np.float32)
        sums: dict[int, NDArray[np.float32]] = {}
        for language in set(languages.tolist()):
            mine = languages == language
            table = lines_of(self._weights[language], hashes >> SHIFT)
            lines = product(share, table) + self._heard(before, language)
            sums[language] = lines[-1]
            logits[mine] = self._logits(language, lines[mine, : len(HEADS)].astype(np.float64), counts[mine])
        heard = Heard(together(before.grams, hashes), found.last, int(words[-1]), int(signs[-1]), sums)
        return Judgement(logits, counts, hashes, languages, kept, before, heard)

    def _heard(self, before: Heard, language: int) -> NDArray[np.float32]:
        """Return the sum of the weights of what was heard, as it is read in a language."""
        known = before.sums.get(language)
        return summed(self._weights[language], before.grams >> SHIFT) if known is None else known

    def judge_windows(self, text: str, starts: Sequence[int]) -> Judgement:
        """Judge windows of a folded text together: what they share is hashed once.

        A word that is cut by the edge of a window belongs to its neighbour.

        Args:
            text: At most 65,536 characters.
            starts: Where windows of ``WINDOW`` characters begin, ascending.
        """
        found = in_windows(text, starts, WINDOW)
        windows = [_different(hashes) for hashes in found.hashes]
        languages = np.where((found.signs > 0) & (found.signs >= found.words), 0, 1)
        sums = np.empty((len(windows), _LINE), np.float32)
        for line, (hashes, language) in enumerate(zip(windows, languages.tolist(), strict=True)):
            sums[line] = self._sums(language, hashes)
        counts = np.array([hashes.size for hashes in windows])
        logits = self._logits(languages, sums[:, : len(HEADS)], counts)
        return Judgement(logits, counts, NO_GRAMS, languages, windows=windows)

    def of_parts(self, text: str, starts: Sequence[int], ends: Sequence[int], head: str) -> NDArray[np.float32]:
        """Return how likely a risk is in each part of a folded text, by its n-grams; all are counted in one go.

        An n-gram that comes twice in a part counts twice: near what ``judge`` says of a part, not the same.

        Args:
            text: At most 65,536 characters.
            starts: Where parts begin, ascending; none overlaps another,
            ends: and end.
            head: The risk.
        """
        found, begins, finishes, column = grams(text), np.array(starts), np.array(ends), HEADS.index(head)
        signs, words = (
            ended.searchsorted(finishes, "right") - ended.searchsorted(begins, "right")
            for ended in (found.signs, found.words)
        )
        languages = np.where((signs > 0) & (signs >= words), 0, 1)
        part = begins.searchsorted(found.starts, "right") - 1
        inside = (part >= 0) & (found.ends <= finishes.take(part, mode="clip"))
        part, places = part[inside], upper(found.hashes[inside]) >> SHIFT
        speaks = self._weights[languages[part], places, column]
        counts = np.bincount(part, minlength=begins.size)
        sums = np.bincount(part, speaks, begins.size) * self._scale[languages, column]
        logits = sums / np.sqrt(counts + DAMPING) + self._bias[languages, column]
        return sigmoid((logits * self._slope[languages, column] + self._offset[languages, column]).astype(np.float32))

    def _sums(self, language: int, hashes: NDArray[np.uint32]) -> NDArray[np.float32]:
        return summed(self._weights[language], hashes >> SHIFT)

    def _logits_of(self, language: int, sums: NDArray[Any], count: int) -> NDArray[np.float32]:
        """Return what ``_logits`` does, of one line."""
        logits = sums[: len(HEADS)] * self._scale[language]
        logits /= np.array(math.sqrt(count + DAMPING), np.float32)
        logits += self._bias[language]
        return np.asarray(logits[None], np.float32)

    def _logits(
        self, language: int | NDArray[np.intp], sums: NDArray[Any], counts: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        root = np.sqrt(counts + DAMPING).astype(np.float32)
        return np.asarray(sums * self._scale[language] / root[:, None] + self._bias[language], np.float32)

    def chances(self, judged: Judgement) -> NDArray[np.float32]:
        """Return calibrated probabilities of every head, a line for each beginning."""
        return sigmoid(self._calibrated(judged))

    def _calibrated(self, judged: Judgement) -> NDArray[np.float32]:
        at = judged.languages if judged.languages.size > 1 else int(judged.languages[0])
        logits: NDArray[np.float32] = judged.logits * self._slope[at]
        logits += self._offset[at]
        return logits

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
        most = [max(row[:-1]) for row in chances.tolist()]
        line = most.index(max(most))
        window, language = text[starts[line] : starts[line] + WINDOW], int(judged.languages[line])
        if self._sentences is None or most[line] < worth_reading(len(window), language):
            return chances
        stretch = self._stretch(self._sentences, window, language)
        again = self._sentences.logits(window, judged.logits[line, :-1], language, stretch)
        chances[line, :-1] = sigmoid(again)
        return chances

    def _stretch(self, sentences: SentenceModel, text: str, language: int) -> str | None:
        """Return the stretch of a folded text that speaks most of harm; None if none is read apart."""
        if not sentences.reads_apart(text, language):
            return None
        return max(stretches(text), key=lambda one: float(self.judge(one).logits[0, 0]))

    def answered(self, asked: float | None, judged: Judgement) -> NDArray[np.float32]:
        """Return calibrated probabilities of every head for each beginning of an answer.

        The first of them is that it should not be given; who answers does not attack.

        Args:
            asked: How sure it is that the question is harmful, in log-odds; None if there is none.
            judged: The answer.
        """
        at = judged.languages if judged.languages.size > 1 else int(judged.languages[0])
        logits = self._calibrated(judged)
        if asked is None:
            logits[:, 0] = logits[:, -1]
        else:
            own, question, begin = self._with_question[at].T
            logits[:, 0] = own * judged.logits[:, -1] + question * np.float32(asked) + begin
        chances = sigmoid(logits)
        chances[:, 1] = 0
        return chances

    def asks(self, asked: float, text: str) -> float:
        """Return how much a question adds to the log-odds that an answer to it should not be given.

        Args:
            asked: How sure it is that the question is harmful, in log-odds.
            text: The answer, folded.
        """
        return float(self._with_question[0 if grams(text).is_chinese(len(text)) else 1][1] * asked)

    def again(self, text: str, head: str, score: float) -> Again | None:
        """Say what reading a folded window as a sentence made of the log-odds of a risk.

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
        stretch = self._stretch(self._sentences, text, language)
        return self._sentences.again(text, judged.logits[0, :-1], column, language, stretch)

    def reasons(
        self, text: str, head: str, most: int = 8, *, again: Again | None = None
    ) -> list[tuple[int, int, float]]:
        """Say which stretches of a folded text speak most for a risk, or against it.

        Args:
            text: At most ``WINDOW`` characters.
            head: The risk.
            most: How many stretches; none overlaps another.
            again: What a second look made of it, if there was one.

        Returns:
            Where each begins and ends, and its log-odds (below 0 if it speaks against the risk), strongest first.
        """
        found = grams(text)
        language, column = 0 if found.is_chinese(len(text)) else 1, HEADS.index(head)
        hashes, first = np.unique(upper(found.hashes), return_index=True)
        slope = self._with_question[language][0] if head == ANSWER else self._slope[language][column]
        if again is not None:
            slope = again.counts
        step = self._scale[language][column] * slope / np.sqrt(hashes.size + DAMPING)
        speaks = self._weights[language].take(hashes >> SHIFT, axis=0)[:, column] * step
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

    def items(self, judged: Judgement, lines: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float64]:
        """Return for some beginnings or windows how likely each item is, given that there is harm."""
        if judged.windows:
            sums = np.array([summed(self._items.weights, judged.windows[line] >> ITEM_SHIFT) for line in lines])
        elif judged.kept is None:
            sums = summed(self._items.weights, judged.grams >> ITEM_SHIFT)[None]
        else:
            table = lines_of(self._items.weights, judged.grams >> ITEM_SHIFT)
            sums = product(judged.kept[lines].astype(np.float32), table)
        before = judged.before
        if before.grams.size:
            sums += summed(self._items.weights, before.grams >> ITEM_SHIFT) if before.items is None else before.items
        if judged.heard is not None and lines[-1] == judged.counts.size - 1:
            judged.heard.items = sums[-1]
        root = np.sqrt(np.maximum(judged.counts[lines], 1)).astype(np.float32)
        shares = sums[:, : len(ITEMS)] * self._items.scale
        shares /= root[:, None]
        shares += self._items.bias
        shares -= np.maximum.reduce(shares, 1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= np.add.reduce(shares, 1, keepdims=True)
        return shares.astype(np.float64)

    def told(self, chances: NDArray[np.float32], judged: Judgement, floor: float) -> Iterator[tuple[int, str, float]]:
        """Yield line, risk and score of what is not below a floor; the kinds of harm for lines that show it."""
        rows = chances.tolist()
        shown = [line for line, row in enumerate(rows) if row[0] >= max(floor, KINDS_FROM)]
        kinds: dict[int, list[tuple[str, float]]] = {}
        if shown:
            shares = self.items(judged, shown)
            shares *= np.array([rows[line][:1] for line in shown])
            both = np.concatenate((shares, np.add.reduceat(shares, GROUP_STARTS, 1)), 1)
            kinds = {
                line: [(kind, score) for kind, score in zip(KINDS, scores, strict=True) if score >= floor]
                for line, scores in zip(shown, both.tolist(), strict=True)
            }
        for line, row in enumerate(rows):
            if row[0] >= floor:
                yield line, HARM, round(row[0], 4)
            for risk, score in kinds.get(line, ()):
                yield line, risk, round(score, 4)
            for risk, score in zip(OTHERS, row[1:-1], strict=True):
                if score >= floor:
                    yield line, risk, round(score, 4)


def _different(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return hashes in order, each once; sorts those that it is given."""
    hashes.sort()
    return hashes[is_first(hashes)]
