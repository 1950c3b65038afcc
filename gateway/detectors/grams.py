"""Breaks folded text into hashed n-grams, all at once: what the risk model counts.

Han characters and whole words are tokens; runs of one to three tokens count, and in words of letters
runs of three and four characters too. Separators, punctuation and digits' values do not, so that what is
put between characters changes little. Hashes depend on the characters of a gram alone, not on where
it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_U64 = np.uint64


def _constant(number: int, kind: type[np.unsignedinteger[Any]] = np.uint64) -> NDArray[Any]:
    """Return a number as an array without dimensions: of a mere number each operation would make one anew."""
    return np.array(number % (1 << 64), kind)


_BASE: Final = 0x9E3779B97F4A7C15
_BASE_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_STEP: Final = 0xD6E8FEB86659FD93
_RUN: Final = _constant(_STEP)
_MIX: Final = _constant(0xFF51AFD7ED558CCD)
_HALF: Final = _constant(32)
_ONE: Final = np.array(1)
_NONE: Final = np.zeros(0, np.int64)
_NO_HASH: Final = np.zeros(0, np.uint64)
_ANY: Final = (1 << 64) - 1
_SALTS: Final = tuple((0x2545F4914F6CDD1D * n) & _ANY for n in range(16))
_SALT: Final = tuple(map(_constant, _SALTS))
_FEW: Final = 16
_SHORT: Final = 48
"""Of pieces of at most so many characters without a letter the tokens are looked up one by one."""
_REMEMBERED: Final = 8192
_TOKENS: Final = 3
"""So many tokens at most make an n-gram."""
_RUNS: Final = np.array([[0, 0, _STEP * _STEP % (1 << 64)], [0, _STEP, _STEP], [1, 1, 1]], np.uint64)
"""What tokens count in runs of one, two and three that end with the last of three."""
_RUN_SALTS: Final = np.array(_SALTS[1:4], np.uint64)
_ENDING: Final = np.arange(_SHORT)[:, None] + np.arange(_TOKENS)
LONGEST: Final = 65_536
"""Texts are to be given in pieces of at most this many characters."""

# What a code point is: it separates, is a letter or digit of a word, a token by itself, or one that belongs to no
# language: an arrow, an emoji.
_SEPARATOR, _LETTER, _TOKEN, _PICTURE = 0, 1, 2, 3
_IS_LETTER: Final = _constant(_LETTER, np.uint8)
_IS_TOKEN: Final = _constant(_TOKEN, np.uint8)


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(0x10001, np.uint8)
    kinds[0x30:0x3A] = kinds[0x41:0x5B] = kinds[0x61:0x7B] = _LETTER
    kinds[0xC0:0x2000] = _LETTER
    kinds[0xD7] = kinds[0xF7] = kinds[0x1680] = _SEPARATOR
    kinds[0x2190:0x2E80] = _PICTURE  # arrows, signs, emoji of the basic plane
    kinds[0x2E80:0x3000] = _TOKEN
    kinds[0x3005:0x3008] = kinds[0x3021:0x302A] = _TOKEN
    kinds[0x3040:0xD800] = _TOKEN
    kinds[0xF900:0xFB00] = _TOKEN
    kinds[0xFB00:0xFE00] = _LETTER
    kinds[0x30FB] = _SEPARATOR
    kinds[0x10000] = _PICTURE  # stands for all that is beyond the basic plane: emoji, and characters too rare to tell
    return kinds


_KINDS: Final = _kinds()
_FACES: Final = np.arange(0x10001, dtype=np.uint32)
"""What a letter or digit counts as: each digit as the first of them."""
_FACES[0x30:0x3A] = 0x30


def _powers(base: int) -> NDArray[np.uint64]:
    return np.multiply.accumulate(np.concatenate(([_U64(1)], np.full(LONGEST + 2, base, np.uint64))))


_UP: Final = _powers(_BASE)
_DOWN: Final = _powers(_BASE_INVERSE)


class Grams(NamedTuple):
    """The n-grams of a text.

    Attributes:
        hashes: 64 bits for each gram.
        starts: Offset of its first character.
        ends: Offset after its last character.
        words: Offsets after each word of letters, ascending.
        signs: Offsets after each Han character or other token of a language by itself, ascending.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    words: NDArray[np.int64]
    signs: NDArray[np.int64]

    def is_chinese(self, end: int) -> bool:
        """Whether the text up to ``end`` is to be read as Chinese: no fewer signs than words, and some."""
        signs = int(np.searchsorted(self.signs, end, "right"))
        return signs > 0 and signs >= int(np.searchsorted(self.words, end, "right"))


