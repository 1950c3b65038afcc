"""What a platform that spreads content must find out and write (Measures, article 6): is, may be, suspected.

The three states in the order of the article: the file's own label says that it is made by AI; the user
declares it; traces of AI are seen. Nothing of them: nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from gateway.labels.files import Report
from gateway.labels.metadata import KINDS, AigcLabel, Kind

State = Literal["is", "may be", "suspected", "none", "inconclusive"]

_STATES: Final[dict[str, State]] = {"1": "is", "2": "may be", "3": "suspected"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a file is taken for, and why.

    Attributes:
        state: One of the article's three, ``none``, or ``inconclusive`` where the file cannot be read.
        because: What was seen, for a person.
        label: The label to write; None for none.
    """

    state: State
    because: str
    label: AigcLabel | None = None


def find(report: Report, platform: str, content_id: str, *, declared: bool = False) -> Finding:
    """Return what a file is taken for.

    Args:
        report: What was found in it.
        platform: Name or 27-character code of the platform.
        content_id: The platform's unique id of this content.
        declared: Whether the user who uploads it declares that AI made it.
    """
    unread = [ruling.what for ruling in report.rulings if ruling.result == "unjudged"]
    if unread:
        return Finding("inconclusive", unread[0])
    label = report.label
    if label is not None and label.label in KINDS and (label.content_producer or label.label != "1"):
        kind = "2" if declared and label.label == "3" else label.label
        because = f"its label in {report.place} says {label.label}" if kind == label.label else "the user declares it"
        return Finding(_STATES[kind], because, label.passed_on(platform, content_id, kind))
    if declared:
        return Finding("may be", "the user declares it", _unknown("2", platform, content_id))
    traces = [trace.what for trace in report.traces]
    if report.place:
        traces.insert(0, f"a label in {report.place} that cannot be read")
    if traces:
        return Finding("suspected", traces[0], _unknown("3", platform, content_id))
    return Finding("none", "no label, no declaration, no trace of AI")


def _unknown(kind: Kind, platform: str, content_id: str) -> AigcLabel:
    """Return the label of content whose producer is not known: it is not made up, but left empty."""
    return AigcLabel(kind, "", "", "", platform, content_id, "")
