"""Judges what a text is about with a small model of its own: a calibrated score for every risk.

A question is judged as a whole. An answer is judged as it grows, with its question, at every clause end
(，。；！？ and line ends, and their Latin twins) and every ``FORCED`` characters: what is said of a clause
depends on the answer up to its end and on nothing that follows, so text leaves clause by clause.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from gateway.detectors.risk_names import ANSWER, GROUPS, HARM, HEADS, ITEMS, RISKS, STEP, VIEW, WINDOW
from gateway.ports import BuiltDetector, DetectorSpec, Evidence, Loader, Scan
from gateway.text import Folded, TextView
from gateway.verdict import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gateway.detectors.risk_model import Judgement, RiskModel

NAME: Final = "classifier"
FLOOR: Final = 0.02
"""Lower scores are not reported."""
FORCED: Final = 512
"""However long a clause is, an answer is judged after so many characters of it."""
_KINDS_FROM: Final = 0.05
_REMEMBERED: Final = 128
_TOGETHER: Final = 8
"""So many windows of a long text are judged at once; the worst of them is looked at again."""
_AGAIN: Final = 8 * _TOGETHER
"""Windows from here on are judged by their n-grams alone."""
# Of several ends side by side the first one counts: what follows it says nothing.
_END: Final = re.compile(r"(?<![，。；！？,;!?\n])[，。；！？,;!?\n]|(?<!\.)\.\s")


class Classifier:
    """A detector of risks.

    Args:
        model: The weights.
        floor: Lower scores are not reported.
    """

    __slots__ = ("_asked", "_floor", "_model")

    def __init__(self, model: RiskModel, floor: float = FLOOR) -> None:
        self._model, self._floor = model, floor
        # A question is judged once for all clauses of its answer.
        self._asked = lru_cache(_REMEMBERED)(self._judge_question)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        return self._answer(view) if view.answer else self._text(view)

    # --- Questions ---------------------------------------------------------------------------------

    def _text(self, view: TextView) -> Scan:
        folded = view.seen(VIEW)
        size = len(view.text)
        text = folded.text[folded.start :]
        if not text:
            return Scan((), size)
        best: dict[str, Finding] = {}
        starts = _starts(len(text))
        for number in range(0, len(starts), _TOGETHER):
            several = starts[number : number + _TOGETHER]
            begin = several[0]
            windows, places = text[begin : several[-1] + WINDOW], [at - begin for at in several]
            alone = len(starts) == 1
            judged = self._model.judge(text) if alone else self._model.judge_windows(windows, places)
            # The first of a text that never ends are looked at again: the work for each text has an end.
            near = number < _AGAIN
            scores = self._model.looked_again(windows, judged, places) if near else self._model.chances(judged)
            for line, risk, score in self._above(scores[:, :-1], judged):
                if risk not in best or score > best[risk].score:
                    start = folded.start + several[line]
                    span = folded.span(start, min(start + WINDOW, len(folded.text)))
                    best[risk] = Finding(*span, risk, score, NAME)
        return Scan(tuple(best.values()), size)

    def _above(self, scores: NDArray[np.float32], judged: Judgement) -> Iterator[tuple[int, str, float]]:
        """Yield line, risk and score of what is not below the floor; the kinds of harm for lines that show it."""
        lines, columns = (column.tolist() for column in (scores >= self._floor).nonzero())
        told = [float(scores[line, column]) for line, column in zip(lines, columns, strict=True)]
        shown = [at for at, score in enumerate(told) if columns[at] == 0 and score >= _KINDS_FROM]
        items = dict(zip(shown, self._model.items(judged, [lines[at] for at in shown]), strict=True)) if shown else {}
        for at, score in enumerate(told):
            yield lines[at], HEADS[columns[at]], round(score, 4)
            if at in items:
                for risk, kind in self._kinds(score, items[at]):
                    yield lines[at], risk, kind

    def _kinds(self, harm: float, items: list[float]) -> list[tuple[str, float]]:
        """Share a text's harm among the items and groups of GB/T 45654."""
        floor = self._floor
        shares = [share * harm for share in items]
        kinds = [(item, round(share, 4)) for item, share in zip(ITEMS, shares, strict=True) if share >= floor]
        at = 0
        for group, inside in GROUPS.items():
            score = sum(shares[at : at + len(inside)])
            at += len(inside)
            if score >= floor:
                kinds.append((group, round(score, 4)))
        return kinds

    # --- Answers -----------------------------------------------------------------------------------

    def _answer(self, view: TextView) -> Scan:
        """Judge every clause that has ended, in windows that begin where they would in the whole answer."""
        raw = view.before + view.text if view.before else view.text
        shift = len(view.before)
        begin = shift + view.start
        base = view.offset - shift
        ends = _clause_ends(raw, begin, base, final=view.final)
        if not ends:
            return Scan((), len(view.text) if view.final else view.start)
        findings: list[Finding] = []
        asked = self._asked(view.question) if view.question else None
        at = begin - shift
        for start, several in _by_window(ends, base):
            folded = TextView(raw[start - base : several[-1]], final=False, escaped=view.escaped).seen(VIEW)
            judged = self._model.judge(folded.text, _places(folded, [base + end - start for end in several]))
            scores = self._model.chances(judged)
            scores[:, 0] = self._model.answered(asked, judged)
            scores[:, 1] = 0  # who answers does not attack
            spans = [(at, several[0] - shift), *((a - shift, b - shift) for a, b in pairwise(several))]
            at = several[-1] - shift
            findings += [
                Finding(*spans[line], risk, score, NAME) for line, risk, score in self._above(scores[:, :-1], judged)
            ]
        return Scan(tuple(findings), len(view.text) if view.final else ends[-1] - shift)

    # --- Why ---------------------------------------------------------------------------------------

    def explain(self, view: TextView, finding: Finding) -> list[Evidence]:
        """Return the stretches that spoke most for a finding and against it; what a second look or its question added.

        What kind of harm it is, is not explained: it is a share of the harm, which is.
        """
        head = finding.risk
        if head not in HEADS:
            return []
        begin, seen = self._judged_for(view, finding)
        if view.answer and head == HARM:
            head = ANSWER
        again = None if view.answer else self._model.adds(seen.text, head, finding.score)
        reasons = [
            Evidence(max(0, begin + start), max(0, begin + end), round(weight, 2), seen.text[first:last].strip())
            for first, last, weight in self._model.reasons(seen.text, head, again=again is not None)
            for start, end in [seen.span(first, last)]
        ]
        if again is not None:
            reasons.append(Evidence(finding.start, finding.end, round(again, 2), "as a sentence"))
        if head == ANSWER and view.question:
            asked = self._model.asks(self._asked(view.question), seen.text)
            reasons.append(Evidence(finding.start, finding.start, round(asked, 2), "question"))
        return sorted(reasons, key=lambda one: (-abs(one.weight), one))

    def _judged_for(self, view: TextView, finding: Finding) -> tuple[int, Folded]:
        """Return what was looked at for a finding, folded, and where in the view it begins."""
        if view.answer:
            raw, shift = view.before + view.text, len(view.before)
            end = shift + finding.end
            begin = max(0, _window_of(view.offset + finding.end) - view.offset + shift)
            return begin - shift, TextView(raw[begin:end], final=False, escaped=view.escaped).seen(VIEW)
        whole = view.seen(VIEW)
        size = len(whole.text) - whole.start
        for start in _starts(size):
            first = whole.start + start
            last = min(first + WINDOW, len(whole.text))
            if size and whole.span(first, last) == (finding.start, finding.end):
                return finding.start, TextView(view.text[finding.start : finding.end], escaped=view.escaped).seen(VIEW)
        return 0, TextView("").seen(VIEW)

    def _judge_question(self, question: str) -> float:
        text = TextView(question[:WINDOW]).seen(VIEW).text
        chance = float(self._model.looked_again(text, self._model.judge(text))[0, 0])
        return math.log(max(chance, 1e-6) / max(1 - chance, 1e-6))


