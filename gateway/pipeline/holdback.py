"""Hold text back until it is certain what it says. Sans-I/O."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from gateway.ports import Scan
from gateway.text import TextView, cut_escape
from gateway.verdict import Finding


class Settled(NamedTuple):
    """Text that is certain, and the findings inside it (offsets into ``text``)."""

    text: str
    findings: tuple[Finding, ...]

    def parts(self, sizes: Sequence[int], *, escaped: bool = False) -> Iterator[Settled]:
        """Yield it in as many parts as there are sizes: what came together was judged together, and leaves as it came.

        Args:
            sizes: How much of the text each part has; what is missing at the end has not settled yet. A finding,
                and an escape, goes to the part in which it ends.
            escaped: Whether the text is JSON.
        """
        text, findings = self
        at = end = seen = 0
        for size in sizes[:-1]:
            end += size
            edge = min(end, len(text))
            if escaped:
                edge = at + cut_escape(text[at:edge])
            last = bisect_left(findings, edge, seen, key=_start)
            edge = _uncut(findings[seen:last], edge)
            last = bisect_left(findings, edge, seen, last, key=_start)
            yield Settled(text[at:edge], _shifted(findings[seen:last], at))
            at, seen = edge, last
        yield Settled(text[at:], _shifted(findings[seen:], at))


def joined(parts: Sequence[Settled]) -> Settled:
    """Return parts that follow each other as one."""
    at = 0
    findings: list[Finding] = []
    for text, found in parts:
        findings += _shifted(found, -at)
        at += len(text)
    return Settled("".join([text for text, _ in parts]), tuple(findings))


def _start(finding: Finding) -> int:
    return finding.start


def _uncut(findings: Sequence[Finding], edge: int) -> int:
    """Return the last place up to ``edge`` at which no finding is cut in two; they are sorted."""
    # From the last to the first: an edge that moves before one finding may cut an earlier one.
    for finding in reversed(findings):
        if finding.start < edge < finding.end:
            edge = finding.start
    return edge


def _shifted(findings: Sequence[Finding], at: int) -> tuple[Finding, ...]:
    return tuple([finding._replace(start=finding.start - at, end=finding.end - at) for finding in findings])


class HoldBack:
    """Turns deltas into views to inspect, and scans into text that may leave.

    Nothing leaves that a detector still holds open, and no finding is split between two
    releases; so the caller sees the same text however the deltas were cut.

    Args:
        context: How many characters detectors may look behind, in folded text.
        escaped: Whether the text is JSON (tool-call arguments), whose escapes are never cut.
        question: The question that the text answers.
        behind: How many characters of what has left views carry besides (``view.before``), in
            folded text, for detectors that judge with what was said; what is there may be more.
    """

    __slots__ = (
        "_before",
        "_behind",
        "_context",
        "_escaped",
        "_kept",
        "_offset",
        "_question",
        "_room",
        "_start",
        "_text",
    )

    def __init__(self, context: int = 1, *, escaped: bool = False, question: str = "", behind: int = 0) -> None:
        self._context, self._escaped, self._question, self._behind = context, escaped, question, behind
        self._text = self._before = ""
        self._start = self._offset = 0
        self._room = 2 * behind
        self._kept: dict[object, Any] = {}

    def push(self, delta: str) -> TextView:
        """Take a delta and return what there is to inspect now."""
        self._text += delta
        return self._view(self._text, final=False)

    def ahead(self, delta: str) -> TextView:
        """Return what ``push`` would, and take the delta only once that is settled."""
        return self._view(self._text + delta, final=False)

    def close(self) -> TextView:
        """Return the last view: what is left, with nothing to follow."""
        return self._view(self._text, final=True)

    def settle(self, view: TextView, scans: Sequence[Scan]) -> Settled:
        """Release the part of ``view`` that later text can no longer change."""
        size = len(view.text)
        edge = size
        findings: list[Finding] = []
        for scan in scans:
            if scan.findings:
                findings.extend(f for f in scan.findings if f.start >= view.start)
            if not view.final and scan.open < edge:
                edge = scan.open
        if self._escaped and not view.final:
            edge = min(edge, cut_escape(view.text))
        if findings:
            findings.sort()
            edge = _uncut(findings, edge)
        edge = max(edge, view.start)
        keep = self._keep(view, edge)
        if keep and self._behind:
            self._remember(view.text[:keep])
        self._offset += keep
        self._text, self._start = view.text[keep:], edge - keep
        if not findings:
            return Settled(view.text[view.start : edge], ())
        at = view.start
        return Settled(view.text[at:edge], _shifted([finding for finding in findings if finding.end <= edge], at))

    def _view(self, text: str, *, final: bool) -> TextView:
        return TextView(
            text,
            self._start,
            final,
            escaped=self._escaped,
            question=self._question,
            answer=True,
            before=self._before,
            offset=self._offset,
            kept=self._kept,
        )

    def _remember(self, gone: str) -> None:
        """Keep of what has left no less than was asked for, however little of it can be seen."""
        before = self._before + gone
        if len(before) > self._room:
            folded = TextView(before, escaped=self._escaped).folded
            spare = len(folded.text) - self._behind
            if spare > 0:
                before = before[folded.offset(spare) :]
            self._room = 2 * max(self._behind, len(before))
        self._before = before

    def _keep(self, view: TextView, edge: int) -> int:
        """Return from where the look-behind of the next view begins: folded characters count."""
        starts = view.folded.starts
        if starts is None:
            return max(0, edge - self._context)
        visible = bisect_left(starts, edge)
        return starts[max(0, visible - self._context)] if visible else 0
