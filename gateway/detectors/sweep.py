"""Finds things of a bounded shape and knows, at the end of a text, what may still become one.

Whether something is found at a place depends on one character before it and on what follows, on
nothing else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from gateway.detectors.shape import read_shape
from gateway.ports import Scan
from gateway.text import TextView, ascii_of
from gateway.verdict import Finding

Check = Callable[[str], float | None]
"""Says how sure it is that a text of the right shape is one; None if it is none."""

_LETTERS: Final = "0-9a-z"
_ASCII: Final = bytes(range(128))


class Sweep:
    """A detector of things that have one of a few shapes.

    Args:
        detector: Its name.
        risk: What to report.
        shapes: Regular expressions over folded text, the longest first: at each place the first
            that fits and passes ``check`` is taken.
        first: Characters, as in a set, that a shape may begin with,
        ahead: and a pattern of what must follow them: a quick look before the shapes are tried.
        alphabet: Every character that a shape can hold; all of them ASCII.
        check: What else must be true of the text.
        after: Characters, as in a set, that may not follow; empty for any. Digits and letters of
            the Latin alphabet may never come before.
        opening: A literal text that every shape begins with, if there is one: makes it faster.
    """

    __slots__ = (
        "_alphabet",
        "_begun",
        "_check",
        "_detector",
        "_heads",
        "_no_first",
        "_opening",
        "_risk",
        "_run",
        "_shapes",
        "_width",
    )

    def __init__(
        self,
        *,
        detector: str,
        risk: str,
        shapes: Sequence[str],
        first: str,
        ahead: str,
        alphabet: str,
        check: Check,
        after: str = _LETTERS,
        opening: str = "",
    ) -> None:
        self._detector, self._risk, self._check = detector, risk, check
        self._alphabet, self._opening = alphabet, opening
        read = [read_shape(shape) for shape in shapes]
        edge = f"(?![{after}])" if after else ""
        # One that is whole is still open: what follows may lengthen it or may not follow.
        begun = "|".join(way for shape in read for way in (shape.begun, shape.pattern))
        self._shapes = [re.compile(shape.pattern + edge, re.ASCII) for shape in read]
        self._begun = re.compile(rf"(?<![{_LETTERS}])(?:{begun})\Z", re.ASCII)
        # The set stands first, so that places without such a character cost next to nothing.
        self._heads = re.compile(f"[{first}](?<![{_LETTERS}][{first}])(?={ahead})", re.ASCII)
        self._width = max(shape.most for shape in read)
        least = min(shape.least for shape in read)
        self._run = re.compile(b"[%b]{%d}" % (re.escape(alphabet.encode("ascii")), least))
        self._no_first = _ASCII.translate(None, "".join(re.findall(f"[{first}]", _ASCII.decode())).encode())

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.folded
        text, at = folded.text, folded.start
        still_open = len(text) if view.final else self._open(text, at)
        if not self._may_hold(text, at):
            return Scan((), folded.offset(still_open))
        findings: list[Finding] = []
        for head in self._heads.finditer(text, at):
            start = head.start()
            if start < at:
                continue
            if start >= still_open:
                break
            found = self._match(text, start)
            if found is not None:
                at, score = found
                findings.append(Finding(*folded.span(start, at), self._risk, score, self._detector))
                if still_open < at:  # what began inside of it is part of it
                    still_open = self._open(text, at)
        return Scan(tuple(findings), folded.offset(still_open))

    def _may_hold(self, text: str, at: int) -> bool:
        """Whether a text can hold a shape from ``at`` on: a quick look that may say yes too often."""
        if self._opening:
            return text.find(self._opening, at) >= 0
        held = ascii_of(text)
        # Whatever has a shape stands together, among the ASCII characters alone too.
        return self._run.search(held) is not None and bool(held.translate(None, self._no_first))

    def _match(self, text: str, start: int) -> tuple[int, float] | None:
        for shape in self._shapes:
            match = shape.match(text, start)
            if match is not None:
                score = self._check(match.group())
                if score is not None:
                    return match.end(), score
        return None

    def _open(self, text: str, at: int) -> int:
        """Return where, from ``at`` on, something may have begun that the end of ``text`` cuts off."""
        size = len(text)
        if size == at or text[-1] not in self._alphabet:
            return size
        low = max(at, size - self._width)
        low += len(text[low:].rstrip(self._alphabet))
        if self._opening and text.find(self._opening, low) < 0:
            low = max(low, size - len(self._opening) + 1)
        if low >= size:
            return size
        begun = self._begun.search(text, low)
        return begun.start() if begun else size
