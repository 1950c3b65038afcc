"""Decides whether what a view shows is a term in disguise, or two words that happen to stand side by side.

Each decision rests on the span, the character on either side of it and nothing else; and each disguise
says of a text that breaks off whether a term may have begun in it. That is what law 3 needs.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detectors.wordlist import LONGEST
from gateway.text import CANONICAL, HIDDEN, Folded, TextView, ascii_of, fold

LETTERS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
"""What a word of Latin letters is made of: beside one of these, one of these belongs to the same word."""

_HAN: Final = re.compile("[\u3400-\u9fff]+")
_FOUR_LETTERS: Final = re.compile("[a-z](?:[^a-z]*[a-z]){3}")
_LEET_SIGNS: Final = frozenset("0123456789@$!|+€£")
_LEET: Final = re.compile(r"[0-9@$!|+€£](?:[a-z]|(?<=[a-z].))")
# Signs that people put between the characters of a word: no sentence marks, brackets or quotes.
_HARD: Final = r",，。;:!?、\"“”()\[\]{}【】《》〈〉「」『』…"
_SOFT: Final = re.compile(rf"(?:(?![{_HARD}])[\W_])*")
_ANY_HARD: Final = re.compile(rf"[{_HARD}]")
_HARD_SIGNS: Final = "".join(filter(_ANY_HARD.match, map(chr, range(0x10000))))
_ANY_SOFT: Final = re.compile(rf"[^\w{_HARD}]")
_GAPS_AROUND: Final = re.compile(r"[\W_][^\W_](?=[\W_])")
_BETWEEN_WORDS: Final = re.compile(r"[\s'_*/|~+-]+")
_BETWEEN_SYLLABLES: Final = re.compile(r"[\s'-]{0,2}")
_NO_LATIN: Final = bytes(range(128)).translate(None, bytes(range(ord("a"), ord("z") + 1)))
_NOT_SOFT: Final = bytes(one for one in range(128) if chr(one).isalnum() or _ANY_HARD.match(chr(one)))
_SHORT: Final = 64
"""Shorter texts are looked through before numbers are made of them."""
_DIGIT: Final = re.compile("[0-9]")
_GAP: Final = 8
_SHORT_NAME: Final = 3
"""A letter and a digit alone (``c 4``) stand side by side in too many texts."""


class Base(NamedTuple):
    """A text in the canonical view.

    Attributes:
        text: The text.
        edges: The same with blanks for what only marks a place and belongs to no word: ``①``, ``¹``, ``⒈``.
    """

    text: str
    edges: str


class Disguise(ABC):
    """One way to hide a term.

    ``seen`` is the text in the view of the disguise, ``base`` the same text in the canonical view, to
    which ``seen.places`` points.
    """

    view: ClassVar[str]
    """The view that undoes it."""

    @abstractmethod
    def form(self, term: str) -> str:
        """Return how a canonical term looks in the view; empty if it cannot be hidden so."""

    def forms(self, terms: Sequence[str]) -> list[str]:
        """Return how each of many terms looks: what ``form`` says of each, but sooner."""
        return [self.form(term) for term in terms]

    def may_be(self, base: str) -> bool:
        """Whether ``base`` can hold anything disguised so: a quick look that may say yes too often."""
        del base
        return True

    def always_may_be(self, term: str, form: str) -> bool:
        """Whether a term that looks like ``form`` may be disguised so in any text, whatever ``may_be`` says of it."""
        del term, form
        return False

    def shown(self, view: TextView) -> Folded:
        """Return the text in the view of the disguise."""
        return view.seen(self.view)

    @abstractmethod
    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """Whether ``start:end`` is the disguised term; None if that depends on the next character of ``base``."""

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """Whether, from ``start`` to the end, a term in this disguise may have begun."""
        return starts_word(base.edges, seen.place(start, start + 1)[0])


def starts_word(edges: str, at: int) -> bool:
    """Whether no Latin word goes on from the character before ``at`` to the one there."""
    return at == 0 or edges[at] not in LETTERS or edges[at - 1] not in LETTERS


def ends_word(edges: str, at: int) -> bool | None:
    """Whether no Latin word goes on from the character before ``at`` to the one there; None if none is there."""
    if edges[at - 1] not in LETTERS:
        return True
    return None if at == len(edges) else edges[at] not in LETTERS


def _whole_word(base: Base, first: int, last: int) -> bool | None:
    return ends_word(base.edges, last) if starts_word(base.edges, first) else False


class Written(Disguise):
    """No disguise but what the canonical view undoes."""

    view = CANONICAL

    def form(self, term: str) -> str:
        """As it is."""
        return term

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If no word goes on before or after."""
        del seen, term
        return _whole_word(base, start, end)


