"""Scans a text in one piece and in many, the way the path does it: what law 3 compares.

A second, plain implementation of hold-back (``gateway.pipeline.holdback`` is the first), so that
detectors can be tested without the pipeline.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from gateway.ports import Detector
from gateway.text import TextView, cut_escape
from gateway.verdict import Finding


def whole_scan(detector: Detector, text: str, *, escaped: bool = False) -> tuple[str, list[Finding]]:
    """Scan ``text`` at once."""
    return text, sorted(detector(TextView(text, escaped=escaped)).findings)


def stream_scan(
    detector: Detector,
    pieces: Iterable[str],
    *,
    escaped: bool = False,
    others: random.Random | None = None,
    behind: int = 0,
) -> tuple[str, list[Finding]]:
    """Scan a text piece by piece, releasing what is settled, with one folded character of look-behind.

    Args:
        detector: What to run.
        pieces: The text, cut.
        escaped: Whether it is JSON text.
        others: Stands for other detectors: each time they hold back a random part of what this
            detector would release.
        behind: How many folded characters of what has left the detector is shown besides
            (``view.before``): so many, and none more.

    Returns:
        All that was released, and the findings with offsets into it.
    """
    text, start, final = "", 0, False
    released: list[str] = []
    findings: list[Finding] = []
    gone, before = 0, ""
    for piece in [*pieces, None]:
        final = piece is None
        text += piece or ""
        view = TextView(text, start, final, escaped=escaped, before=before)
        scan = detector(view)
        edge = _edge(view, scan.findings, scan.open, others)
        findings += [
            f._replace(start=f.start - start + gone, end=f.end - start + gone) for f in scan.findings if f.end <= edge
        ]
        released.append(text[start:edge])
        gone += edge - start
        keep = edge
        while keep > 0 and not TextView(text[keep:edge], escaped=escaped).folded.text:
            keep -= 1
            while escaped and _inside_escape(text, keep):
                keep -= 1
        before = _last(before + text[:keep], behind, escaped=escaped)
        text, start = text[keep:], edge - keep
    return "".join(released), sorted(findings)


def _edge(view: TextView, findings: Sequence[Finding], still_open: int, others: random.Random | None) -> int:
    if view.final:
        return len(view.text)
    edge = min(len(view.text), still_open)
    if others is not None and others.random() < 0.7:
        edge = others.randint(view.start, max(view.start, edge))
        if view.escaped:
            while _inside_escape(view.text, edge):
                edge -= 1
    if view.escaped:
        edge = min(edge, cut_escape(view.text))
    while split := [f.start for f in findings if f.start < edge < f.end]:
        edge = min(split)
    return max(edge, view.start)


def _last(text: str, behind: int, *, escaped: bool) -> str:
    """Return the end of a text that has so many folded characters, or all of it."""
    folded = TextView(text, escaped=escaped).folded
    spare = len(folded.text) - behind
    return text if spare <= 0 else text[folded.offset(spare) :]


def _inside_escape(text: str, at: int) -> bool:
    """Whether ``at`` is in the middle of an escape: a cut there would tear it."""
    return cut_escape(text[:at]) < at < len(text)


def two_way_cuts(text: str) -> Iterator[list[str]]:
    """Yield ``text`` cut in two, everywhere."""
    for at in range(len(text) + 1):
        yield [text[:at], text[at:]]


def cut_randomly(text: str, source: random.Random) -> list[str]:
    """Return ``text`` cut at random places."""
    places = sorted(source.randint(0, len(text)) for _ in range(source.randint(0, max(1, len(text) // 2))))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


def ways_to_cut(text: str, seed: int = 0) -> Iterator[list[str]]:
    """Yield every two-way cut, one character at a time, and a few random ones."""
    yield from two_way_cuts(text)
    yield list(text)
    source = random.Random(seed)
    for _ in range(5):
        yield cut_randomly(text, source)
