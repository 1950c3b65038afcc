"""Finds names of people in small letters, where words announce one: my name is john smith, 我叫john.

What stands behind such words is read as if it began with capital letters, by what reads English names; so a phrase
that names nobody (my name is on the list) is none. Nothing else written in small letters is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gateway.detectors.names.announced import ANNOUNCING, LABELS
from gateway.detectors.names.english import tokens
from gateway.detectors.names.english_net import EnglishNames
from gateway.detectors.names.english_reader import Reader
from gateway.detectors.names.people_en import NAME, RISKS, as_written
from gateway.detectors.names.wordlist import words
from gateway.ports import Scan
from gateway.text import SIMPLIFIED, TextView, ascii_of
from gateway.verdict import Finding
from gateway.views import layer

BEHIND: Final = 64
"""How many characters before a view are enough: the words that announce a name, and the word before them."""

_LETTER: Final = "a-z\u00df-\u00f6\u00f8-\u00ff"
_WORD: Final = rf"[{_LETTER}]{{1,20}}(?:['-][{_LETTER}]{{1,20}}){{0,2}}"
_HINTS: Final = (
    *("name", "contact", "call me", "我叫", "他叫", "她叫", "您叫", "你叫", "名字叫", "名字是"),
    *(f"{end}{sign}" for end in sorted({label[-1] for label in LABELS}) for sign in ":="),
)
"""One of these stands in every text that announces a name: a look that says no soon."""
_CUE: Final = re.compile(
    r"(?:(?<![a-z])(?P<name>(?:names?(?:'s| is| was)|contact(?: person)? is|call me)(?![a-z])|name[\"']? ?[:=]"
    rf"|contact(?: person)? ?[:=])|[我他她您你](?:的?名字[叫是]|叫)|(?:{ANNOUNCING})[:=：])[ \t]{{0,2}}[\"']?",
    re.IGNORECASE,
)
_CUE_WIDTH: Final = 24
_VALUE: Final = re.compile(rf"{_WORD}(?: {_WORD}){{0,2}}(?![A-Z{_LETTER}'0-9_@-]|\.[A-Za-z0-9])")
_BEFORE_CUE: Final = re.compile(r"([a-z]{1,20})[ _-]?\Z", re.IGNORECASE)
# What a name of is no person's: the file name is …, 公司名叫.
_OTHERS: Final = words(
    "file user host domain company product brand class function method variable table column project package "
    "module event team store shop city street school dog pet cat stage code model server device field key path "
    "app image service bucket branch tag repo repository database db index job task queue topic pod node cluster "
    "namespace container network group role account bank drug plant song movie film book game band hotel "
    "restaurant place country river species theme font color colour display nick screen"
)
_STOPS: Final = words(
    "and or but i is are was were am i'm the a an in on at of to for from with by as if so who what when where "
    "why how please here there this that these those it its my your his her our their we you he she they not no "
    "yes can could will would should do does did have has had be been born now then also just later again "
    "tomorrow today tonight me us him them thanks thank hi hello dear email phone tel mobile address age years "
    "old going working living actually really very too never always sometimes unknown none null true false test "
    "admin user customer patient student anything something nothing anyone someone whatever sweetie honey baby "
    "crazy stupid dob gender male female department room spelled pronounced mentioned written required missing"
)
_BEFORE, _AHEAD = 32, 40
_VALUE_WIDTH: Final = 48
_WIDEST: Final = _VALUE_WIDTH + _AHEAD
_LEAST: Final = 0.6


class SmallPeople:
    """A detector of names in small letters.

    Args:
        names: What is known of English names.
    """

    __slots__ = ("_reader",)

    def __init__(self, names: EnglishNames) -> None:
        self._reader = Reader(names)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.simplified
        size = len(folded.text)
        low = view.simplified_behind[-BEHIND:] + folded.text
        if not ascii_of(low).islower() or not any(hint in low for hint in _HINTS):
            return Scan((), folded.offset(size))
        written = as_written(view)
        before = as_written(TextView(view.before, escaped=view.escaped))[-BEHIND:] if view.before else ""
        text, shift = layer(SIMPLIFIED)(before + written).text, len(before)
        still_open = len(text)
        findings: list[Finding] = []
        for start in _announced(text, folded.start + shift):
            if not view.final and len(text) - start < _WIDEST:
                still_open = start
                break
            found = self._name(text, start)
            if found is not None:
                end, sure = found
                span = folded.span(start - shift, end - shift)
                findings.append(Finding(*span, RISKS["person"], round(sure, 2), NAME))
        return Scan(tuple(findings), folded.offset(still_open - shift))

    def _name(self, text: str, start: int) -> tuple[int, float] | None:
        """Return where the name ends that begins at a place, and how sure it is; None if none does."""
        value = _VALUE.match(text, start, start + _VALUE_WIDTH)
        if value is None:
            return None
        said = value.group().split(" ")
        count = next((at for at, word in enumerate(said) if word in _STOPS), len(said))
        if not count:
            return None
        end = start + len(" ".join(said[:count]))
        left = [token.text for token in tokens(text[max(0, start - _BEFORE) : start])][-2:]
        right = [token.text for token in tokens(text[end : end + _AHEAD])][:2]
        around = ["", "", *left][-2:] + [_capital(word) for word in said[:count]] + [*right, "", ""][:2]
        parts = self._reader.read(around, 2, 2 + count)
        if not parts or parts[0].label != "person" or parts[0].first != 2 or parts[0].sure < _LEAST:
            return None
        return start + len(" ".join(said[: parts[0].end - 2])), parts[0].sure


def _announced(text: str, at: int) -> Iterator[int]:
    """Yield where small letters begin behind words that announce a name, from a place on."""
    for cue in _CUE.finditer(text):
        start = cue.end()
        if start < at or not "a" <= text[start : start + 1] <= "\u00ff":
            continue
        if cue["name"]:
            other = _BEFORE_CUE.search(text, max(0, cue.start() - _CUE_WIDTH), cue.start())
            if other is not None and other[1].lower() in _OTHERS:
                continue
        yield start


def _capital(word: str) -> str:
    """Return a word as a name begins: O'Brien, Anne-Marie."""
    return "".join(part.capitalize() for part in re.split("(['-])", word))
