"""A text that is read word by word, and that knows whether what was read may still change.

A word is known only when what follows it is seen. Who reads a word that the end of a text cuts off, or reads behind
the end, is told so (``cut``): whatever was made of it holds for no longer text.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Kind = Literal["word", "number", "line", "mark", ""]
"""A word; what begins with a digit; the end of a line; any other sign; nothing, where the text ends."""

LETTER: Final = "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
"""Letters of the Latin alphabet, as in a set."""

UPPER: Final = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u017f"
"""Those that may be capital ones; the alphabet's extension has both in turn."""

_LONGEST: Final = 40
_JOINED: Final = 4
_BLANKS: Final = 8
_TOKEN: Final = re.compile(
    rf"[ \t\r]{{0,{_BLANKS}}}(?:(?P<word>[{LETTER}]{{1,{_LONGEST}}}(?:['-][{LETTER}]{{1,{_LONGEST}}}){{0,{_JOINED}}})"
    rf"|(?P<number>[0-9][0-9{LETTER}]{{0,{_LONGEST}}})|(?P<line>\n)|(?P<mark>[^ \t\r]))"
)
_GOES_ON: Final = "'-"
_NEAR: Final = 4


class Word(NamedTuple):
    """What stands at a place.

    Attributes:
        kind: What it is.
        text: As it is written,
        low: and in small letters.
        start: Where it begins,
        end: and where it ends.
    """

    kind: Kind
    text: str
    low: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether it is a word that begins with a capital letter."""
        return self.kind == "word" and self.text[0].isupper()

    def near(self, end: int) -> bool:
        """Whether it stands behind ``end`` with a blank or two between."""
        return 0 < self.start - end < _NEAR


class Reader:
    """Reads a text word by word.

    Args:
        text: As it is written, with folded signs.
        final: Whether nothing follows.

    Attributes:
        cut: Whether something was read that later text may still change.
        stop: Words that begin here or later read as nothing.
    """

    __slots__ = ("_final", "_known", "_size", "cut", "stop", "text")

    def __init__(self, text: str, final: bool) -> None:
        self.text, self._final, self._size = text, final, len(text)
        self._known: dict[int, Word] = {}
        self.cut, self.stop = False, self._size + 1

    def at(self, place: int) -> Word:
        """Return the word that begins at a place, or behind the blanks there."""
        word = self._known.get(place)
        if word is None:
            word = self._known[place] = self._read(place)
        if word.start >= self.stop:
            return Word("", "", "", place, place)
        if not self._final and self._may_change(word):
            self.cut = True
        return word

    def needs(self, place: int, count: int) -> None:
        """Take note that so many characters from a place on are looked at."""
        if not self._final and place + count > self._size:
            self.cut = True

    def dot(self, end: int) -> int:
        """Return where a full stop ends that stands at ``end``; ``end`` if there is none."""
        self.needs(end, 1)
        return end + 1 if self.text.startswith(".", end) else end

    def comma(self, end: int) -> int:
        """Return where a comma ends that follows; ``end`` if there is none."""
        sign = self.at(end)
        return sign.end if sign.text == "," else end

    def whole(self, word: Word) -> bool:
        """Whether a word ends where it seems to: no digit follows at once, as in Lane512."""
        self.needs(word.end, 1)
        return not self.text[word.end : word.end + 1].isdigit()

    def _read(self, place: int) -> Word:
        match = _TOKEN.match(self.text, place)
        if match is None or match.lastgroup is None:
            # Where blanks go on and on, no word begins that anybody asks for.
            end = min(self._size, place + _BLANKS)
            return Word("" if end == self._size else "mark", "", "", end, end)
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        text = match.group(kind)
        return Word(kind, text, text.lower(), match.start(kind), match.end())

    def _may_change(self, word: Word) -> bool:
        left = self._size - word.end
        if word.kind in ("word", "number"):
            return left == 0 or (left == 1 and self.text[-1] in _GOES_ON)
        return word.kind == ""
