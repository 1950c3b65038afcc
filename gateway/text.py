"""Text as detectors see it: folded for detection, with a map back to the original.

Folding never reaches the model. It goes character by character, so that it does not matter how a
text was cut: width, case and compatibility forms are folded one to one, the digits of every script and
in every frame become those of ASCII, only ligatures (``ﬁ``) come apart, invisible characters and combining
marks fall out, and in JSON text (tool-call arguments) escapes become the characters they stand for.

That is the view ``plain``. ``TextView.seen`` makes others when a detector asks for them, once each:

- ``CANONICAL`` (``canonical``): the simplified form of every character, and the Latin letter of
  every look-alike; one to one with ``plain``. The view for whoever compares words.
- any layers of ``gateway.views``, joined by ``+``: ``digits`` for numbers however they are written,
  ``digits+joined`` without what stands between them, ``canonical+joined`` for spaced-out words.
- ``HIDDEN``: what invisible tags and variation selectors spell, and nothing else: a visible
  character is a line end there. Empty if nothing is hidden.

A view tells for each of its characters where it stands in ``plain`` (``places``) and in the original
(``span``). ``fold(text, view)`` folds what a text is compared with in the same way. All views go
character by character: what later text may still change is only an escape that is torn (``cut_escape``).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gateway.views import layer, over

PLAIN: Final = "plain"
CANONICAL: Final = "canonical"
SIMPLIFIED: Final = "simplified"
HIDDEN: Final = "hidden"
_INVISIBLE: Final = (
    *(0x00AD, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x0300, 0x0370),  # combining marks: letters struck through or piled up
    *range(0x180B, 0x180F),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0x20D0, 0x2100),  # marks around a letter
    *range(0xFE00, 0xFE10),
    *range(0xFE20, 0xFE30),
    *range(0xE0000, 0xE0080),
    *range(0xE0100, 0xE01F0),
)
_COMPATIBLE: Final = (
    range(0x41, 0x5B),
    range(0xA0, 0x250),
    range(0x386, 0x3D7),
    range(0x400, 0x482),
    range(0x2000, 0x206F),
    range(0x2070, 0x20A0),
    range(0x2100, 0x2200),
    range(0x2460, 0x2500),
    range(0x2F00, 0x2FD6),
    range(0x3000, 0x3400),
    range(0xF900, 0xFB07),
    range(0xFE30, 0xFFF0),
    range(0x1D400, 0x1D800),
    range(0x1F110, 0x1F14A),
)
# Where digits stand: of every script, above and below the line, in circles, in brackets, before a full stop.
_DIGITS: Final = (
    range(0x660, 0x1C5A),
    range(0x2460, 0x2794),
    range(0xA620, 0xABFA),
    range(0x104A0, 0x104AA),
    range(0x10D30, 0x10D3A),
    range(0x11066, 0x11DAA),
    range(0x16A60, 0x16B5A),
    range(0x1E140, 0x1E2FA),
    range(0x1E950, 0x1E95A),
    range(0x1F100, 0x1F10B),
    range(0x1FBF0, 0x1FBFA),
)
_CHINESE_ONES: Final = (0x3021, 0x3220)  # 〡 and ㈠, each with the eight that follow
_LIGATURES: Final = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_HYPHENS: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58"
_APOSTROPHES: Final = "\u2018\u2019\u201b\u2032"


def _fold_table() -> dict[str, str]:
    """Map characters to their folded form: one character, none, or the letters of a ligature."""
    table: dict[str, str] = {}
    for codes in _COMPATIBLE:
        for character in map(chr, codes):
            plain = unicodedata.normalize("NFKC", character)
            if len(plain) == 3 and plain[0] == "(" and plain[1].isascii():  # ⒜
                plain = plain[1]
            lower = plain.lower()
            folded = lower if len(lower) == 1 else plain
            if len(folded) == 1 and folded != character:
                table[character] = folded
    table |= _digits()
    table["ς"] = "σ"  # a final sigma is one only until more letters come
    table.update(dict.fromkeys(_HYPHENS, "-"))
    table.update(dict.fromkeys(_APOSTROPHES, "'"))
    table.update(_LIGATURES)
    table.update(dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd"))  # half a pair stands for nothing
    table.update(dict.fromkeys(map(chr, _INVISIBLE), ""))
    # Folded once is folded: no character folds to one that would be folded again.
    return {character: table.get(to, to) for character, to in table.items()}


def _digits() -> dict[str, str]:
    """Map whatever stands for one digit, and is no character of words (``一``), to that digit."""
    found: dict[str, str] = {}
    for character in (chr(code) for codes in _DIGITS for code in codes):
        value = unicodedata.digit(character, None)
        if value is not None:
            found[character] = str(value)
    return found | {chr(first + at): str(at + 1) for first in _CHINESE_ONES for at in range(9)}


_CHARACTERS: Final = _fold_table()
_FOLD: Final = {ord(character): to or None for character, to in _CHARACTERS.items()}
_FOLDABLE: Final = re.compile(
    f"[{re.escape(''.join(c for c in _CHARACTERS if c <= chr(0xFFFF)))}"
    "\U000104a0-\U0001e959\U0001f100-\U0001f149\U0001fbf0-\U000e01ef]"
)
# Digits that are marks of their own (①, ¹, ⒈): no word goes on with one, and none goes on from it.
_MARKS: Final = frozenset(one for one, to in _CHARACTERS.items() if to.isdigit() and not one.isdecimal())
_ANY_MARK: Final = re.compile(f"[{''.join(sorted(one for one in _MARKS if one <= chr(0xFFFF)))}\U0001f100-\U0001f10a]")
_NO_DIGIT: Final = bytes(range(128)).translate(None, b"0123456789")
# What nearly every Chinese text holds, and hardly any text holds more of.
_COMMON: Final = tuple((character, _CHARACTERS[character]) for character in "，！？：；（）")
_FEW: Final = 16
_REMEMBERED: Final = 1024

# Tags say ASCII one to one; the second block of variation selectors is used for bytes from 16 on.
_SPELLED: Final = {
    chr(first + code): chr(code).lower() for first in (0xE0000, 0xE0100 - 16) for code in range(0x20, 0x7F)
}
_SPELLS: Final = re.compile("[\U000e0020-\U000e007e\U000e0110-\U000e016e]")
_SPELLS_ESCAPED: Final = re.compile(r"\\u[dD][bB]40")

_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL
)
_CUT_ESCAPE: Final = re.compile(
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2})?\\(?:u(?:[0-9a-fA-F]{0,3}|[dD][89abAB][0-9a-fA-F]{2}))?\Z"
)
_SHORT: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_HAN: Final = re.compile("[\u3400-\u9fff]")


class Folded(NamedTuple):
    """A folded text and the way back.

    Attributes:
        text: The folded characters.
        starts: For each folded character the offset of its original; None if the two are the
            same length, character for character.
        ends: For each folded character the offset just after its original; None as above.
        start: Where look-behind ends and what is to be judged begins, in folded characters.
        size: Length of the original.
        places: For each character its index in the plain view, whose ``starts`` and ``ends`` these
            are; None if it is the same.
    """

    text: str
    starts: Sequence[int] | None
    ends: Sequence[int] | None
    start: int
    size: int
    places: Sequence[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where the non-empty span ``start:end`` stands in the plain view."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the non-empty folded span ``start:end``."""
        if self.places is not None:
            start, end = self.places[start], self.places[end - 1] + 1
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def offset(self, index: int) -> int:
        """Return the original offset of the folded character ``index`` (or the end)."""
        if index >= len(self.text):
            return self.size
        if self.places is not None:
            index = self.places[index]
        return index if self.starts is None else self.starts[index]