class _Tokens(NamedTuple):
    """A text as a row of tokens.

    Attributes:
        starts: Offset of each token,
        hashes: and what it is.
        signs: Offset of each token that is no word and no picture.
        letters: Offset of each letter and digit of words,
        inside: Runs of three and four characters of words, not yet mixed; a word's edges count as characters.
        heads: Which of them begin a word.
        nexts: Which of them go on with the one that follows.
    """

    starts: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    signs: NDArray[np.int64]
    letters: NDArray[np.int64]
    inside: NDArray[np.uint64]
    heads: NDArray[np.int64]
    nexts: NDArray[np.int64]

    def words(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where words begin and end."""
        finishes = np.empty_like(self.heads)
        finishes[:-1] = self.letters.take(self.heads[1:] - 1)
        finishes[-1:] = self.letters[-1:]
        finishes += 1
        return self.letters.take(self.heads), finishes


def grams(text: str) -> Grams:
    """Return the n-grams of ``text`` (folded, at most ``LONGEST`` characters)."""
    tokens = _tokens(text)
    starts, letters = tokens.starts, tokens.letters
    if not starts.size:
        return Grams(np.zeros(0, np.uint64), _NONE, _NONE, _NONE, _NONE)
    ends, finishes = starts + 1, _NONE
    first: list[NDArray[np.int64]] = []
    last: list[NDArray[np.int64]] = []
    if letters.size:
        begins, finishes = tokens.words()
        ends[np.searchsorted(starts, begins)] = finishes
        first += _inside_starts(tokens)
        last += _inside_ends(tokens, len(text))
    for length in range(1, min(starts.size, _TOKENS) + 1):
        first.append(starts[: starts.size - length + 1])
        last.append(ends[length - 1 :])
    return Grams(
        _hashes(tokens.hashes, tokens.inside), np.concatenate(first), np.concatenate(last), finishes, tokens.signs + 1
    )


class Added:
    """The n-grams that a piece adds to the text before it.

    Args:
        piece: What a folded text goes on with; no word goes on from what was before.
        last: The last tokens before it.

    Attributes:
        hashes: 64 bits for each gram that ends in the piece.
        signs: Offsets after each Han character or other token of a language by itself, ascending.
        last: The last tokens of the whole text, for the piece that follows.
    """

    __slots__ = ("_before", "_size", "_tokens", "hashes", "last", "signs")

    def __init__(self, piece: str, last: NDArray[np.uint64] = _NO_HASH) -> None:
        self._tokens, self._before, self._size = _tokens(piece), last.size, len(piece)
        row = np.concatenate((last, self._tokens.hashes)) if last.size else self._tokens.hashes
        self.hashes = _hashes(row, self._tokens.inside, self._before)
        self.last, self.signs = row[1 - _TOKENS :], self._tokens.signs + 1

    @property
    def words(self) -> NDArray[np.int64]:
        """Offsets after each word of letters, ascending."""
        return self._tokens.words()[1] if self._tokens.letters.size else _NONE

    def ends(self) -> NDArray[np.int64]:
        """Return for each gram the offset in the piece after its last character."""
        tokens, before = self._tokens, self._before
        ends = tokens.starts + 1
        inside = [_NONE]
        if tokens.letters.size:
            begins, finishes = tokens.words()
            ends[np.searchsorted(tokens.starts, begins)] = finishes
            inside = _inside_ends(tokens, self._size)
        runs = min(before + ends.size, _TOKENS)
        return np.concatenate((*inside, *(ends[max(0, length - before) :] for length in range(runs))))


class Clause(NamedTuple):
    """The n-grams that a piece adds to the text before it, where nobody asks where in the piece they stand.

    Attributes:
        hashes: The upper 32 bits of each gram that ends in the piece.
        last: The last tokens of the whole text, for the piece that follows.
        words: How many words of letters the piece has,
        signs: and how many other tokens of a language.
    """

    hashes: NDArray[np.uint32]
    last: NDArray[np.uint64]
    words: int
    signs: int


def clause(piece: str, last: NDArray[np.uint64] = _NO_HASH) -> Clause:
    """Return what a piece adds as a whole: what ``Added`` says of it, but sooner."""
    tokens = [*map(_sign, piece)] if len(piece) <= _SHORT and last.size == _TOKENS - 1 else [-1]
    if -1 not in tokens:
        tokens = [token for token in tokens if token]
        row = np.array([*last.tolist(), *tokens], np.uint64)
        # Each token ends three runs: of itself, of two and of three tokens.
        hashes = row.take(_ENDING[: len(tokens)]) @ _RUNS
        hashes ^= _RUN_SALTS
        return Clause(upper(_mixed(hashes)).ravel(), row[1 - _TOKENS :], 0, len(tokens))
    read = _tokens(piece)
    row = np.concatenate((last, read.hashes)) if last.size else read.hashes
    hashes = _hashes(row, read.inside, last.size)
    return Clause(upper(hashes), row[1 - _TOKENS :], read.heads.size, read.signs.size)


@lru_cache(_REMEMBERED)
def _sign(character: str) -> int:
    """Return the hash of a character that is a sign by itself; 0 for one that separates, -1 for any other."""
    code = ord(character)
    kind = _KINDS[min(code, 0x10000)]
    if kind != _TOKEN:
        return 0 if kind == _SEPARATOR else -1
    return int(_token(np.array([code], np.uint64))[0])


def hashed(text: str) -> tuple[NDArray[np.uint64], bool]:
    """Return the hashes of ``grams`` alone, and whether the whole text is to be read as Chinese."""
    tokens = _tokens(text)
    return _hashes(tokens.hashes, tokens.inside), tokens.signs.size > 0 and tokens.signs.size >= tokens.heads.size


class Windows(NamedTuple):
    """The n-grams of windows of a text.

    Attributes:
        hashes: For each window the upper 32 bits of each of its grams.
        words: For each window how many words of letters it has,
        signs: and how many other tokens of a language.
    """

    hashes: list[NDArray[np.uint32]]
    words: NDArray[np.int64]
    signs: NDArray[np.int64]


def in_windows(text: str, starts: Sequence[int], width: int) -> Windows:
    """Return the n-grams of windows of ``text``, each hashed once; a gram that an edge cuts is in none.

    Args:
        text: Folded, at most ``LONGEST`` characters.
        starts: Where windows begin, ascending.
        width: How many characters each has.
    """
    tokens = _tokens(text)
    hashes = upper(_hashes(tokens.hashes, tokens.inside))
    begins = np.array(starts)
    finishes = begins + width
    ends, finished = tokens.starts + _ONE, _NONE
    parts: list[tuple[list[int], list[int]]] = []
    at = 0
    if tokens.letters.size:
        opened, finished = tokens.words()
        ends[tokens.starts.searchsorted(opened)] = finished
        for first, last in zip(_inside_starts(tokens), _inside_ends(tokens, len(text)), strict=True):
            parts.append(_between(at, first.searchsorted(begins), last.searchsorted(finishes, "right")))
            at += first.size
    first, last = tokens.starts.searchsorted(begins), ends.searchsorted(finishes, "right")
    for length in range(1, min(ends.size, _TOKENS) + 1):
        parts.append(_between(at, first, last - (length - 1)))
        at += ends.size - length + 1
    several = [
        np.concatenate([hashes[lows[number] : highs[number]] for lows, highs in parts]) if parts else hashes
        for number in range(len(starts))
    ]
    words, signs = (
        ended.searchsorted(finishes, "right") - ended.searchsorted(begins, "right")
        for ended in (finished, tokens.signs + _ONE)
    )
    return Windows(several, words, signs)


def _between(at: int, first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[list[int], list[int]]:
    """Return where runs of a kind begin and end in each window, if those of the kind begin at ``at``."""
    return (first + at).tolist(), (last + at).tolist()


def upper(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the upper 32 bits of hashes, which tell the most."""
    high: NDArray[np.uint32] = (hashes >> _HALF).astype(np.uint32)
    return high


def _tokens(text: str) -> _Tokens:
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.intp)
    kinds = _KINDS.take(codes, mode="clip")
    single = kinds >= _IS_TOKEN
    signs, starts = (kinds == _IS_TOKEN).nonzero()[0], single.nonzero()[0]
    letters = (kinds == _IS_LETTER).nonzero()[0]
    if not letters.size:
        return _Tokens(starts, _token(codes.take(starts).astype(np.uint64)), signs, letters, _NO_HASH, _NONE, _NONE)
    words, heads, nexts, inside = (_few if letters.size <= _FEW else _many)(codes, letters)
    begins = letters.take(heads)
    single[begins] = True
    starts = single.nonzero()[0]
    hashes = codes.take(starts).astype(np.uint64)
    hashes[starts.searchsorted(begins)] = words
    return _Tokens(starts, _token(hashes), signs, letters, inside, heads, nexts)