class Hidden(Disguise):
    """Spelled in invisible characters; the view is a text of its own, which is its own base."""

    view = HIDDEN

    def form(self, term: str) -> str:
        """Only ASCII can be spelled so."""
        return term if term.isascii() else ""

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """As in any text."""
        del base, term
        return _whole_word(Base(seen.text, seen.text), start, end)

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """As in any text."""
        del base
        return starts_word(seen.text, start)


class Leet(Disguise):
    """Digits and signs in place of letters: ``h4ck``. A term needs four letters, or any number would be one."""

    view = f"{CANONICAL}+strokes"

    def form(self, term: str) -> str:
        """As the view shows it."""
        return fold(term, "strokes") if _FOUR_LETTERS.search(term) else ""

    def forms(self, terms: Sequence[str]) -> list[str]:
        """All at once: each character stands for itself."""
        forms = fold("\n".join(terms), "strokes").split("\n")
        if len(forms) != len(terms):
            return super().forms(terms)
        return [form if _FOUR_LETTERS.search(term) else "" for form, term in zip(forms, terms, strict=True)]

    def shown(self, view: TextView) -> Folded:
        """As it is written, if nothing in it stands for a letter, or may once more has come."""
        base = view.seen(CANONICAL)
        if _LEET_SIGNS.isdisjoint(base.text) and (view.final or "l" not in base.text):
            return base
        return view.seen(self.view)

    def may_be(self, base: str) -> bool:
        """A digit or sign beside a letter."""
        return bool(ascii_of(base).translate(None, _NO_LATIN)) and _mixed(base)

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If letters stand beside digits or signs inside of it."""
        del seen
        # The look-behind of the pattern must not reach out of the span.
        if base.text[start:end] == term or not _mixed(base.text[start:end]):
            return False
        return _whole_word(base, start, end)


def _mixed(text: str) -> bool:
    """Whether letters stand beside digits or signs."""
    return _LEET.search(text) is not None


class Joined(Disguise):
    """Signs between the characters: ``贩-卖-毒-品``, ``d.a.n``, ``贩 卖`` at a line's end; ``two--words``.

    What counts as one: the same gap, whatever it is, between all of three characters or more; signs that
    are no sentence marks, anywhere between Chinese characters (white space alone only in a term of three or
    more, or where no word goes on before and after), and between all letters or just where the term
    itself has a gap, or a letter meets a digit (``AK-47``).
    """

    view = f"{CANONICAL}+joined"

    def form(self, term: str) -> str:
        """Without its own signs; a term that begins or ends with one, or holds a sentence mark, is not hidden so."""
        if term.isalnum():
            return term if 2 <= len(term) <= LONGEST and not term.isdecimal() else ""
        if not (term[0].isalnum() and term[-1].isalnum()) or _ANY_HARD.search(term):
            return ""
        # Of ASCII the view only leaves out the signs; folding each of 100,000 terms takes a while.
        form = "".join(filter(str.isalnum, term)) if term.isascii() else fold(term, "joined")
        return form if 2 <= len(form) <= LONGEST and not form.isdecimal() else ""

    def may_be(self, base: str) -> bool:
        """A sign that may stand anywhere, or signs on both sides of a character."""
        inner = base.strip(_HARD_SIGNS)
        if len(inner) > 1 and inner.isalnum():
            return False
        if ascii_of(base).translate(None, _NOT_SOFT):
            return True
        if len(base) < _SHORT:
            return _ANY_SOFT.search(base) is not None or _GAPS_AROUND.search(base) is not None
        codes = np.frombuffer(base.encode("utf-32-le", "replace"), np.uint32)
        kinds = _kinds().take(codes, mode="clip").tobytes()
        if b"S" in kinds:
            return True
        if b"?" in kinds:
            return _ANY_SOFT.search(base) is not None or _GAPS_AROUND.search(base) is not None
        return b"HwH" in kinds

    def always_may_be(self, term: str, form: str) -> bool:
        """If it has a sign of its own where no word of letters would go on without it."""
        if form == term or form.isascii():
            return False
        own = _gaps(term, range(len(term)))
        return any(gap and not {form[at], form[at + 1]} <= LETTERS for at, gap in enumerate(own))

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """See the class."""
        first, last = seen.place(start, end)
        if base.text[first:last] == term or not starts_word(base.edges, first):
            return False
        gaps = _gaps_between(seen, base.text, start, end)
        if max(map(len, gaps)) > _GAP:
            return False
        soft, each = all(map(_is_soft, gaps)), len(gaps) > 1 and all(gaps)
        if not (each and (soft or len(set(gaps)) == 1)):
            if not soft or not _like_own(seen.text[start:end], gaps, term):
                return False
            if len(gaps) == 1 and gaps[0].isspace():
                return _stands_alone(base.edges, first, last)
        return ends_word(base.edges, last)

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """Gaps as they may be, as far as they go."""
        whole = len(base.text) - len(seen.text) + start
        if base.text.endswith(seen.text[start:]):  # without any
            return starts_word(base.edges, whole)
        if not starts_word(base.edges, seen.place(start, start + 1)[0]):
            return False
        size = len(seen.text)
        gaps = _gaps_between(seen, base.text, start, size)
        tail = base.text[seen.place(size - 1, size)[1] :]
        if len(tail) > _GAP or (gaps and max(map(len, gaps)) > _GAP):
            return False
        if _is_soft(tail) and all(map(_is_soft, gaps)):
            return True
        return len(set(gaps)) <= 1 and all(gap.startswith(tail) for gap in gaps)


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return for each code point what it is: (w)ord, (H)ard or (S)oft sign; last for all others that nobody knows."""
    kinds = bytearray(b"w" * 0x10001)
    for code in range(0x10000):
        character = chr(code)
        if not character.isalnum():
            kinds[code] = ord("H" if _ANY_HARD.match(character) else "S")
    kinds[-1] = ord("?")
    return np.frombuffer(bytes(kinds), np.uint8)


