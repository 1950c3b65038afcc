"""Knows where an address may begin, and what the end of a text may have cut off: a quick look before any is read.

An address begins at a number or a little before one, or where words announce it. So only what stands near a number is
looked at closely, and what stands at such words.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Final, Literal, NamedTuple

import ahocorasick_rs

from gateway.detectors.names.street import vocabulary as known
from gateway.detectors.names.street.before import CUES, cue_end
from gateway.detectors.names.street.reader import LETTER, UPPER
from gateway.detectors.shape import read_shape

_NO_WORD: Final = f"(?<![0-9{LETTER}])"
_LATIN: Final = "".join(map(chr, (*range(0xB5, 0xB6), *range(0xC0, 0x250))))
_WORD_SIGNS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz" + _LATIN)


def _any_of(words: frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_CAPITAL: Final = rf"[{UPPER}][{LETTER}.'-]{{0,24}}"
_APART: Final = _any_of(known.APART)
_JOINERS: Final = _any_of(frozenset(filter(str.isalpha, known.JOINERS)))
_LOWER: Final = _any_of(known.LOWER)
_DOTTED: Final = _any_of(known.DOTTED_BEFORE)
# --- A number, and behind it what a street may begin with
_NUMBER: Final = r"[0-9]{1,6}[A-Za-z]?(?:[/-][0-9]{1,5}[A-Za-z]?){0,2},? {1,3}"
_NAMED: Final = (
    rf"[{UPPER}]|[0-9]{{1,5}}(?:st|nd|rd|th|ST|ND|RD|TH|[A-Za-z])? |[13]/[24] |"
    r"(?:rue|avenue|av|boulevard|bd|place|chemin|quai|all[eé]e|impasse|via|calle|rua|plaza|piazza)\.? "
    rf"|(?:{_DOTTED})\. |[cC]/"
)
_SMALL: Final = r"[a-z0-9][a-z0-9.'-]{0,15} "
_NUMBER_SHAPE: Final = rf"{_NUMBER}(?:{_NAMED}|(?:{_SMALL}){{1,3}}(?:{_LOWER}))"
# A number, and behind it what tells that the name before it may be that of a street.
_AFTER_SHAPE: Final = (
    r"[0-9]{1,4}[A-Za-z]?(?:[/-][0-9]{1,4}[A-Za-z]?){0,2}(?:,? {1,3}|,? {0,2}\n[ >|*?]{0,10})"
    r"(?:(?:[Aa]pt|[Aa]partment|[Ss]uite|[Ss]te|[Ff]lat|APT|SUITE)[ .#]|(?:[A-Z]{1,2}-)?[0-9]{2})"
)
_AFTER: Final = re.compile(_AFTER_SHAPE)
# Digits that do the one or the other. What follows is possessive: nothing is looked at twice.
_DIGIT: Final = re.compile(
    rf"[0-9](?<![0-9{LETTER}][0-9])(?=[0-9A-Za-z/-]{{0,16}}+,?+[ \n])"
    r"(?:(?=(?P<ahead>[0-9]{0,5}+[A-Za-z]?+(?:[/-][0-9]{1,5}+[A-Za-z]?+){0,2},?+ {1,3}+"
    rf"(?:{_NAMED}|(?:{_SMALL}){{1,3}}?(?:{_LOWER})(?![a-z]))))"
    rf"|(?<=[{LETTER}.,] .)(?={_AFTER_SHAPE.replace('{1,4}', '{0,3}', 1)}))"
)
_NAMES: Final = re.compile(
    r"[0-9]{1,6}+[A-Za-z]?+(?:[/-][0-9]{1,5}+[A-Za-z]?+){0,2}(?P<comma>,?+) {1,3}+(?:[13]/[24] )?"
    rf"(?P<names>[{LETTER}0-9&][{LETTER}0-9'.-]{{0,24}}+(?: {{1,3}}[{LETTER}0-9&][{LETTER}0-9'.-]{{0,24}}+){{0,6}})"
)
# A number that stands by a word, or in a postcode, in small letters: without one there is no address.
_NEAR: Final = re.compile(
    rf"[0-9](?:(?<![0-9{LETTER}][0-9])(?:"
    rf"(?=[0-9]{{0,5}}+[a-z]?+(?:[/-][0-9]{{1,5}}+[a-z]?+){{0,3}},?+ {{1,3}}+[0-9{LETTER}])"
    rf"|(?<=[{LETTER}.,# ][ #].)|(?<=[{LETTER}][.,].))"
    r"|(?<=[0-9a-z] .)(?=[a-z]{2}(?![0-9a-z]))|(?<=[a-z].)(?=[0-9w] ?[0-9a-z]{4}(?![0-9a-z])))"
)
# --- Capitalised words, and a number
_RUN: Final = re.compile(
    rf"[{UPPER}](?<![0-9{LETTER}][{UPPER}])(?=[{LETTER}.'-]{{0,24}}+"
    rf"(?: (?:[a-z]{{1,4}}'? ){{0,2}}{_CAPITAL}+){{0,3}}(?: (?:{_APART})\.?+)?"
    r",?+ (?:[nN][or]\.? ?)?(?P<number>[0-9]))"
)
_RUN_SHAPE: Final = (
    rf"{_CAPITAL}(?: (?:(?:{_JOINERS})'? ){{0,2}}{_CAPITAL}){{0,3}}(?: (?:{_APART})\.?)?,? (?:[nN][or]\.? ?)?"
    rf"{_AFTER_SHAPE}"
)
_DOTTED_SHAPE: Final = rf"(?:(?:{_DOTTED})\.|[cC]/) ?(?:(?:{_JOINERS}) ){{0,2}}{_CAPITAL}(?: {_CAPITAL}){{0,3}},? [0-9]"
_DOTTED_NAME: Final = re.compile(rf"(?:(?:{_DOTTED})\.|[cC]/) ?(?:[a-z]{{1,4}} ){{0,2}}[{UPPER}]")
_WIDEST_RUN: Final = 120
_NUMBER_NEXT: Final = re.compile(r"\.?,? (?:n[or]\.? ?)?(?=[0-9])")
# --- Words for a flat or a box, and a number
_KEY_SHAPE: Final = rf"(?:(?:{_any_of(known.FLATS)})[ .#]{{1,3}}(?:no\.? ?)?(?:#?[0-9]|[a-z][,\n])|h\.? ?no\.? ?[0-9])"
_BOX_SHAPE: Final = (
    r"(?:(?:p\.? ?o\.?|gpo|post office) box (?:no\.? ?)?#?|private bag x?|postfach |postbus |postboks |postbox "
    r"|psc |cmr |rr |hc )[0-9]"
)
_FORCES_SHAPE: Final = (
    rf"(?:(?:uss|usns|uscgc|usnv) [{LETTER} .'-]{{1,30}}[,\n ]{{1,3}})?(?:apo|fpo|dpo),? (?:aa|ae|ap),? [0-9]"
)
_KEY: Final = re.compile(f"{_KEY_SHAPE}|{_BOX_SHAPE}|{_FORCES_SHAPE}")
_KEY_WORDS: Final = (
    *("h.no", "h no", "h. no", "private bag ", "postfach ", "postbus ", "postboks ", "postbox "),
    *("psc ", "cmr ", "rr ", "hc ", "uss ", "usns ", "uscgc ", "usnv "),
    *("apo ", "fpo ", "dpo ", "apo, ", "fpo, ", "dpo, "),
)
_BOX: Final = re.compile(r"xob (?:(?:\.?o ?\.?p|opg|eciffo tsop)(?![0-9a-z]))")  # read backwards
_WIDEST_BOX: Final = 16
# --- The name of a house, and somewhere behind it a postcode
_HOUSE: Final = re.compile(
    rf"[{UPPER}](?<![0-9{LETTER}][{UPPER}])(?=[{LETTER}.'-]{{0,24}}+(?: {_CAPITAL}+){{1,3}} ?(?P<end>[,\n]))"
)
_POSTED: Final = re.compile(f"[0-9](?:[0-9A-Z]? ?[0-9][A-Z]{{2}}|[0-9W] [0-9A-Z]{{4}})(?![0-9{LETTER}])", re.IGNORECASE)
# --- What the end of a text may have cut off
_HOLDS: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,'-#/\n" + _LATIN)
_WIDEST_CUT: Final = 140

_Role = Literal["ending", "before", "key", "box", "house", "cue"]
_SHORT: Final = 4


class Start(NamedTuple):
    """Where an address may begin, and whether words before it announce one."""

    at: int
    announced: bool


def may_hold(low: str, at: int, end: int = sys.maxsize) -> bool:
    """Whether a text in small letters may hold an address between two places: a look that may say yes too often."""
    return _NEAR.search(low, at, end) is not None


def goes_on(text: str) -> bool:
    """Whether a text ends in a sign that an address can hold."""
    return text[-1:] in _HOLDS and bool(text)


class Starts:
    """Finds where addresses may begin."""

    __slots__ = ("_automaton", "_roles")

    def __init__(self) -> None:
        posts = _signposts()
        self._roles = tuple(role for _, role in posts)
        self._automaton = ahocorasick_rs.AhoCorasick(
            tuple(post for post, _ in posts),
            store_patterns=False,
            implementation=ahocorasick_rs.Implementation.DFA,
        )

    @staticmethod
    def cut(text: str, at: int) -> int:
        """Return where, from a place on, an address may have begun that the end of the text cuts off; or the end."""
        size = len(text)
        if size == at or text[-1] not in _HOLDS:
            return size
        low = max(at, size - _WIDEST_CUT)
        found = [match.start() for pattern in _cut_off() if (match := pattern.search(text, low))]
        return min(found, default=size)

    def find(self, text: str, low: str, at: int, *, final: bool) -> list[Start]:
        """Return where an address may begin, from a place on and in order.

        Args:
            text: As it is written, with folded signs,
            low: and in small letters.
            at: Where to begin; what stands before may announce an address.
            final: Whether nothing follows.
        """
        starts: dict[int, bool] = {}
        for digit in _DIGIT.finditer(text, at):
            place = digit.start()
            ahead = digit.start("ahead") >= 0
            if not ahead or _AFTER.match(text, place):
                _add_runs(starts, text, at, place)
            if ahead and _may_follow(text, place, final=final):
                starts.setdefault(place, False)
        # With a line end on either side: a word is looked for with what stands beside it.
        for number, begin, stop in self._automaton.find_matches_as_indexes(f"\n{low}\n", overlapping=True):
            role, start, end = self._roles[number], begin - 1, stop - 1
            if role == "ending":
                sign = _NUMBER_NEXT.match(low, end - 1)
                if sign is not None and sign.end() >= at:
                    _add_runs(starts, text, at, sign.end())
            elif role == "cue":
                place = cue_end(low, start) or -1
                if place >= at:
                    starts[place] = True
            elif role == "house":
                if end > at and (not final or _POSTED.search(text, end)):
                    _add_houses(starts, text, at, end)
            else:
                start = _post_start(role, text, low, start, end)
                if start >= at:
                    starts.setdefault(start, False)
        return [Start(*start) for start in sorted(starts.items())]


def _signposts() -> list[tuple[str, _Role]]:
    """Return what stands where an address may be, in small letters, and what it is."""
    posts: list[tuple[str, _Role]] = [(cue, "cue") for cue in CUES]
    posts += [(f"{word}{end}", "house") for word in known.HOUSES for end in ",\n"]
    posts += [(f"{word}{end}", "ending") for word in known.ENDINGS for end in " ,."]
    posts += [(f" {word}{end}", "ending") for word in known.APART for end in " ,."]
    plain = known.BEFORE_NAME - known.DOTTED_BEFORE
    posts += [(written, "before") for word in plain for end in (" ", ". ") for written in _led(word, end)]
    posts += [(f"{word}.", "before") for word in known.DOTTED_BEFORE] + [("c/", "before")]
    posts += [(written, "key") for word in known.FLATS for end in " .#" for written in _led(word, end)]
    posts += [(written, "key") for word in _KEY_WORDS for written in _led(word, "")]
    return [*dict.fromkeys(posts), (" box ", "box")]


def _led(word: str, end: str) -> list[str]:
    """Return how a word is looked for: a short one, which many others end in, with a sign before it."""
    return [f"{sign}{word}{end}" for sign in (" \n,(/>:\"'" if len(word) < _SHORT else ("",))]


@cache
def _cut_off() -> tuple[re.Pattern[str], ...]:
    """Return patterns of all that more text may make an address; made when a text first breaks off."""
    kinds = ((0, (_NUMBER_SHAPE, _RUN_SHAPE, _DOTTED_SHAPE)), (re.IGNORECASE, (_KEY_SHAPE, _BOX_SHAPE, _FORCES_SHAPE)))
    patterns = []
    for flags, shapes in kinds:
        read = [read_shape(shape) for shape in shapes]
        begun = "|".join(f"{one.begun}|{one.pattern}" for one in read)
        patterns.append(re.compile(rf"{_NO_WORD}(?:{begun})\Z", flags))
    return tuple(patterns)


def _add_runs(starts: dict[int, bool], text: str, at: int, place: int) -> None:
    """Add where capitalised words begin that lead to the number at a place."""
    for run in _RUN.finditer(text, max(at, place - _WIDEST_RUN), place + 1):
        if run.start("number") == place:
            starts.setdefault(run.start(), False)


def _add_houses(starts: dict[int, bool], text: str, at: int, end: int) -> None:
    """Add where the name of a house begins that ends with the sign before ``end``."""
    for house in _HOUSE.finditer(text, max(at, end - _WIDEST_RUN), end):
        if house.end("end") == end:
            starts.setdefault(house.start(), False)


def _may_follow(text: str, place: int, *, final: bool) -> bool:
    """Whether what stands behind a number may name a street, or be followed by what makes an address of it."""
    names = _NAMES.match(text, place)
    if names is None:
        return True
    end = names.end()
    if not final and end >= len(text) - 1:
        return True
    low = names["names"].lower().split()
    return (
        not known.ANY.isdisjoint(low)
        or (not names["comma"] and text.startswith((",", "\n", " #", "/"), end))
        or any(name[0].isdigit() or name in known.SURE_FLATS for name in low[1:])
    )


def _post_start(role: _Role, text: str, low: str, start: int, end: int) -> int:
    """Return where an address may begin at a word for a flat, a box or a street; -1 if none does."""
    if role == "box":
        said = _BOX.match(low[max(0, end - _WIDEST_BOX) : end - 1][::-1])
        if said is None:
            return -1
        start = end - 1 - said.end()
    elif start < 0 or low[start] not in _WORD_SIGNS:
        start += 1
    if start > 0 and low[start - 1] in _WORD_SIGNS:
        return -1
    named = role == "before"
    found = (_DOTTED_NAME.match(text, start) or _RUN.match(text, start)) if named else _KEY.match(low, start)
    return -1 if found is None else start