class _Words(NamedTuple):
    """What letters make.

    Attributes:
        hashes: Of each word, not yet mixed: a number with its letters as digits, wherever it stands.
        heads, nexts, inside: As in ``_Tokens``.
    """

    hashes: NDArray[np.uint64]
    heads: NDArray[np.int64]
    nexts: NDArray[np.int64]
    inside: NDArray[np.uint64]


def _few(codes: NDArray[np.intp], letters: NDArray[np.int64]) -> _Words:
    """Read a few letters: one by one is faster than all at once."""
    at, faces = letters.tolist(), _FACES.take(codes.take(letters)).tolist()
    last = len(at) - 1
    heads: list[int] = []
    nexts: list[int] = []
    three: list[int] = []
    four: list[int] = []
    hashes: list[int] = []
    goes_on = False
    for number, face in enumerate(faces):
        before = faces[number - 1] if goes_on else 0
        if not goes_on:
            heads.append(number)
        goes_on = number < last and at[number + 1] == at[number] + 1
        run = (before * _STEP + face) * _STEP + (faces[number + 1] if goes_on else 0)
        three.append((run ^ _SALTS[11]) & _ANY)
        if goes_on:
            nexts.append(number)
            more = number + 1 < last and at[number + 2] == at[number] + 2
            four.append((run * _STEP + (faces[number + 2] if more else 0) ^ _SALTS[12]) & _ANY)
    for first, end in zip(heads, [*heads[1:], len(faces)], strict=True):
        word = 0
        for face in reversed(faces[first:end]):
            word = (word * _BASE_INVERSE + face) & _ANY
        hashes.append(word)
    return _Words(
        np.array(hashes, np.uint64), np.array(heads), np.array(nexts, np.int64), np.array(three + four, np.uint64)
    )