def _stands_alone(edges: str, first: int, last: int) -> bool | None:
    if first and edges[first - 1].isalnum():
        return False
    return None if last == len(edges) else not edges[last].isalnum()


def _is_soft(gap: str) -> bool:
    return not gap or _SOFT.fullmatch(gap) is not None


def _gaps(text: str, within: range) -> list[str]:
    """Return what stands between the letters, digits and characters of ``text``; empty where nothing does."""
    gaps: list[str] = []
    gap = ""
    for at in within:
        if text[at].isalnum():
            gaps.append(gap)
            gap = ""
        else:
            gap += text[at]
    return gaps[1:]


def _gaps_between(seen: Folded, base: str, start: int, end: int) -> list[str]:
    places = seen.places
    if places is None:
        return [""] * (end - start - 1)
    return [base[places[at] + 1 : places[at + 1]] for at in range(start, end - 1)]


def _like_own(form: str, gaps: Sequence[str], term: str) -> bool:
    """Whether letters stand apart just where they do in the term, however far.

    One sign may stand between a letter and a digit as well (``AK-47``), and the same between all letters of a word
    that Chinese characters stand beside (``D.D.o.S攻击``).
    """
    own = _gaps(term, range(len(term)))
    for at, gap in enumerate(gaps):
        if form[at] not in LETTERS or form[at + 1] not in LETTERS:
            continue
        if bool(gap) == bool(own[at]):
            if gap and not _BETWEEN_WORDS.fullmatch(gap):
                return False
        elif not gap or not (_is_border(form, at, gap) or _is_spelled(form, gaps, own, at)):
            return False
    return True


def _is_border(form: str, at: int, gap: str) -> bool:
    """Whether a letter meets a digit after ``at``, with one sign between; in short terms that is no blank."""
    if form[at].isdigit() == form[at + 1].isdigit() or len(gap) > 1 or len(form) < _SHORT_NAME:
        return False
    return not gap.isspace() or len(form) > _SHORT_NAME


def _is_spelled(form: str, gaps: Sequence[str], own: Sequence[str], at: int) -> bool:
    """Whether ``at`` stands in a word of three letters or more that all have the same sign between them."""
    first = last = at
    while first and form[first - 1] in LETTERS and not own[first - 1]:
        first -= 1
    while last < len(own) and form[last + 1] in LETTERS and not own[last]:
        last += 1
    return last - first > 1 and len(set(gaps[first:last])) == 1