class TextView:
    """A stretch of text to be judged. Detectors are pure functions of it.

    Attributes:
        text: The original characters, look-behind first.
        start: Offset from which ``text`` is to be judged; what lies before is look-behind.
        final: Whether nothing follows. If False, later text may still change what is seen.
        escaped: Whether this is JSON text, whose escapes stand for other characters.
        question: For an answer, the text of the question that it answers; else empty.
        answer: Whether this is an answer on its way out, that grows and is judged as it does.
        before: What stood before ``text`` in an answer and has left: as much as its detectors asked for.
        offset: Where in its answer ``text`` begins, in characters.
        kept: What detectors (and views) keep from one view of an answer for the next, each under itself, so that they
            need not look at everything again; None where no view follows. It saves time and changes nothing: what it is
            about is compared with the view.
    """

    __slots__ = (
        "_behind",
        "_folded",
        "_seen",
        "answer",
        "before",
        "escaped",
        "final",
        "kept",
        "offset",
        "question",
        "start",
        "text",
    )

    def __init__(
        self,
        text: str,
        start: int = 0,
        final: bool = True,
        *,
        escaped: bool = False,
        question: str = "",
        answer: bool = False,
        before: str = "",
        offset: int = 0,
        kept: dict[object, Any] | None = None,
    ) -> None:
        self.text, self.start, self.final, self.kept = text, start, final, kept
        self.escaped, self.question = escaped, question
        self.answer, self.before, self.offset = answer, before, offset
        self._behind: str | None = None
        self._folded: Folded | None = None
        self._seen: dict[str, Folded] = {}

    @property
    def folded(self) -> Folded:
        """The text folded for detection; made at the first use."""
        if self._folded is None:
            self._folded = _fold_escaped(self) if self.escaped else _fold(self)
        return self._folded

    @property
    def behind(self) -> str:
        """What stood before ``text``, folded; made once for all views that show the same."""
        if not self.before:
            return ""
        if self._behind is None:
            known, folded = (self.kept or {}).get(TextView, ("", ""))
            if known != self.before:
                if self.escaped:
                    folded = TextView(self.before, escaped=True).folded.text
                elif known and self.before.startswith(known):  # more has left: of that the fold is known
                    folded += _fold_text(self.before[len(known) :])
                else:
                    folded = _fold_text(self.before)
                if self.kept is not None:
                    self.kept[TextView] = self.before, folded
            self._behind = folded
        return self._behind

    @property
    def simplified(self) -> Folded:
        """The folded text in simplified characters, one for one: so what is listed in them reads all Chinese."""
        return self.seen(SIMPLIFIED)

    @property
    def simplified_behind(self) -> str:
        """What stood before ``text``, folded, in simplified characters."""
        return layer(SIMPLIFIED)(self.behind).text if self.before else ""

    def seen(self, name: str) -> Folded:
        """Return a view of the text by its name; made at the first use.

        Args:
            name: ``plain``, ``hidden``, or layers of ``gateway.views`` joined by ``+``, the lowest first.
                ``hidden`` may have layers as well: ``hidden+leet``.

        Raises:
            ValueError: There is no such layer.
        """
        found = self._seen.get(name)
        if found is None:
            found = self._seen[name] = self._make(name)
        return found

    def _make(self, name: str) -> Folded:
        if name == PLAIN:
            return self.folded
        if name == HIDDEN:
            return _hidden(self)
        lower, _, top = name.rpartition("+")
        below = self.seen(lower or PLAIN)
        lay = layer(top)
        text, places = lay(below.text)
        if places is None:
            if text is below.text:
                return below
            return Folded(text, below.starts, below.ends, below.start, below.size, below.places)
        head = below.text[: below.start]
        start = _width(top, head) if len(head) == 1 else len(lay(head).text)
        if below.places is not None:
            places = over(places, below.places)
        return Folded(text, below.starts, below.ends, start, below.size, places)


