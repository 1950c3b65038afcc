"""Looks for personal data in a text, all kinds at once, and says what it found in a form that fits a table."""

from __future__ import annotations

from functools import cache

from gateway.detectors.registry import registry
from gateway.ports import Detector
from gateway.text import TextView


@cache
def all_kinds() -> Detector:
    """Return a detector of every kind."""
    scan = registry()["personal_data"].build({}, lambda name: b"").scan
    assert scan is not None
    return scan


def found(text: str, *, least: float = 0.5) -> list[tuple[str, str]]:
    """Return what is found, and as what (without ``pii.``), with at least such a score."""
    findings = all_kinds()(TextView(text)).findings
    return [(text[f.start : f.end], f.risk.removeprefix("pii.")) for f in findings if f.score >= least]


def score(text: str) -> float:
    """Return the score of the one thing that is found; 0 for nothing."""
    findings = all_kinds()(TextView(text)).findings
    assert len(findings) < 2, findings
    return findings[0].score if findings else 0.0