def _places(folded: Folded, ends: list[int]) -> list[int]:
    """Return how many folded characters stand before each original offset."""
    if folded.ends is None:
        return [min(end, len(folded.text)) for end in ends]
    return [bisect_right(folded.ends, end) for end in ends]


def _starts(size: int) -> list[int]:
    """Return where the windows of a text begin."""
    return [0, *range(STEP, size - STEP, STEP)]


def _clause_ends(raw: str, begin: int, base: int, *, final: bool) -> list[int]:
    """Return where clauses end in ``raw`` after ``begin``, ascending.

    Args:
        raw: A part of an answer.
        begin: What ends up to here has been judged.
        base: Where in the answer ``raw`` begins.
        final: Whether nothing follows.
    """
    # A full stop may have been judged before the space that makes it an end has come.
    ends = {match.end() for match in _END.finditer(raw, max(0, begin - 1)) if match.end() > begin}
    first = FORCED * ((base + begin) // FORCED + 1)
    ends.update(range(first - base, len(raw) + 1, FORCED))
    if final and len(raw) > begin:
        ends.add(len(raw))
    return sorted(ends)


def _window_of(end: int) -> int:
    """Return where the window begins in which the clause that ends there is judged."""
    return max(0, (end - 1) // STEP - 1) * STEP


def _by_window(ends: list[int], base: int) -> Iterator[tuple[int, list[int]]]:
    """Give each end its window: yields where in the answer a window begins, and its ends in the part at hand.

    What a forced end cuts through is judged as it stands, apart from what follows it.
    """
    start, several = -1, list[int]()
    for end in ends:
        place = base + end
        mine = _window_of(place)
        forced = place % FORCED == 0
        if several and (mine != start or forced):
            yield start, several
            several = []
        start = mine
        several.append(end)
        if forced:
            yield start, several
            several = []
    if several:
        yield start, several


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del load
    # Only a policy that uses the model pays for numpy and the weights.
    from gateway.detectors.risk_model import shipped  # noqa: PLC0415

    model, digest = shipped()
    scan = Classifier(model, options.get("floor", FLOOR))
    return BuiltDetector(RISKS, f"1-{digest[:16]}", scan, behind=WINDOW, explain=scan.explain, prepare=model.prepare)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="A small model that ships: a calibrated score for every risk, of questions and of answers as they grow.",
    risks=RISKS,
    scope="sentence",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "floor": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "description": "lower scores are not reported; 0.02 if not given",
            },
        },
    },
)