@lru_cache(_REMEMBERED)
def _width(name: str, character: str) -> int:
    """Return how many characters one becomes in a layer: mostly one stands before what is to be judged."""
    return len(layer(name)(character).text)


def fold(text: str, view: str = PLAIN) -> str:
    """Return ``text`` folded for detection as a view shows it; for what detectors compare texts with."""
    text = _fold_text(text)
    if view != PLAIN:
        for name in view.split("+"):
            text = layer(name)(text).text
    return text


def ascii_of(text: str) -> bytes:
    """Return the ASCII characters of a text, in order.

    It takes next to no time, and what it does not hold need not be looked for among all the other characters.
    """
    return text.encode("ascii", "ignore")


def edges(view: TextView) -> str:
    """Return the canonical view with blanks where digits stand that are marks of their own: words end beside them."""
    shown = view.seen(CANONICAL)
    marked = _marked(view, shown)
    if marked is None:
        return shown.text
    return "".join([" " if mark else plain for mark, plain in zip(marked, shown.text, strict=True)])


def itemised(view: TextView, shown: Folded) -> str:
    """Return a folded text with a blank for a mark that stands before a number: it is the item's, as in ⑴138….

    A row of marks is a number of its own.
    """
    marked = _marked(view, shown)
    if marked is None:
        return shown.text
    text = list(shown.text)
    for at, mark in enumerate(marked[:-1]):
        alone = not at or not (marked[at - 1] or text[at - 1].isdigit())
        if mark and alone and not marked[at + 1] and text[at + 1].isdigit():
            text[at] = " "
    return "".join(text)


def _marked(view: TextView, shown: Folded) -> list[bool] | None:
    """Say of each folded character whether it is a digit that is a mark of its own; None if none is."""
    digits = len(ascii_of(shown.text).translate(None, _NO_DIGIT))
    escaped = view.escaped and "\\u" in view.text
    if not digits or (not escaped and digits == len(ascii_of(view.text).translate(None, _NO_DIGIT))):
        return None  # every digit stands there as it is
    if not escaped and _ANY_MARK.search(view.text) is None:
        return None
    originals: Iterable[str] = view.text
    if shown.starts is not None and shown.ends is not None:
        originals = map(view.text.__getitem__, map(slice, shown.starts, shown.ends))
        if escaped:
            originals = map(unescaped, originals)
    return [one in _MARKS for one in originals]


