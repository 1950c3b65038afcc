"""Text as detectors see it: folded for detection, with a map back to the original.

Folding never reaches the model. This module folds character by character, so that it does not
matter how a text was cut: width and case are folded one to one, invisible characters fall out,
and in JSON text (tool-call arguments) escapes become the characters they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069"
    "\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0000, 0xE0080)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)


def _fold_table() -> dict[int, int | None]:
    """Map code points to their folded form: exactly one character, or None for none."""
    table: dict[int, int | None] = {}
    for code in range(0xFF01, 0xFF5F):  # full-width ASCII
        table[code] = code - 0xFEE0
    table[0x3000] = 0x20
    for code in [*range(0x41, 0x5B), *range(0xC0, 0xDF), *range(0x391, 0x3AA), *range(0x410, 0x430)]:
        lower = chr(code).lower()
        if len(lower) == 1:
            table[code] = ord(lower)
    for code in range(0xFF21, 0xFF3B):  # full-width capitals
        table[code] = code - 0xFEE0 + 0x20
    for character in _INVISIBLE:
        table[ord(character)] = None
    return table


_FOLD: Final = _fold_table()
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL
)
_CUT_ESCAPE: Final = re.compile(
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2})?\\(?:u[0-9a-fA-F]{0,3})?\Z|\\u[dD][89abAB][0-9a-fA-F]{2}\Z"
)
_SHORT: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Folded(NamedTuple):
    """A folded text and the way back.

    Attributes:
        text: The folded characters.
        starts: For each folded character the offset of its original; None if the two are the
            same length, character for character.
        ends: For each folded character the offset just after its original; None as above.
        start: Where look-behind ends and what is to be judged begins, in folded characters.
        size: Length of the original.
    """

    text: str
    starts: Sequence[int] | None
    ends: Sequence[int] | None
    start: int
    size: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the non-empty folded span ``start:end``."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def offset(self, index: int) -> int:
        """Return the original offset of the folded character ``index`` (or the end)."""
        if self.starts is None:
            return index
        return self.starts[index] if index < len(self.starts) else self.size


class TextView:
    """A stretch of text to be judged. Detectors are pure functions of it.

    Attributes:
        text: The original characters, look-behind first.
        start: Offset from which ``text`` is to be judged; what lies before is look-behind.
        final: Whether nothing follows. If False, later text may still change what is seen.
        escaped: Whether this is JSON text, whose escapes stand for other characters.
        question: For an answer, the text of the question that it answers; else empty.
    """

    __slots__ = ("_folded", "escaped", "final", "question", "start", "text")

    def __init__(
        self, text: str, start: int = 0, final: bool = True, *, escaped: bool = False, question: str = ""
    ) -> None:
        self.text, self.start, self.final = text, start, final
        self.escaped, self.question = escaped, question
        self._folded: Folded | None = None

    @property
    def folded(self) -> Folded:
        """The text folded for detection; made at the first use."""
        if self._folded is None:
            self._folded = _fold_escaped(self) if self.escaped else _fold(self)
        return self._folded


def _fold(view: TextView) -> Folded:
    text = view.text
    if text.isascii():
        return Folded(text.lower(), None, None, view.start, len(text))
    folded = text.translate(_FOLD)
    if len(folded) == len(text):
        return Folded(folded, None, None, view.start, len(text))
    starts = [i for i, character in enumerate(text) if _FOLD.get(ord(character), 0) is not None]
    return _mapped(view, folded, starts, [i + 1 for i in starts])


def _fold_escaped(view: TextView) -> Folded:
    text = view.text
    if "\\" not in text:
        return _fold(view)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    # An escape that breaks off here stands for nothing yet: detectors see the text before it.
    size = len(text) if view.final else cut_escape(text)
    while at < size:
        match = _ESCAPE.match(text, at) if text[at] == "\\" else None
        end = match.end() if match else at + 1
        character = _unescape(match.group()) if match else text[at]
        code = _FOLD.get(ord(character), ord(character))
        if code is not None:
            characters.append(chr(code))
            starts.append(at)
            ends.append(end)
        at = end
    return _mapped(view, "".join(characters), starts, ends)


def _unescape(escape: str) -> str:
    """Return the one character that a JSON escape stands for."""
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if len(escape) == 6:
        code = int(escape[2:], 16)
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)  # half a pair stands for nothing
    return _SHORT.get(escape[1], escape[1])


def _mapped(view: TextView, folded: str, starts: list[int], ends: list[int]) -> Folded:
    start = sum(1 for offset in starts if offset < view.start) if view.start else 0
    return Folded(folded, starts, ends, start, len(view.text))


def cut_escape(text: str) -> int:
    """Return the offset of a JSON escape that ``text`` breaks off in, or ``len(text)``."""
    match = _CUT_ESCAPE.search(text, max(0, len(text) - 12))
    if match is None:
        return len(text)
    # A backslash that is itself escaped does not open an escape.
    before = match.start()
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return match.start() if (match.start() - before) % 2 == 0 else len(text)


def is_chinese(text: str) -> bool:
    """Whether a reader of ``text`` expects Chinese: it holds a Han character."""
    return any("\u3400" <= character <= "\u9fff" for character in text)
