"""Judges what a text is about with a small model of its own: a calibrated score for every risk.

A question is judged as a whole. An answer is judged as it grows, with its question, at every clause end
(，。；！？ and line ends, and their Latin twins) and every ``FORCED`` characters: what is said of a clause
depends on the answer up to its end and on nothing that follows, so text leaves clause by clause. What
was counted up to there is kept for the next clause.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.detectors.apart import legible
from gateway.detectors.risk_names import ANSWER, HARM, HEADS, RISKS, STEP, VIEW, WINDOW
from gateway.ports import BuiltDetector, DetectorSpec, Evidence, Loader, Scan
from gateway.text import Folded, TextView
from gateway.verdict import Finding

if TYPE_CHECKING:
    from gateway.detectors.risk_clause import Heard
    from gateway.detectors.risk_model import RiskModel

NAME: Final = "classifier"
FLOOR: Final = 0.02
"""Lower scores are not reported."""
FORCED: Final = 512
"""However long a clause is, an answer is judged after so many characters of it."""
_REMEMBERED: Final = 128
_BESIDE: Final = 2
"""So many characters before what is to be judged say whether a clause ends there."""
_TOGETHER: Final = 8
"""So many windows of a long text are judged at once; the worst of them is looked at again."""
_AGAIN: Final = 8 * _TOGETHER
"""Windows from here on are judged by their n-grams alone."""
# Of several ends side by side the first one counts: what follows it says nothing.
_SIGNS: Final = r"[，。；！？,;!?\n]"
_END: Final = re.compile(rf"[，。；！？,;!?\n.](?:(?<!{_SIGNS}{_SIGNS})(?<!\.)|(?<=\.)(?<!\.\.)\s)")
"""The set stands first, so that characters that end nothing cost next to nothing."""


class _Told(NamedTuple):
    """What was said of the clauses of a window of an answer.

    Attributes:
        question: What is answered.
        text: The window up to the last of them.
        heard: What was counted in it; None if nothing was.
        scores: For each of them by its end in the window what was said.
    """

    question: str
    text: str = ""
    heard: Heard | None = None
    scores: Mapping[int, list[tuple[str, float]]] = MappingProxyType({})

    def is_of(self, question: str, text: str, ends: Sequence[int]) -> bool:
        """Whether it was said of the beginning of a text, and of all clauses there that end at ``ends``."""
        size = min(len(self.text), len(text))
        if question != self.question or text[:size] != self.text[:size]:
            return False
        return all(end in self.scores for end in ends if end <= len(self.text))


class _Alone(NamedTuple):
    """What was said of a text that is one window.

    Attributes:
        harm: How likely it asks for what must not be met.
        told: Every risk and its score, from the floor on.
    """

    harm: float
    told: tuple[tuple[str, float], ...]


class Classifier:
    """A detector of risks.

    Args:
        model: The weights.
        floor: Lower scores are not reported.
    """

    __slots__ = ("_alone", "_asked", "_clauses", "_floor", "_model")

    def __init__(self, model: RiskModel, floor: float = FLOOR) -> None:
        self._model, self._floor, self._clauses = model, floor, model.clauses(floor)
        # A question is judged when it is asked, and not again with its answer.
        self._alone = lru_cache(_REMEMBERED)(self._judge_alone)
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
        plain = legible(text)
        if plain is not text:
            span = folded.span(folded.start, len(folded.text))
            told = self._text(TextView(plain)).findings
            return Scan(tuple([finding._replace(start=span[0], end=span[1]) for finding in told]), size)
        starts = _starts(len(text))
        if len(starts) == 1:
            span = folded.span(folded.start, len(folded.text))
            return Scan(tuple([Finding(*span, risk, score, NAME) for risk, score in self._alone(text).told]), size)
        best: dict[str, Finding] = {}
        for number in range(0, len(starts), _TOGETHER):
            several = starts[number : number + _TOGETHER]
            begin = several[0]
            windows, places = text[begin : several[-1] + WINDOW], [at - begin for at in several]
            judged = self._model.judge_windows(windows, places)
            # The first of a text that never ends are looked at again: the work for each text has an end.
            near = number < _AGAIN
            scores = self._model.looked_again(windows, judged, places) if near else self._model.chances(judged)
            for line, risk, score in self._model.told(scores, judged, self._floor):
                if risk not in best or score > best[risk].score:
                    start = folded.start + several[line]
                    span = folded.span(start, min(start + WINDOW, len(folded.text)))
                    best[risk] = Finding(*span, risk, score, NAME)
        return Scan(tuple(best.values()), size)

    # --- Answers -----------------------------------------------------------------------------------

    def _answer(self, view: TextView) -> Scan:
        """Judge every clause that has ended, in windows that begin where they would in the whole answer."""
        before = view.before
        near = before[-_BESIDE:]
        raw, shift = near + view.text, len(near)
        ends = clause_ends(raw, shift + view.start, view.offset - shift, final=view.final)
        if not ends:
            return Scan((), len(view.text) if view.final else view.start)
        if shift < len(before):
            ends = [end + len(before) - shift for end in ends]
            raw, shift = before + view.text, len(before)
        begin = shift + view.start
        base = view.offset - shift
        findings: list[Finding] = []
        kept: dict[int, _Told] = view.kept.get(self, {}) if view.kept is not None else {}
        told: dict[int, _Told] = {}
        at = begin - shift
        for start, several in _by_window(ends, base):
            first = start - base
            known = told.get(start) or kept.get(start)
            now = told[start] = self._told(view, raw, first, several, known)
            for end in several:
                span = at, end - shift
                at = end - shift
                findings += [Finding(*span, risk, score, NAME) for risk, score in now.scores[end - first]]
        if view.kept is not None:
            view.kept[self] = told
        return Scan(tuple(findings), len(view.text) if view.final else ends[-1] - shift)

    def _told(self, view: TextView, raw: str, first: int, places: list[int], known: _Told | None) -> _Told:
        """Judge the clauses of a window, from where the one that is known of it ended.

        Args:
            view: The answer,
            raw: and with what stood before, as far as it is there.
            first: Where in it the window begins,
            places: and where clauses end.
            known: What was said of the window before; None if nothing was.
        """
        text, ends = raw[first : places[-1]], [place - first for place in places]
        if known is None or not known.is_of(view.question, text, ends):
            known = _Told(view.question)
        done = len(known.text)
        fresh = [end - done for end in ends if end > done]
        if not fresh:
            return known
        asked = self._asked(view.question) if view.question else None
        said = {end: scores for end, scores in known.scores.items() if end >= ends[0]}
        piece, at = self._folded(view, raw, first + done, fresh)
        if len(fresh) == 1:
            heard, said[ends[-1]] = self._clauses.hear(piece, known.heard, asked)
            return _Told(view.question, text, heard, said)
        judged = self._model.hear(piece, at, known.heard)
        said.update((done + end, []) for end in fresh)
        for line, risk, score in self._model.told(self._model.answered(asked, judged), judged, self._floor):
            said[done + fresh[line]].append((risk, score))
        return _Told(view.question, text, judged.heard, said)

    def _folded(self, view: TextView, raw: str, begin: int, ends: list[int]) -> tuple[str, list[int]]:
        """Return a part of an answer, folded, and where in it clauses end.

        Args:
            view: The answer,
            raw: and with what stood before, as far as it is there.
            begin: Where in it the part begins,
            ends: and how far from there clauses end, the last with the part.
        """
        whole, at = view.seen(VIEW), begin - (len(raw) - len(view.text))
        if at >= 0 and whole.starts is None and whole.places is None:
            return whole.text[at : at + ends[-1]], ends  # character for character
        part = TextView(raw[begin : begin + ends[-1]], final=False, escaped=view.escaped).seen(VIEW)
        return part.text, _places(part, ends)

    # --- Why ---------------------------------------------------------------------------------------

    def explain(self, view: TextView, finding: Finding) -> list[Evidence]:
        """Return the stretches that spoke most for a finding and against it; what a second look or its question added.

        Of a long text the stretch that was read apart stands there as well, with what it added of its own.

        What kind of harm it is, is not explained: it is a share of the harm, which is.
        """
        head = finding.risk
        if head not in HEADS:
            return []
        if not view.answer and (text := view.seen(VIEW).text) != (plain := legible(text)):
            told = self.explain(TextView(plain), finding._replace(start=0, end=len(plain)))
            return [one._replace(start=finding.start, end=finding.end) for one in told]
        begin, seen = self._judged_for(view, finding)
        if view.answer and head == HARM:
            head = ANSWER
        again = None if view.answer else self._model.again(seen.text, head, finding.score)
        reasons = [
            Evidence(max(0, begin + start), max(0, begin + end), round(weight, 2), seen.text[first:last].strip())
            for first, last, weight in self._model.reasons(seen.text, head, again=again)
            for start, end in [seen.span(first, last)]
        ]
        if again is not None:
            reasons.append(Evidence(finding.start, finding.end, round(again.adds, 2), "as a sentence"))
            if again.apart:
                first = seen.text.index(again.stretch)
                start, end = seen.span(first, first + len(again.stretch))
                reasons.append(Evidence(begin + start, begin + end, round(again.apart, 2), "read apart"))
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

    def _judge_alone(self, text: str) -> _Alone:
        judged = self._model.judge(text)
        scores = self._model.looked_again(text, judged)
        said = self._model.told(scores, judged, self._floor)
        return _Alone(float(scores[0, 0]), tuple([(risk, score) for _, risk, score in said]))

    def _judge_question(self, question: str) -> float:
        chance = self._alone(TextView(question[:WINDOW]).seen(VIEW).text).harm
        return math.log(max(chance, 1e-6) / max(1 - chance, 1e-6))


def _places(folded: Folded, ends: list[int]) -> list[int]:
    """Return how many folded characters stand before each original offset."""
    if folded.ends is None:
        return [min(end, len(folded.text)) for end in ends]
    return [bisect_right(folded.ends, end) for end in ends]


def _starts(size: int) -> list[int]:
    """Return where the windows of a text begin."""
    return [0, *range(STEP, size - STEP, STEP)]


def clause_ends(raw: str, begin: int, base: int, *, final: bool) -> list[int]:
    """Return where clauses end in ``raw`` after ``begin``, ascending.

    Args:
        raw: A part of an answer.
        begin: What ends up to here has been judged.
        base: Where in the answer ``raw`` begins.
        final: Whether nothing follows.
    """
    # A full stop may have been judged before the space that makes it an end has come.
    ends = [match.end() for match in _END.finditer(raw, max(0, begin - 1)) if match.end() > begin]
    size = len(raw)
    forced = FORCED * ((base + begin) // FORCED + 1) - base
    if forced <= size:
        ends = sorted({*ends, *range(forced, size + 1, FORCED)})
    if final and size > (ends[-1] if ends else begin):
        ends.append(size)
    return ends


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
    from gateway.detectors.risk_files import shipped  # noqa: PLC0415

    model, digest = shipped()
    scan = Classifier(model, options.get("floor", FLOOR))
    return BuiltDetector(RISKS, f"2-{digest[:16]}", scan, behind=WINDOW, explain=scan.explain, prepare=model.prepare)


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
