"""Hide stretches of a text, character for character, from all findings together (law 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MASK: Final = "*"


class Span(NamedTuple):
    """A stretch to hide, and how much of it stays readable at its ends.

    Attributes:
        start: Where it begins,
        end: and where it ends.
        keep: Characters that stay readable at the head and at the tail.
        instead: What stands in its place; None for asterisks.
    """

    start: int
    end: int
    keep: tuple[int, int] = (0, 0)
    instead: str | None = None


def merge(spans: Iterable[Span]) -> list[Span]:
    """Join spans that overlap; of those, nothing stays readable that any of them hides.

    What stands in the place of one does not stand for what overlaps with it: then there are asterisks.
    """
    merged: list[Span] = []
    for span in sorted(spans, key=_place):
        last = merged[-1] if merged else None
        if last is None or span.start >= last.end:
            merged.append(span)
        elif (span.start, span.end) == (last.start, last.end):
            head, tail = min(last.keep[0], span.keep[0]), min(last.keep[1], span.keep[1])
            merged[-1] = Span(last.start, last.end, (head, tail), last.instead if span == last else None)
        else:
            merged[-1] = Span(last.start, max(last.end, span.end))
    return merged


def mask(text: str, spans: Sequence[Span]) -> str:
    """Return ``text`` with every span hidden, character for character."""
    if not spans:
        return text
    pieces: list[str] = []
    at = 0
    for span in merge(spans):
        hidden = hide(text[span.start : span.end], span.keep) if span.instead is None else span.instead
        pieces += text[at : span.start], hidden
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


def _place(span: Span) -> tuple[int, int, tuple[int, int]]:
    return span.start, span.end, span.keep


def hide(text: str, keep: tuple[int, int] = (0, 0)) -> str:
    """Hide a text, but for ``keep`` characters at its head and tail; all of it if it is that short."""
    head, tail = keep
    if head + tail >= len(text):
        head, tail = 0, 0
    return text[:head] + MASK * (len(text) - head - tail) + text[len(text) - tail :]
