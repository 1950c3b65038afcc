"""Remember what was found in texts that were judged before: history is not judged twice."""

from __future__ import annotations

from collections import OrderedDict

from gateway.verdict import Finding


class RecentlySeen:
    """Findings by digest of plan and text; the least recently used are forgotten.

    Holds digests and offsets, never text.

    Args:
        most: How many texts to remember.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._findings: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()

    def get(self, key: bytes) -> tuple[Finding, ...] | None:
        """Return the findings of a text seen before, or None."""
        findings = self._findings.get(key)
        if findings is not None:
            self._findings.move_to_end(key)
        return findings

    def put(self, key: bytes, findings: tuple[Finding, ...]) -> None:
        """Remember the findings of a text."""
        self._findings[key] = findings
        if len(self._findings) > self._most:
            self._findings.popitem(last=False)
