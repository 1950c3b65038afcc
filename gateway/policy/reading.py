"""Has what was read out of a text judged by the policy's other detectors, as if it stood there.

What they find in a piece is reported where the piece stands, with their risk and score: so every rule
holds for encoded words as for plain ones. That something was encoded is a finding of its own; it weighs
as much as the worst that was found inside, personal data and keys aside: to encode those is no attack. What is
merely spelled otherwise is no finding of its own: people misspell; and it counts for what it adds to the text as it
stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from gateway.policy.plan import BoundDetector
from gateway.ports import Derive, Detector, Evidence, Scan
from gateway.text import TextView
from gateway.verdict import Finding

_DEPTH: Final = 2
"""What was encoded twice is read twice; nobody who means well encodes three times."""
_ALONE: Final = 0.3
"""How much it weighs that something was encoded in which nothing was found."""
_MORE: Final = 0.1
"""By so much a likelier spelling must speak more for a risk than the text as it stands."""
_PRIVATE: Final = ("pii.", "secret.")
_REMEMBERED: Final = 64
_SHORT: Final = 512
"""So many characters at most has a text, with its question, of which is remembered what was found in it."""


def reading(bound: BoundDetector, derive: Derive, others: Sequence[BoundDetector]) -> BoundDetector:
    """Return a detector that judges what ``derive`` reads out of a text.

    Args:
        bound: The reader under the policy's id; its risks are what it reports by itself.
        derive: What it reads.
        others: The detectors that judge it.
    """
    risks = frozenset(bound.risks.union(*(other.risks for other in others)))
    scans = tuple(other.scan for other in others if other.scan is not None)
    # Of a mere spelling what is found of persons and keys is left out: who finds nothing else need not look.
    open_ones = tuple(
        other.scan
        for other in others
        if other.scan is not None and not (other.risks and all(risk.startswith(_PRIVATE) for risk in other.risks))
    )
    read = _Reading(bound.id, min(bound.risks), derive, scans, open_ones)
    return replace(bound, risks=risks, scan=read, explain=read.explain)


def reads_otherwise(bound: BoundDetector) -> bool:
    """Whether a detector judges what it reads out of a text, and not the text as it stands."""
    return isinstance(bound.scan, _Reading)


class _Reading:
    """The detector made of a reader and those who judge what it reads."""

    __slots__ = ("_derive", "_id", "_known", "_open", "_risk", "_scans")

    def __init__(
        self, id: str, risk: str, derive: Derive, scans: tuple[Detector, ...], open_ones: tuple[Detector, ...]
    ) -> None:
        self._id, self._risk, self._derive, self._scans, self._open = id, risk, derive, scans, open_ones
        # What was said over several turns is read again with every turn that follows, and most of it is the same.
        self._known = lru_cache(_REMEMBERED)(self._judge)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        derived = self._derive(view)
        if not derived.pieces:
            return Scan((), derived.open)
        findings: list[Finding] = []
        for start, end, text, _, coded in derived.pieces:
            judge = self._known if len(text) + len(view.question) <= _SHORT else self._judge
            scores = dict(judge(text, view.question, answer=view.answer, coded=coded))
            if coded:
                worst = max((score for risk, score in scores.items() if not risk.startswith(_PRIVATE)), default=0.0)
                scores[self._risk] = max(_ALONE, worst, scores.get(self._risk, 0.0))
            else:
                scores = self._added(scores, view, view.text[start:end])
            findings += [Finding(start, end, risk, score, self._id) for risk, score in scores.items() if score > 0]
        return Scan(tuple(findings), derived.open)

    def explain(self, view: TextView, finding: Finding) -> list[Evidence]:
        """Return what was read where a finding stands."""
        return [
            Evidence(piece.start, piece.end, finding.score, f"{piece.how}: {piece.text}")
            for piece in self._derive(view).pieces
            if (piece.start, piece.end) == (finding.start, finding.end)
        ]

    def _added(self, scores: Mapping[str, float], view: TextView, plain: str) -> dict[str, float]:
        """Return what a likelier spelling says that the text as it stands does not: else it would say it twice.

        Rules ask less of a spelling than of a plain text, as people seldom spell so by chance what is harmful.
        """
        said = {risk: score for risk, score in scores.items() if not risk.startswith(_PRIVATE)}
        if max(said.values(), default=0.0) < _ALONE:
            return said
        before = self._judge(plain, view.question, answer=view.answer, coded=False, depth=_DEPTH)
        return {risk: score for risk, score in said.items() if score >= before.get(risk, 0.0) + _MORE}

    def _judge(self, text: str, question: str, *, answer: bool, coded: bool, depth: int = 1) -> Mapping[str, float]:
        """Return the highest score of every risk that is found in ``text``, or in what is read out of it."""
        view = TextView(text, answer=answer, question=question)
        scores: dict[str, float] = {}
        for scan in self._scans if coded else self._open:
            for finding in scan(view).findings:
                scores[finding.risk] = max(finding.score, scores.get(finding.risk, 0.0))
        if depth < _DEPTH:
            # A reader sees a text of its own: what is read out of an answer is there as a whole.
            for piece in self._derive(TextView(text) if answer else view).pieces:
                inner = self._judge(piece.text, question, answer=answer, coded=coded, depth=depth + 1)
                for risk, score in inner.items():
                    scores[risk] = max(score, scores.get(risk, 0.0))
        return scores