def _fold_text(text: str) -> str:
    return _fold_and_tell(text)[0]


def _fold_and_tell(text: str) -> tuple[str, bool]:
    """Return a text folded, and whether any of it may have become more than one character, or none."""
    if text.isascii():
        return text.lower(), False
    for character, plain in _COMMON:
        text = text.replace(character, plain)
    at, moved = 0, False
    for _ in range(_FEW):
        found = _FOLDABLE.search(text, at)
        if found is None:
            return text, moved
        character = found.group()
        plain = _CHARACTERS.get(character, character)  # ranges hold characters that mean nothing yet
        text = text.replace(character, plain)
        at = found.start() + len(plain)
        moved = moved or len(plain) != 1
    folded = text.translate(_FOLD)
    return folded, moved or len(folded) != len(text) or any(map(text.__contains__, _LIGATURES))


def _fold(view: TextView) -> Folded:
    text = view.text
    folded, moved = _fold_and_tell(text)
    if not moved:
        return Folded(folded, None, None, view.start, len(text))
    starts = _origins(text, len(folded))
    return _mapped(view, folded, starts, [i + 1 for i in starts])


def _origins(text: str, size: int) -> list[int]:
    """Return for each character of a folded text, ``size`` in all, which one of ``text`` it comes from."""
    get = _CHARACTERS.get
    kept = [i for i, character in enumerate(text) if get(character) != ""]
    return kept if len(kept) == size else [i for i, character in enumerate(text) for _ in get(character, character)]


def _fold_escaped(view: TextView) -> Folded:
    if "\\" not in view.text:
        return _fold(view)
    plain, starts, ends = _unescaped(view)
    folded, moved = _fold_and_tell(plain)
    if moved:
        origins = _origins(plain, len(folded))
        starts, ends = [starts[i] for i in origins], [ends[i] for i in origins]
    return _mapped(view, folded, starts, ends)


def _unescaped(view: TextView) -> tuple[str, list[int], list[int]]:
    """Return what JSON text stands for, and for each character where its original begins and ends."""
    text = view.text
    # What an escape that breaks off here will stand for is not known: nobody may see its pieces.
    size = len(text) if view.final else cut_escape(text)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text, 0, size):
        escape = match.start()
        pieces += text[at:escape], _unescape(match.group())
        starts += range(at, escape + 1)
        ends += range(at + 1, escape + 1)
        at = match.end()
        ends.append(at)
    pieces.append(text[at:size])
    starts += range(at, size)
    ends += range(at + 1, size + 1)
    return "".join(pieces), starts, ends


def _hidden(view: TextView) -> Folded:
    text = view.text
    escaped = view.escaped and "\\" in text
    # Nobody sees what spells in secret: it has fallen out of the folded text.
    if view.folded.starts is None or (not _SPELLS.search(text) and not (escaped and _SPELLS_ESCAPED.search(text))):
        return Folded("", (), (), 0, len(text))
    if not escaped:
        return Folded(_spelled(text), None, None, view.start, len(text))
    plain, starts, ends = _unescaped(view)
    return _mapped(view, _spelled(plain), starts, ends)


def _spelled(text: str) -> str:
    """Return what each character of ``text`` spells in secret; a line end for one that spells nothing."""
    return "".join([_SPELLED.get(character, "\n") for character in text])


def _unescape(escape: str) -> str:
    """Return the one character that a JSON escape stands for."""
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if len(escape) == 6:
        return chr(int(escape[2:], 16))
    return _SHORT.get(escape[1], escape[1])


def unescaped(text: str) -> str:
    """Return the characters that JSON text stands for; an escape that is cut off stays as it is."""
    return _ESCAPE.sub(lambda match: _unescape(match.group()), text) if "\\" in text else text


def _mapped(view: TextView, folded: str, starts: list[int], ends: list[int]) -> Folded:
    return Folded(folded, starts, ends, bisect_left(starts, view.start), len(view.text))


def cut_escape(text: str) -> int:
    """Return the offset of a JSON escape that ``text`` breaks off in, or ``len(text)``.

    Half of a surrogate pair breaks off too: what it stands for depends on what follows.
    """
    at = max(0, len(text) - 11)
    while match := _CUT_ESCAPE.search(text, at):
        # A backslash that is itself escaped does not open an escape.
        before = match.start()
        if (before - len(text[:before].rstrip("\\"))) % 2 == 0:
            return before
        at = before + 1
    return len(text)


def is_chinese(text: str) -> bool:
    """Whether a reader of ``text`` expects Chinese: it holds a Han character."""
    return _HAN.search(text) is not None
