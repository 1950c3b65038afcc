"""Finds what an operator's regular expression describes, in linear time whatever the text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import re2

from gateway.detectors.shape import Shape, read_shape
from gateway.errors import PolicyError
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView, fold
from gateway.verdict import Finding

NAME: Final = "pattern"
Edges = Literal["digit", "word", "none"]
_WIDEST: Final = 256
_BESIDE: Final[Mapping[Edges, str]] = {"digit": "[^0-9]", "word": "[^0-9a-z_]", "none": ""}
_NOTHING: Final = b"\n"  # stands where the text begins or ends: no digit, no letter


class Pattern:
    """A detector of the matches of one regular expression over folded text.

    At each place the longest match counts; the next begins after it.

    Args:
        shape: The pattern.
        risk: What to report,
        score: and how sure a match is.
        edges: What may not stand directly before or after a match: a digit, a Latin letter, digit
            or ``_``, or anything goes.

    Raises:
        PolicyError: The pattern is too large.
    """

    __slots__ = ("_begun", "_edged", "_matches", "_most", "_risk", "_score")

    def __init__(self, shape: Shape, risk: str, score: float, edges: Edges) -> None:
        self._risk, self._score, self._most = risk, score, shape.most
        beside = _BESIDE[edges]
        self._edged = bool(beside)
        # What touches the end is open: it may grow, or what follows may be no edge.
        begun = f"(?:{shape.begun}|{shape.pattern})" if beside else shape.begun
        self._matches = _compile(f"{beside}({shape.pattern}){beside}")
        self._begun = _compile(f"{beside}({begun})\\z")

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.folded
        text, at = folded.text, folded.start
        spans = list(self._spans(text, at, final=view.final))
        still_open = len(text)
        if not view.final:
            still_open = self._open(text, at)
            for start, end in spans:
                if start < still_open < end:  # what began inside of a match is part of it
                    still_open = self._open(text, end)
        findings = [Finding(*folded.span(*span), self._risk, self._score, NAME) for span in spans]
        return Scan(tuple(findings), folded.offset(still_open))

    def _spans(self, text: str, at: int, *, final: bool) -> Iterator[tuple[int, int]]:
        """Yield the matches that begin at ``at`` or later."""
        data, place = self._encode(text, at)
        if self._edged and final:
            data += _NOTHING
        known = at_byte = 0
        while match := self._matches.search(data, at_byte):
            first, last = match.span(1)
            start = place + len(data[known:first].decode())
            place, known = start + len(data[first:last].decode()), last
            yield start, place
            at_byte = last
            if self._edged:  # the last character of a match may be the edge of the next
                at_byte -= 1
                while data[at_byte] & 0xC0 == 0x80:
                    at_byte -= 1

    def _open(self, text: str, at: int) -> int:
        """Return where, from ``at`` on, a match may have begun that the end of ``text`` cuts off."""
        data, place = self._encode(text, max(at, len(text) - self._most))
        match = self._begun.search(data)
        return place + len(data[: match.start(1)].decode()) if match else len(text)

    def _encode(self, text: str, at: int) -> tuple[bytes, int]:
        """Return the text from ``at`` on, after what stands before it, and the offset of the first byte."""
        if not self._edged:
            return text[at:].encode(), at
        return (text[at - 1 :].encode() if at else _NOTHING + text.encode()), at - 1


def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.longest_match = True
    options.log_errors = False
    try:
        # In bytes, so that offsets need not be counted anew at every search.
        return re2.compile(pattern.encode(), options)
    except re2.error:
        raise PolicyError("the pattern is too large", None, "write shorter repeats, or several patterns") from None


def _plain(pattern: str) -> str:
    """Write full-width and other foldable characters of a pattern as they stand in folded text."""
    return "".join(character if character.isascii() else _escaped(fold(character)) for character in pattern)


def _escaped(character: str) -> str:
    return f"\\{character}" if character.isascii() and character and not character.isalnum() else character


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del load
    shape = read_shape(_plain(options["pattern"]))
    if shape.most > _WIDEST:
        what = f"a match of the pattern can have {shape.most:,} characters"
        raise PolicyError(what, None, f"bound its repeats, such as {{1,64}}: at most {_WIDEST} characters in all")
    risk, score, edges = options["risk"], float(options.get("score", 1.0)), options.get("edges", "none")
    detector = Pattern(shape, risk, score, edges)
    digest = hashlib.sha256(repr((shape, risk, score, edges)).encode()).hexdigest()
    return BuiltDetector(frozenset({risk}), f"1-{digest[:16]}", detector)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Matches of one regular expression; case and width of characters do not count.",
    risks=frozenset(),
    scope="span",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "pattern": {
                "type": "string",
                "minLength": 1,
                "description": "a regular expression without look-around, references and repeats without an end",
            },
            "risk": {"type": "string", "minLength": 1, "description": "the risk id to report"},
            "score": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "description": "how sure a match is: above 0, at most 1; 1 if left out",
            },
            "edges": {
                "type": "string",
                "enum": ["digit", "word", "none"],
                "description": "what may not stand directly beside a match; none if left out",
            },
        },
        "required": ["pattern", "risk"],
    },
)
