"""Finds stretches of a text that say something else when they are decoded.

Two kinds. What is written without a space, such as Base64, stands in runs of visible ASCII characters
and is found in questions and answers alike; a run is read in blocks that lie on a fixed grid of the
whole text, so that no cut changes what is read. What is written with spaces between, such as Morse
code, or that is prose itself, such as text from back to front, is found in texts that are there as a
whole: questions, documents, what tools have read. So is what is not encoded, but put otherwise than it is to be read:
in columns, at the beginnings of lines, from the last word to the first, in parts, behind other questions. That is no
finding of its own: what it says is judged as if it stood there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Final, NamedTuple

import ahocorasick_rs

from gateway.detectors.encoding import acrostic, backwards, columns, decode, hidden, parts, transcript, turned
from gateway.ports import Derived, Piece
from gateway.text import TextView, ascii_of

BLOCK: Final = 4096
"""No stretch that is decoded is longer."""

_SHORTEST: Final = 12
_RUN: Final = re.compile(rf"[!-~]{{{_SHORTEST},}}")
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))
_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")


class _Shape(NamedTuple):
    """How an encoding looks, and how it is read."""

    name: str
    pattern: re.Pattern[str]
    read: Callable[[str], str | None]


# The more special first: what one has read is not read again by the next.
_JOINED: Final = (
    _Shape(
        "percent",
        re.compile(r"(?=[^%]{0,64}%)(?:[\w.~*'()!/:?=&+-]*(?:%[0-9a-fA-F]{2})+){3,}[\w.~*'()!-]*"),
        decode.percent,
    ),
    _Shape(
        "escapes",
        re.compile(r"(?:(?:\\u\{?[0-9a-fA-F]{4}\}?|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,6};)[\w.,!?-]{0,8}){4,}"),
        decode.escapes,
    ),
    _Shape("binary", re.compile(r"[01]{32,}"), decode.binary),
    _Shape("hex", re.compile(r"(?:(?:0x)?[0-9a-fA-F]{2}[:,-]?){8,}"), decode.hexadecimal),
    _Shape("base32", re.compile(r"[A-Z2-7]{14,}={0,6}"), decode.base32),
    _Shape("base64", re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}"), decode.base64),
)
_SPACED: Final = (
    _Shape("binary", re.compile(r"(?:[01]{8}[ ,]{1,2}){3,}[01]{8}"), decode.binary),
    _Shape(
        "hex", re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ ,]{1,2}){7,}(?:0x|\\x)?[0-9a-fA-F]{2}"), decode.hexadecimal
    ),
    _Shape("decimals", re.compile(r"(?:[0-9]{2,3}[ ,]{1,2}){7,}[0-9]{2,3}"), decode.decimals),
    _Shape("morse", re.compile(r"(?:[.\-·•−–—]{1,6}[ /|]{1,3}){7,}[.\-·•−–—]{1,6}"), decode.morse),
)
# Two short rows of signs, and a gap before, between and behind: nothing is written with spaces between without.
_MAYBE_SPACED: Final = re.compile(r"[ ,/|][0-9a-fA-Fx\\.\-·•−–—]{1,8}[ ,/|]{1,3}[0-9a-fA-Fx\\.\-·•−–—]{1,8}[ ,/|]")
_GAPS: Final = 3
"""What is written with spaces between has so many of them at least."""

_CODE_POINTS: Final = _Shape(
    "code points", re.compile(r"[uU]\+[0-9a-fA-F]{4,6}(?:[ ,;、]{0,2}[uU]\+[0-9a-fA-F]{4,6}){3,}"), decode.code_points
)

# What tells that a text as a whole may be read another way; all are looked for in one go.
_MARKS: Final = tuple(
    (word, kind)
    for kind, words in {**turned.MARKS, "parts": parts.MARKS, "acrostic": acrostic.MARKS}.items()
    for word in words
)


class Encodings:
    """Derives texts from a text by decoding parts of it."""

    __slots__ = ("_marks",)

    def __init__(self) -> None:
        self._marks = ahocorasick_rs.AhoCorasick(
            [word for word, _ in _MARKS], store_patterns=False, implementation=ahocorasick_rs.Implementation.DFA
        )

    def __call__(self, view: TextView) -> Derived:
        """Return what the view says besides what it shows."""
        before = view.before
        if view.answer and view.start and view.text[view.start - 1] not in _VISIBLE:
            before = ""  # no run goes on from what has left
        gone = len(before)
        text = before + view.text
        if view.escaped and "\\" in text:  # an escape is a part of nothing
            text = _ESCAPE.sub(lambda match: " " * len(match.group()), text)
        pieces, still_open = _joined(text, gone + view.start, view.offset - gone, final=view.final)
        if gone:
            pieces = [Piece(piece.start - gone, piece.end - gone, piece.text, piece.how) for piece in pieces]
            still_open -= gone
        if view.final and not view.answer:
            pieces += self._whole(view, text)
        found, hidden_open = hidden.spelled(view)
        return Derived((*pieces, *found), max(0, min(still_open, hidden_open)))

    def _whole(self, view: TextView, text: str) -> Iterator[Piece]:
        """Yield what is read only in a text that is there as a whole."""
        if text.count(" ") + text.count(",") >= _GAPS and _MAYBE_SPACED.search(text):
            yield from _spaced(text, _SPACED)
        folded = view.folded
        plus = "+" in folded.text
        if plus and "u+" in folded.text:
            yield from _spaced(text, (_CODE_POINTS,))
        kinds = self._kinds(folded.text)
        for how in turned.TURNS:
            if how in kinds:
                yield from turned.turned(view, text, how)
        if folded.starts is not None:
            yield from hidden.unseen(text)
        if "\n" in text:
            yield from columns.columns(text)
        if folded.text.count(":") >= transcript.COLONS:
            yield from transcript.transcript(text)
        yield from backwards.backwards(text)
        if "acrostic" in kinds:
            yield from acrostic.acrostic(text)
        if plus or "parts" in kinds:
            yield from parts.parts(text, told="parts" in kinds)

    def _kinds(self, folded: str) -> Set[str]:
        """Return of what kinds marks stand in a text; those of Latin letters as whole words."""
        kinds: set[str] = set()
        once: dict[str, int] = {}
        for number, start, end in self._marks.find_matches_as_indexes(folded):
            kind = _MARKS[number][1]
            if kind in kinds:
                continue
            if folded[start] in _LETTERS:
                if (start and folded[start - 1] in _LETTERS) or (
                    end < len(folded) and folded[end - 1] in _LETTERS and folded[end] in _LETTERS
                ):
                    continue
            elif kind == "reversed" and once.setdefault(kind, number) == number:
                continue  # two Chinese signs also meet where words do
            kinds.add(kind)
        return kinds


def _joined(text: str, start: int, offset: int, *, final: bool) -> tuple[list[Piece], int]:
    """Find what is encoded without spaces in ``text`` from ``start`` on; ``offset`` is where it stands in the whole."""
    low = max(0, start - BLOCK)  # what is cut off there ends on the grid before ``start``, and is left out below
    low += len(text[low:start].rstrip(_VISIBLE))
    still_open = size = len(text)
    if not final:
        near = max(low, size - BLOCK)
        tail = near + len(text[near:].rstrip(_VISIBLE))
        still_open = max(tail, size - (size + offset) % BLOCK)
    pieces: list[Piece] = []
    if len(ascii_of(text[low:])) < _SHORTEST:
        return pieces, still_open
    for run in _RUN.finditer(text, low):
        for first, last in _blocks(*run.span(), offset):
            if last > still_open:
                break
            if last > start:
                pieces += _decoded(text[first:last], first)
    return [piece for piece in pieces if piece.start >= start], still_open


def _blocks(start: int, end: int, offset: int) -> Iterator[tuple[int, int]]:
    """Yield a run cut along the grid."""
    while start < end:
        last = min(end, start + BLOCK - (start + offset) % BLOCK)
        yield start, last
        start = last


def _decoded(run: str, at: int) -> Iterator[Piece]:
    taken: list[tuple[int, int]] = []
    for shape in _JOINED:
        for match in shape.pattern.finditer(run):
            if any(match.start() < last and first < match.end() for first, last in taken):
                continue
            plain = shape.read(match.group())
            if plain is not None:
                taken.append(match.span())
                yield Piece(at + match.start(), at + match.end(), plain, shape.name)


def _spaced(text: str, shapes: Sequence[_Shape]) -> Iterator[Piece]:
    for shape in shapes:
        for match in shape.pattern.finditer(text):
            for start in range(match.start(), match.end(), BLOCK):
                end = min(match.end(), start + BLOCK)
                plain = shape.read(text[start:end])
                if plain is not None:
                    yield Piece(start, end, plain, shape.name)
