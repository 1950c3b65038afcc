"""Reads letters that are turned (rot13, atbash) and text that runs from its end, by words that only then are words.

A word that everybody uses, turned, is a mark. Where one stands, each line is weighed: common words that come out
against common words that stand there, and the stretch where the former outweigh the latter most is what is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Final, NamedTuple

from gateway.detectors.encoding import decode
from gateway.detectors.encoding.vocabulary import CHINESE, ENGLISH, tokens
from gateway.ports import Piece
from gateway.text import TextView

TURNS: Final[Mapping[str, Callable[[str], str]]] = {
    "rot13": decode.rot13,
    "atbash": decode.atbash,
    "reversed": decode.reversed_text,
}
_OTHERS: Final = "bar bs dna em era fi levi low na nem no ol os pets saw sa tha ton tub ur va yaw ziv zoo"
_MEANT: Final = frozenset(_OTHERS.split())
"""What stands in plain texts, too, as a word, a name or an abbreviation, though it is a common word turned."""
_LEAST: Final = 3
"""A shorter word counts where there is a mark, and is none by itself."""
_ENOUGH: Final = 2
"""So many different words of one line speak for a turn at least; other lines are read with it."""
_LINE: Final = re.compile(r"[^\n]{6,4096}")
_BREAK: Final = re.compile("[:\"'“”‘’「」()\\[\\]]")


def _turned(how: str) -> frozenset[str]:
    """Return the common words as they look turned, without those that look like another."""
    turn = TURNS[how]
    found = {turn(word) for word in ENGLISH} - ENGLISH - _MEANT
    if how == "reversed":
        found |= {turn(word) for word in CHINESE} - CHINESE
    return frozenset(found)


_WORDS: Final[Mapping[str, frozenset[str]]] = {how: _turned(how) for how in TURNS}
_PLAIN: Final = ENGLISH | CHINESE
MARKS: Final[Mapping[str, tuple[str, ...]]] = {
    how: tuple(sorted(word for word in words if len(word) >= _LEAST or word[0] >= "\u3400"))
    for how, words in _WORDS.items()
}
"""For each turn the words that tell of it."""


class _Stretch(NamedTuple):
    """What of a line is turned: where it stands, and the words that said so."""

    start: int
    end: int
    words: Set[str]


def turned(view: TextView, text: str, how: str) -> Iterator[Piece]:
    """Yield what lines say when they are turned.

    Args:
        view: The text; there is a mark of the turn in it.
        text: The characters to turn.
        how: Which turn.
    """
    folded = view.folded
    found = [(line.start(), _stretch(line.group(), _WORDS[how])) for line in _LINE.finditer(folded.text)]
    if not any(stretch is not None and len(stretch.words) >= _ENOUGH for _, stretch in found):
        return
    for at, stretch in found:
        if stretch is None:
            continue
        first, last = at + stretch.start, at + stretch.end
        start, end = folded.span(first, last)
        if folded.starts is None or folded.ends is None:
            shown = text[start:end]
        else:  # what is invisible is no letter
            shown = "".join(map(text.__getitem__, map(slice, folded.starts[first:last], folded.ends[first:last])))
        plain = TURNS[how](shown)
        if decode.readable(plain):
            yield Piece(start, end, plain, how)


def _stretch(line: str, words: Set[str]) -> _Stretch | None:
    """Return where words that come out outweigh those that stand there; a line without either is one stretch.

    None if they nowhere do.
    """
    seen = [(start, end, word in words, word) for start, end, word in tokens(line) if word in words or word in _PLAIN]
    first = best = total = 0
    found: tuple[int, int] | None = None
    for number, (_, _, other, _) in enumerate(seen):
        if total <= 0:
            first, total = number, 0
        total += 1 if other else -1
        if total > best:
            best, found = total, (first, number)
    if found is None:
        return None if seen else _Stretch(0, len(line), frozenset())
    first, last = found
    start, end = 0, len(line)
    if first:
        # What leads to turned words is plain: up to a colon or a quotation mark, if there is one.
        start = seen[first - 1][1]
        breaks = [mark.end() for mark in _BREAK.finditer(line, start, seen[first][0])]
        start = breaks[-1] if breaks else start
    if last + 1 < len(seen):
        end = seen[last + 1][0]
        mark = _BREAK.search(line, seen[last][1], end)
        end = mark.start() if mark else end
    start += len(line[start:end]) - len(line[start:end].lstrip())
    end -= len(line[start:end]) - len(line[start:end].rstrip())
    return _Stretch(start, end, frozenset(word for _, _, other, word in seen[first : last + 1] if other))