class _Apart(Disguise):
    """A view in which one character becomes several: a term begins and ends where a character does."""

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If it begins and ends with whole characters and is not the term as it is written."""
        first, last = seen.place(start, end)
        places = seen.places
        if base.text[first:last] == term:
            return False
        if places is not None:  # else no character became several, and each is a whole one
            if start and places[start - 1] == first:
                return False
            if end < len(places) and places[end] == last - 1:
                return False
        return _whole_word(base, first, last)

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """At the beginning of a character."""
        if seen.places is not None and start and seen.places[start - 1] == seen.places[start]:
            return False
        return super().may_begin(seen, base, start)


class Pinyin(_Apart):
    """Syllables in Latin letters, all or some: ``dubo``, ``赌bo``, ``du bo``; ü as ``u`` or ``v``."""

    view = f"{CANONICAL}+pinyin+joined+umlaut"

    def form(self, term: str) -> str:
        """Of a term of two Chinese characters or more."""
        return fold(term, "pinyin+umlaut") if len(term) > 1 and _HAN.fullmatch(term) else ""

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If some of it is Latin and hardly anything stands between."""
        first, last = seen.place(start, end)
        if _HAN.fullmatch(base.text, first, last) or not self._near(seen, base.text, start, end):
            return False
        return super().is_one(seen, base, start, end, term)

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """At the beginning of a character, with hardly anything between."""
        size = len(seen.text)
        tail = base.text[seen.place(size - 1, size)[1] :]
        return (
            _BETWEEN_SYLLABLES.fullmatch(tail) is not None
            and self._near(seen, base.text, start, size)
            and super().may_begin(seen, base, start)
        )

    def _near(self, seen: Folded, base: str, start: int, end: int) -> bool:
        return all(map(_BETWEEN_SYLLABLES.fullmatch, _gaps_between(seen, base, start, end)))


class Homophone(_Apart):
    """Other characters of the same sound, in a term of three or more: of two, too many words sound alike."""

    view = f"{CANONICAL}+homophone"

    def form(self, term: str) -> str:
        """As the view shows it."""
        return fold(term, "homophone") if len(term) > 2 and _HAN.fullmatch(term) else ""

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If it is not the term itself."""
        del seen
        return base.text[start:end] != term


class Split(_Apart):
    """Characters written as their components: ``贝者博``, ``贝-者-博``."""

    view = f"{CANONICAL}+split+joined"

    def form(self, term: str) -> str:
        """As the view shows it; a term none of whose characters comes apart is not hidden so."""
        form = fold(term, "split")
        return form if form != term and len(term) > 1 and _HAN.fullmatch(term) else ""

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If nothing stands between, or signs that are no sentence marks do; blanks alone only between all."""
        gaps = _gaps_in_base(seen, base.text, start, end)
        if not _are_small(gaps) or (not all(gaps) and any(map(str.isspace, gaps))):
            return False
        return super().is_one(seen, base, start, end, term)

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """With gaps as they may be, as far as they go."""
        size = len(seen.text)
        tail = base.text[seen.place(size - 1, size)[1] :][: _GAP + 1]
        return _are_small([*_gaps_in_base(seen, base.text, start, size), tail]) and super().may_begin(seen, base, start)


def _gaps_in_base(seen: Folded, base: str, start: int, end: int) -> list[str]:
    """Return what stands between the characters of ``base`` that became a span, or no more than that it is too much."""
    places = range(start, end) if seen.places is None else sorted(set(seen.places[start:end]))
    return [base[at + 1 : min(after, at + _GAP + 2)] for at, after in pairwise(places)]


def _are_small(gaps: Iterable[str]) -> bool:
    return all(len(gap) <= _GAP and _is_soft(gap) for gap in gaps)


class Digits(Disguise):
    """Digits in place of Chinese numerals, or the other way round: ``六四``, ``64``, ``陆肆``."""

    view = f"{CANONICAL}+digits"

    def form(self, term: str) -> str:
        """As the view shows it, if it has a digit and is no mere number."""
        form = fold(term, "digits")
        return form if len(form) > 1 and not form.isdecimal() and _DIGIT.search(form) else ""

    def is_one(self, seen: Folded, base: Base, start: int, end: int, term: str) -> bool | None:
        """If it is not the term itself and no number goes on before or after, however it is written."""
        if base.text[start:end] == term:
            return False
        return _whole_word(Base(seen.text, seen.text), start, end)

    def may_begin(self, seen: Folded, base: Base, start: int) -> bool:
        """Where no number goes on."""
        del base
        return starts_word(seen.text, start)


DISGUISES: Final[Mapping[str, Disguise]] = {
    "joined": Joined(),
    "leet": Leet(),
    "hidden": Hidden(),
    "pinyin": Pinyin(),
    "homophone": Homophone(),
    "split": Split(),
    "digits": Digits(),
}
"""Every disguise by the word that lists use for it."""
