"""How well the answers of a run are de-identified: the level of GB/T 42460, by analogy, as for any set of texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ports import Detector
from gateway.privacy.assess import Assessment, Context, assess
from gateway.privacy.classes import CLASSES
from gateway.privacy.columns import Role
from gateway.privacy.table import Table
from gateway.text import TextView
from gateway.verdict import Finding

_CERTAIN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Effect:
    """What de-identification has come to.

    Attributes:
        level: 1 (direct identifiers) to 4 (none).
        texts: How many.
        found: How often each kind of personal data stands in them.
        risk: The overall risk R of re-identification; None where nothing identifies.
    """

    level: int
    texts: int
    found: dict[str, int]
    risk: float | None


def effect(texts: Sequence[str], find: Callable[[str], Sequence[tuple[str, str]]]) -> Effect:
    """Assess texts; they count as shared with everybody, which is the strictest."""
    counts: Counter[str] = Counter()

    def counting(text: str) -> Sequence[tuple[str, str]]:
        found = find(text)
        counts.update(kind for kind, _ in found)
        return found

    roles: dict[str, Role] = {
        risk: "other" if one.identifier == "none" else one.identifier for risk, one in CLASSES.items()
    }
    table = Table(("text",), (tuple(texts),), "texts")
    made: Assessment = assess(table, Context(), scan=lambda _: (), find=counting, roles=roles)
    return Effect(made.level, len(texts), dict(counts), made.risk.overall if made.risk else None)


def scans() -> tuple[Detector, ...]:
    """Return the gateway's own detectors of personal data and secrets."""
    from gateway.detectors.registry import personal_specs  # noqa: PLC0415 - only who looks needs it

    def no_files(name: str) -> bytes:
        raise FileNotFoundError(name)

    return tuple(scan for spec in personal_specs() if (scan := spec.build({}, no_files).scan))


def certain(text: str, detectors: Sequence[Detector]) -> list[Finding]:
    """Return what detectors are sure to have found in a text."""
    view = TextView(text)
    return [finding for scan in detectors for finding in scan(view).findings if finding.score >= _CERTAIN]


def finder() -> Callable[[str], Sequence[tuple[str, str]]]:
    """Return what finds personal data in a text, by the gateway's own detectors."""
    detectors = scans()

    def find(text: str) -> Sequence[tuple[str, str]]:
        return [(found.risk, text[found.start : found.end]) for found in certain(text, detectors)]

    return find
