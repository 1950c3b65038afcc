"""Finds every kind of personal data in one pass: one look for where a value may begin, then its kinds.

Whether something is found at a place depends on what follows and on the 32 folded characters
before it, on nothing else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from gateway.detectors.personal.kind import Kind, Said, compact
from gateway.detectors.personal.words import Labels, Words
from gateway.detectors.shape import read_shape
from gateway.ports import Scan
from gateway.text import TextView, ascii_of, itemised
from gateway.verdict import Finding

BEHIND: Final = 64
"""How much of an answer that has left the scan wants to see: the words before a value."""

_EDGE: Final = "(?![0-9a-z])"
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_NO_WORD: Final = bytes(range(128)).translate(None, "".join(_WORD).encode())
# Labels that people write right before a number, without anything between: vx15912345678.
_GLUED: Final = ("qq", "vx", "wx", "tel", "sfz", "fax", "mob", "cell", "call", "phone", "mobile", "wechat", "weixin")
# Nothing stands before the first character that it goes on, looked at from behind it.
_FREE: Final = (
    "(?<![0-9a-z][0-9a-z])|(?<=[bdelnqtvxz][0-9])"
    f"(?:{'|'.join(f'(?<=(?<![a-z]){label}[0-9])' for label in _GLUED)}|(?<=加[qv][0-9]))"
)
_HEAD: Final = re.compile(f"[0-9a-z](?:{_FREE})")
# A quick look at what follows the first character, before any shape is tried.
_AHEAD: Final = "|".join(
    (
        r"(?<=[0-9])(?=[0-9a-z][0-9a-z年 .:·_/°-][0-9a-z月 .:·()_/°-]|[0-9]?[.:°/-][0-9])",
        r"(?<=[a-z])(?=[a-z]{0,5}[ -]?[0-9(]|[0-9a-f]{0,3}:|[0-9a-f]-[0-9a-f]{2}-|xid_|[0-9a-hj-npr-z]{16})",
        r"(?<=[:=号是为信(→【—][a-z])(?=[0-9a-z_-]{5})",
        r"(?<=[^!-9;<>-~][ \t\n][a-z])(?=[0-9a-z_-]{5})",
        r"(?<=[\"'>][a-z])(?=[0-9a-z_-]{5})",
        r"(?<=(?:wx|vx|at|id|加v)[ \t\n][a-z])(?=[0-9a-z_-]{5})",
        r"(?<=[(+])(?=[ +0-9(])",
        r"(?<=[0-9])(?= [a-z]{3,9},? [12][0-9]{3})",  # 5 March 1990; and March 5, 1990:
        r"(?<=[jfmasond])(?=(?:an|eb|ar|pr|ay|un|ul|ug|ep|ct|ov|ec)[a-z]{0,6} [0-3]?[0-9][ ,dhnrst])",
        r"(?<=[^ -~])(?=[a-z])|(?<=使)(?=[0-9]{3})|(?<=w)(?=j[^!-~])",
        r"(?<=[一二])(?=[九〇零○]..年)",
    )
)
_ASCII: Final = "0123456789abcdefghijklmnopqrstuvwxyz+("
_INSIDE: Final = " )-.:/·_,、*#年月日号出生于人十转学警挂港澳使领"

# Digits as people write them out; circled and full-width ones are folded to digits already.
_NUMERALS: Final = {
    numeral: str(digit)
    for digit, numerals in enumerate(
        ("零〇○", "一壹幺", "二贰", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for numeral in numerals
}
_DIGITS: Final = "0-9" + "".join(_NUMERALS)
_PLAIN: Final = str.maketrans(_NUMERALS)
_MOST_DIGITS: Final = 19
_LOOSE: Final = "[ .·,、_*-]{1,2}"
_SPELLED: Final = re.compile(
    rf"[{_DIGITS}](?<![{_DIGITS}].)(?:(?<=[{''.join(_NUMERALS)}])|(?<![a-z].))"
    rf"(?:(?:[ -]?[{_DIGITS}]){{6,{_MOST_DIGITS}}}|(?:{_LOOSE}[{_DIGITS}]){{6,{_MOST_DIGITS}}})(?:[ .·-]?x{_EDGE})?"
)
# A quick look: so many digits, so close together.
_MAYBE_SPELLED: Final = re.compile(rf"[{_DIGITS}](?=(?:[ .·,、_*-]{{0,2}}[{_DIGITS}]){{6}})")
_ALONE: Final = re.compile(rf"[0-9](?:{_LOOSE}[0-9])+(?:[ .·-]?x)?")
_GOES_ON: Final = re.compile(rf"(?:{_LOOSE})?[{_DIGITS}a-z]")
# As above, cut off: a longer row is none, and none begins inside of another.
_SPELLING: Final = re.compile(
    rf"[{_DIGITS}](?<![{_DIGITS}].)(?:[ .·,、_*-]{{0,2}}[{_DIGITS}]){{0,{_MOST_DIGITS}}}[ .·,、_*-]{{0,2}}x?\Z"
)
_MOST_SPELLED: Final = 3 * (_MOST_DIGITS + 2) + 3
"""Characters of the longest row of digits that is still read: two signs between any two, and an x."""
_ANY_GAP: Final = str.maketrans("", "", " .·,、_*-")
_ANY_NUMERAL: Final = re.compile(f"[{''.join(_NUMERALS)}]")
_WRITTEN: Final = 0.9
_UNSURE: Final = 0.5
_NEVER: Final = "(?!)"
_QUICK: Final = 1500


class _Ready(NamedTuple):
    """A kind with its shapes compiled."""

    kind: Kind
    shapes: tuple[re.Pattern[str], ...]
    announced: tuple[re.Pattern[str], ...]
    begun: _Begun
    order: int


class _Begun(NamedTuple):
    """What a value may be that the end of a text cuts off: how long at most, and a pattern."""

    most: int
    pattern: str

    def fits(self, text: str, start: int) -> bool:
        """Whether a value may have begun at ``start`` that the end of ``text`` cuts off."""
        return len(text) - start <= self.most and _tail(self.pattern).match(text, start) is not None


def _together(several: Sequence[_Ready]) -> tuple[_Begun, ...]:
    """Return what kinds may begin with: those that are quickly made ready for searching in one."""
    short = [one.begun for one in several if len(one.begun.pattern) <= _QUICK]
    long = [one.begun for one in several if len(one.begun.pattern) > _QUICK]
    if short:
        whole = "|".join(dict.fromkeys(begun.pattern for begun in short))
        long.insert(0, _Begun(max(begun.most for begun in short), whole))
    return tuple(long)


class _Best(NamedTuple):
    """The best that was found at a place."""

    score: float
    end: int
    order: int
    risk: str


_CUT_OFF: Final = _Best(0.0, 0, 0, "")
"""Nothing is known yet: the end of the text cuts off what tells."""
_NEAR: Final = ("own", "beside")


def _of(kind: Kind, risks: frozenset[str], how: Said) -> Said:
    """Return what the words before a value say of it as one of a kind."""
    if kind.risk in risks:
        return how if kind.plain else "own"
    return "other" if how == "other" else ""


def _shapes(one: _Ready, said: Said, words: Words, start: int) -> tuple[re.Pattern[str], ...]:
    """Return the shapes that a value of a kind may have at a place."""
    kind = one.kind
    if kind.not_behind and words.behind(start) in kind.not_behind:
        return ()
    return one.announced if said in _NEAR and not (kind.plain and words.inside(start)) else one.shapes


class Personal:
    """A detector of kinds of personal data.

    Of all kinds that fit at a place the surest is reported, of equals the longest, of those the first
    of ``kinds``; the next value begins after it.

    Args:
        kinds: What to look for.
        detector: Its name.
        known: Other kinds whose labels it knows, to tell whose value stands behind them.
    """

    __slots__ = (
        "_all",
        "_alphabet",
        "_any",
        "_begun",
        "_by_first",
        "_detector",
        "_heads",
        "_labels",
        "_risks",
        "_told",
        "_width",
        "_written",
    )

    def __init__(self, kinds: Sequence[Kind], detector: str, known: Sequence[Kind] = ()) -> None:
        self._detector = detector
        ready: list[_Ready] = []
        plain: list[str] = []
        self._width = 0
        for order, kind in enumerate(kinds):
            shapes = [read_shape(shape) for shape in (*kind.shapes, *kind.announced)]
            compiled = tuple(re.compile(shape.pattern + _edge(kind) + kind.edge, re.ASCII) for shape in shapes)
            free = len(kind.shapes)
            # One that is whole is still open: what follows may lengthen it or may not follow.
            begins = "|".join(dict.fromkeys(way for shape in shapes for way in (shape.begun, shape.pattern)))
            if kind.goes_on:
                longer = [read_shape(f"(?:{shape.pattern})(?:{'|'.join(kind.goes_on)})") for shape in shapes]
                begins = "|".join((begins, *(shape.begun for shape in longer)))
                shapes += longer
            most = max(shape.most for shape in shapes)
            ready.append(_Ready(kind, compiled[:free], compiled, _Begun(most, begins), order))
            plain.append("|".join(f"(?:{shape.pattern}){_edge(kind)}{kind.edge}" for shape in shapes[:free]))
            self._width = max(self._width, most)
        members = [_members(kind.first) for kind in kinds]
        firsts = sorted(frozenset().union(*members))
        self._by_first = {c: tuple(one for one in ready if c in members[one.order]) for c in firsts}
        begun = {fitting: _together(fitting) for fitting in set(self._by_first.values())}
        self._begun = {character: begun[fitting] for character, fitting in self._by_first.items()}
        together = {
            fitting: re.compile(f"(?:{'|'.join(filter(None, (plain[one.order] for one in fitting))) or _NEVER})")
            for fitting in set(self._by_first.values())
        }
        self._any = {character: together[fitting] for character, fitting in self._by_first.items()}
        self._heads = re.compile(f"[{re.escape(''.join(firsts))}](?:{_FREE})(?:{_AHEAD})", re.ASCII)
        self._written = tuple(one for one in ready if one.kind.written_out)
        if self._written:
            self._width = max(self._width, _MOST_SPELLED)
        self._risks = {one.order: one.kind.risk for one in ready}
        self._labels = Labels([*kinds, *known])
        announcing = (frozenset[str](), *self._labels.risks)
        told = {
            fitting: {risks: tuple(one for one in fitting if one.kind.risk in risks) for risks in announcing}
            for fitting in set(self._by_first.values())
        }
        every = {
            fitting: {
                risks: tuple(one for one in fitting if one.shapes or one in told[fitting][risks])
                for risks in announcing
            }
            for fitting in told
        }
        self._told = {character: told[fitting] for character, fitting in self._by_first.items()}
        self._all = {character: every[fitting] for character, fitting in self._by_first.items()}
        self._alphabet = _ASCII + _INSIDE + "".join(firsts) + "".join(_NUMERALS)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.simplified
        before = view.simplified_behind[-BEHIND:]
        text, at, shift = before + itemised(view, folded), folded.start + len(before), len(before)
        still_open = len(text) if view.final else self._open(text, at)
        words = Words(self._labels, text, final=view.final)
        findings: list[Finding] = []
        for start in self._starts(text, at):
            if start < at:
                continue
            if start >= still_open:
                break
            best = self._best(text, start, words)
            if best is _CUT_OFF:
                still_open = start
                break
            if best is not None:
                at = best.end
                span = folded.span(start - shift, at - shift)
                findings.append(Finding(*span, best.risk, best.score, self._detector))
                if still_open < at:  # what began inside of it is part of it
                    still_open = self._open(text, at)
        return Scan(tuple(findings), folded.offset(still_open - shift))

    def _starts(self, text: str, at: int) -> list[int]:
        """Return where a value may begin, in order."""
        # No value is without a letter or a digit, but for a year in numerals and those that are written out.
        held = ascii_of(text[at:]).translate(None, _NO_WORD) or "年" in text
        starts = [head.start() for head in self._heads.finditer(text, at)] if held else []
        if self._written and _MAYBE_SPELLED.search(text, at):
            spelled = [run.start() for run in _SPELLED.finditer(text, at)]
            if spelled:
                starts = sorted({*starts, *spelled})
        return starts

    def _best(self, text: str, start: int, words: Words) -> _Best | None:
        best: _Best | None = None
        risks, how = words.said(start)
        character = text[start]
        fitting = self._any.get(character)
        if fitting is not None and fitting.match(text, start):
            kinds = self._all[character].get(risks, ())
        else:  # then only what words announce can be there
            kinds = self._told[character].get(risks, ()) if fitting is not None and risks else ()
        for one in kinds:
            said = _of(one.kind, risks, how)
            for number, shape in enumerate(_shapes(one, said, words, start)):
                match = shape.match(text, start)
                if match is None:
                    continue
                score = one.kind.check(match.group(), said)
                if score is None:
                    continue
                if one.kind.plain:
                    counts = words.counts(start, match.end(), said, free=number < len(one.shapes))
                    if counts is None:
                        return _CUT_OFF
                    if counts:
                        break
                    if one.kind.named and not said and score < _UNSURE and words.named(match.end()):
                        score = one.kind.check(match.group(), "beside") or score
                found = _Best(score, match.end(), one.order, one.kind.risk)
                if best is None or (score, found.end, -found.order) > (best.score, best.end, -best.order):
                    best = found
                break
        if self._written and (best is None or best.score < _UNSURE):
            return self._spelled(text, start, words) or best
        return best

    def _spelled(self, text: str, start: int, words: Words) -> _Best | None:
        """Read a row of digits that is written out: in numerals, or each by itself."""
        match = _SPELLED.match(text, start)
        if match is None or _GOES_ON.match(text, match.end()):
            return None
        written = match.group()
        if not _ANY_NUMERAL.search(written) and not _ALONE.fullmatch(written):
            return None
        plain = written.translate(_PLAIN).translate(_ANY_GAP)
        risks, how = words.said(start)
        best: _Best | None = None
        for kind, shapes, more, _, order in self._written:
            said = _of(kind, risks, how)
            if not any(shape.fullmatch(plain) for shape in (more if said in _NEAR else shapes)):
                continue
            score = kind.check(plain, said)
            if score is not None and (best is None or score > best.score):
                best = _Best(min(score, _WRITTEN), match.end(), order, kind.risk)
        return best

    def _open(self, text: str, at: int) -> int:
        """Return where, from ``at`` on, a value may have begun that the end of ``text`` cuts off."""
        size = len(text)
        low = max(at, size - self._width)
        low += len(text[low:].rstrip(self._alphabet))
        for start in range(low, size):
            character = text[start]
            if start and character in _WORD and text[start - 1] in _WORD and not _HEAD.match(text, start):
                continue
            for begun in self._begun.get(character, ()):
                if begun.fits(text, start):
                    return start
            if self._written and (character in _NUMERALS or character.isdigit()) and _SPELLING.match(text, start):
                return start
        return size


@cache
def _tail(begun: str) -> re.Pattern[str]:
    """Return a pattern for whatever may still become a value; made when a text first breaks off in one."""
    return re.compile(rf"(?:{begun})\Z", re.ASCII)


def _edge(kind: Kind) -> str:
    """Return what must follow a value of a kind: no letter or digit, but for words that may."""
    return f"(?!(?!{'|'.join(kind.goes_on)})[0-9a-z])" if kind.goes_on else _EDGE


def _members(first: str) -> frozenset[str]:
    """Return the characters of a set."""
    pattern = re.compile(f"[{first}]")
    ascii_ones = {character for character in _ASCII if pattern.fullmatch(character)}
    return frozenset(ascii_ones | {character for character in first if not character.isascii()})


__all__ = ["BEHIND", "Personal", "compact"]