def _many(codes: NDArray[np.intp], letters: NDArray[np.int64]) -> _Words:
    """Read letters all at once."""
    faces = _FACES.take(codes.take(letters)).astype(np.uint64)
    head = np.empty(letters.size, np.bool_)
    head[0] = True
    np.not_equal(letters[1:], letters[:-1] + _ONE, out=head[1:])
    heads = head.nonzero()[0]
    hashes = np.add.reduceat(faces * _DOWN.take(letters), heads)
    hashes *= _UP.take(letters.take(heads))
    nexts = np.logical_not(head[1:]).nonzero()[0]
    edged = np.zeros(codes.size + 3, np.uint64)  # one before the text, two behind it
    edged[1:][letters] = faces
    three = edged.take(letters)
    three *= _RUN
    three += faces
    three *= _RUN
    three += edged[2:].take(letters)
    four = three.take(nexts)
    four *= _RUN
    four += edged[3:].take(letters.take(nexts))
    three ^= _SALT[11]
    four ^= _SALT[12]
    return _Words(hashes, heads, nexts, np.concatenate((three, four)))


def _hashes(row: NDArray[np.uint64], inside: NDArray[np.uint64], before: int = 0) -> NDArray[np.uint64]:
    """Return the hashes of runs of three and four characters of words, then of one to three tokens.

    Args:
        row: The hashes of tokens.
        inside: The runs of characters, not yet mixed.
        before: Runs that end within so many tokens are left out.
    """
    parts = [inside]
    run = row
    for length in range(1, min(row.size, _TOKENS) + 1):
        if length > 1:
            run = run[:-1] * _RUN
            run += row[length - 1 :]
        skip = before - length + 1
        parts.append((run[skip:] if skip > 0 else run) ^ _SALT[length])
    return _mixed(np.concatenate(parts))


def _inside_starts(tokens: _Tokens) -> list[NDArray[np.int64]]:
    """Return where those runs begin."""
    before = np.maximum(tokens.letters - _ONE, 0)
    return [before, before.take(tokens.nexts)]


def _inside_ends(tokens: _Tokens, size: int) -> list[NDArray[np.int64]]:
    """Return where those runs end."""
    letters = tokens.letters
    return [np.minimum(letters + 2, size), np.minimum(letters.take(tokens.nexts) + 3, size)]


def _token(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return _mixed(codes ^ _SALT[0])


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread what tells texts apart over all bits; changes what it is given."""
    hashes *= _MIX
    hashes ^= hashes >> _HALF
    hashes *= _MIX
    return hashes
