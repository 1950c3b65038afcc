"""Masks in JSON text (tool-call arguments), which must still parse, piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from gateway.masking import MASK, Span, hide, merge

_STRUCTURE: Final = frozenset(' \t\r\n{}[]:,"')
_LITERAL: Final = re.compile(r"true|false|null|[-+.0-9]+(?:[eE][-+0-9]*)?|[eE][-+]?[0-9]+")
_DIGIT: Final = re.compile(r"[0-9]")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def mask_json(text: str, spans: Sequence[Span]) -> str:
    """Return a whole JSON text with every span hidden."""
    masking = JsonMask()
    return masking.mask(text, spans) + masking.close()


class JsonMask:
    """Masks JSON text piece by piece so that it still parses.

    Inside a string, asterisks stand as they are. A number or a word outside of strings becomes a
    string of asterisks; if its head has left already, or the span holds structure, digits become
    ones. Remembers from piece to piece where it stands.
    """

    __slots__ = ("_bare", "_escape", "_inside", "_quoting")

    def __init__(self) -> None:
        self._inside = False
        self._escape = False
        self._bare = False
        self._quoting = False

    def mask(self, text: str, spans: Sequence[Span]) -> str:
        """Return ``text``, the next piece, with every span hidden."""
        pieces: list[str] = []
        at = 0
        for span in merge(spans):
            pieces += self._show(text[at : span.start]), self._put(text[span.start : span.end], span)
            at = span.end
        pieces.append(self._show(text[at:]))
        return "".join(pieces)

    def close(self) -> str:
        """The text ends: return what a number that became a string still needs."""
        quote, self._quoting = '"' if self._quoting else "", False
        return quote

    def _show(self, text: str) -> str:
        """Pass readable text; close the string that a number became where the number ends."""
        out = text
        if self._quoting and text:
            end = next((at for at, character in enumerate(text) if character in _STRUCTURE), len(text))
            if end < len(text):
                out = text[:end] + self.close() + text[end:]
        self._follow(text)
        return out

    def _put(self, text: str, span: Span) -> str:
        """Put what a span says in the place of its text; asterisks where that cannot be done in JSON."""
        if span.instead is None or not (self._inside or self._quoting or _NUMBER.fullmatch(text)):
            return self._hide(text, span.keep)
        if self._inside and '"' in text.replace('\\"', ""):
            return self._hide(text, (0, 0))
        written = json.dumps(span.instead, ensure_ascii=False)
        if self._inside or self._quoting:
            self._follow(text)
            return written[1:-1]
        # A number stays one if a number comes in its place; else it becomes a string.
        whole = not self._bare and _NUMBER.fullmatch(span.instead)
        if self._bare:
            return self._hide(text, (0, 0))
        self._follow(text)
        if whole:
            return span.instead
        self._quoting = True
        return written[:-1]

    def _hide(self, text: str, keep: tuple[int, int]) -> str:
        # Escapes may not be cut: nothing of a span that holds one stays readable.
        masked = hide(text, (0, 0) if "\\" in text else keep)
        if self._inside:
            out = masked if '"' not in text else self._across(text)
        elif _STRUCTURE.isdisjoint(text) and (self._quoting or not self._bare):
            out = masked if self._quoting else f'"{masked}'
            self._quoting = True
        else:
            out = self._across(text)
        self._follow(text)
        return out

    def _across(self, text: str) -> str:
        """Hide a span that crosses the ends of strings or goes on with a number: the structure stays."""
        hidden: list[str] = []
        inside, escape = self._inside, self._escape
        at = 0
        while at < len(text):
            character = text[at]
            if self._quoting and character in _STRUCTURE:
                hidden.append(self.close())
            if inside and (escape or character == "\\"):
                hidden.append(MASK)
                escape = not escape
            elif character == '"':
                hidden.append(character)
                inside = not inside
            elif not inside and not self._quoting and (literal := _LITERAL.match(text, at)):
                hidden.append(_DIGIT.sub("1", literal.group()))
                at = literal.end() - 1
            else:
                hidden.append(character if not inside and character in _STRUCTURE else MASK)
            at += 1
        return "".join(hidden)

    def _follow(self, text: str) -> None:
        """Note where strings begin and end in ``text``, and whether it ends within a number or word."""
        if not text:
            return
        if '"' in text or "\\" in text or self._escape:
            for character in text:
                if self._escape:
                    self._escape = False
                elif character == "\\":
                    self._escape = self._inside
                elif character == '"':
                    self._inside = not self._inside
        self._bare = not self._inside and text[-1] not in _STRUCTURE
