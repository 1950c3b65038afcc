"""Counts what word lists hit in harmless texts: the figure that says whether a list may refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.detectors.lexicon import Evidence, Lexicon
from gateway.detectors.wordlist import Entry
from gateway.text import CANONICAL, TextView, fold


@dataclass(slots=True)
class Hits:
    """What was hit.

    Attributes:
        texts: How many texts were looked at,
        hit: and how many of them hold a finding that counts.
        risks: For each risk how many texts.
        terms: For each span, folded as lists are, how many texts.
    """

    texts: int = 0
    hit: int = 0
    risks: Counter[str] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)

    def share(self) -> str:
        """Return the share of texts that were hit, in percent; in words if there was none to look at."""
        return f"{self.hit / self.texts:.2%}" if self.texts else "none"


def count_hits(entries: Sequence[Entry], texts: Iterable[str], weight: float, evidence: Evidence = "none") -> Hits:
    """Scan texts with word lists and count findings of at least ``weight``, in (0, 1]."""
    hits = Hits()
    if not entries:
        return hits
    scan = Lexicon(entries, (), evidence)
    for text in texts:
        findings = [f for f in scan(TextView(text)).findings if f.score >= weight]
        hits.texts += 1
        hits.hit += bool(findings)
        hits.risks.update({finding.risk for finding in findings})
        hits.terms.update({fold(text[finding.start : finding.end], CANONICAL) for finding in findings})
    return hits
