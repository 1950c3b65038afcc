"""Remember what was found in texts that were judged before: history is not judged twice."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from gateway.verdict import Finding

_TEXT: Final = 2
"""A text takes as much memory as so many findings."""


class RecentlySeen:
    """Findings by digest of plan and text; the least recently used are forgotten.

    Holds digests and offsets, never text. What it holds is limited by the memory that it takes, not by the number
    of texts: else it would grow as texts with many findings take the place of others.

    Args:
        most: How many findings to remember, of some 150 bytes each; a text by itself counts as two.
    """

    def __init__(self, most: int = 120_000) -> None:
        self._most, self._held = most, 0
        self._findings: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()

    def get(self, key: bytes) -> tuple[Finding, ...] | None:
        """Return the findings of a text seen before, or None."""
        findings = self._findings.get(key)
        if findings is not None:
            self._findings.move_to_end(key)
        return findings

    def put(self, key: bytes, findings: tuple[Finding, ...]) -> None:
        """Remember the findings of a text."""
        before = self._findings.pop(key, None)
        if before is not None:
            self._held -= _TEXT + len(before)
        self._findings[key] = findings
        self._held += _TEXT + len(findings)
        while self._held > self._most:
            _, gone = self._findings.popitem(last=False)
            self._held -= _TEXT + len(gone)
