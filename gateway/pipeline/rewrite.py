"""Rewriting happens once, from all findings together (law 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MASK = "*"


class Span(NamedTuple):
    """A stretch to hide, and how much of it stays readable at its ends."""

    start: int
    end: int
    keep: tuple[int, int] = (0, 0)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Join spans that overlap; of those, nothing stays readable that any of them hides."""
    merged: list[Span] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        if last is None or span.start >= last.end:
            merged.append(span)
        elif (span.start, span.end) == (last.start, last.end):
            head, tail = min(last.keep[0], span.keep[0]), min(last.keep[1], span.keep[1])
            merged[-1] = Span(last.start, last.end, (head, tail))
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
        pieces += text[at : span.start], hide(text[span.start : span.end], span.keep)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


def hide(text: str, keep: tuple[int, int] = (0, 0)) -> str:
    """Hide a text, but for ``keep`` characters at its head and tail; all of it if it is that short."""
    head, tail = keep
    if head + tail >= len(text):
        head, tail = 0, 0
    return text[:head] + MASK * (len(text) - head - tail) + text[len(text) - tail :]


class JsonMask:
    """Masks JSON text piece by piece so that it still parses.

    Inside a string, asterisks stand as they are; a number or a word outside of strings becomes a
    string of asterisks. Remembers from piece to piece whether it stands inside a string.
    """

    __slots__ = ("_escape", "_inside")

    def __init__(self) -> None:
        self._inside = False
        self._escape = False

    def mask(self, text: str, spans: Sequence[Span]) -> str:
        """Return ``text``, the next piece, with every span hidden."""
        pieces: list[str] = []
        at = 0
        for span in merge(spans):
            before, hidden = text[at : span.start], text[span.start : span.end]
            pieces.append(before)
            self._follow(before)
            inside = self._inside
            # Escapes may not be cut: nothing of a span that holds one stays readable.
            masked = hide(hidden, (0, 0) if "\\" in hidden else span.keep)
            if inside and '"' not in hidden:
                pieces.append(masked)
            elif inside or '"' in hidden:
                pieces.append(self._across(hidden))
            else:
                pieces.append(f'"{masked}"')
            self._follow(hidden)
            at = span.end
        pieces.append(text[at:])
        self._follow(text[at:])
        return "".join(pieces)

    def _across(self, text: str) -> str:
        """Hide a span that crosses the ends of strings: letters and digits go, structure stays."""
        hidden: list[str] = []
        inside, escape = self._inside, self._escape
        for character in text:
            if escape:
                escape = False
                hidden.append(MASK)
            elif character == "\\":
                escape = True
                hidden.append(MASK)
            elif character == '"':
                inside = not inside
                hidden.append(character)
            else:
                hidden.append(MASK if inside else "1" if character.isdigit() else character)
        return "".join(hidden)

    def _follow(self, text: str) -> None:
        """Note where strings begin and end in ``text``."""
        if '"' not in text and "\\" not in text and not self._escape:
            return
        for character in text:
            if self._escape:
                self._escape = False
            elif character == "\\":
                self._escape = self._inside
            elif character == '"':
                self._inside = not self._inside
