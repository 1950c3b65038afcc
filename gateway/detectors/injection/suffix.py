"""Finds strings that were searched for by a machine to break a model: they look like nothing a person writes.

What gives them away is how signs stand in them: words that are glued together by brackets and stars,
signs in heaps, capitals in the middle of words, brackets that nobody closes. Code, formulas, tables and
addresses are full of signs too, but in an order: they close what they open and repeat their forms.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

RISK: Final = "attack.suffix"
_WINDOW: Final = 12
_ENOUGH: Final = 5
_TOKEN: Final = re.compile(r"\S+")
_LONGEST: Final = 48
# Words with signs between them that do not part words in prose; a word whose end is the head of another.
_GLUED: Final = re.compile(r"[A-Za-z]{2,}(?:[^\w\s'’.,:/@&\-]+|[.,:]+[^\w\s'’.,:/@&\-]+)[A-Za-z]{2,}")
_HEAP: Final = re.compile(r"[^\w\s]{2,}")
_CAPITAL: Final = re.compile(r"[a-z]{3,}[A-Z][a-z]{2,}")
_INSIDE: Final = re.compile(r"[A-Z](?<=[a-z]{3}[A-Z])[a-z]{2}")
"""What is there wherever ``_CAPITAL`` is, found sooner."""
_STRANGE: Final = re.compile(r"[A-Za-z]{2,}\\[^\w\s]|\\[^\w\s][A-Za-z]|\\[^\w\s]*\Z|\A\\\W")
_CLOSING: Final = re.compile(r"""[)\]}>'"`,.;:!?]+|[(\[{<'"`]+""")
_UNSPEAKABLE: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")
_USUAL: Final = frozenset(
    [
        "'(",
        ")(",
        "--",
        "**",
        "__",
        "//",
        "==",
        "!=",
        "<=",
        ">=",
        "&&",
        "||",
        "++",
        "->",
        "=>",
        "::",
        "[]",
        "()",
        "{}",
        "():",
        "}{",
        "][",
        "...",
        "....",
        ":)",
        ":(",
        ";)",
        ":-)",
        ".*",
        "/*",
        "*/",
        "<-",
        "<>",
        "+=",
        "-=",
        "*.",
        "*,",
        ":*",
        "**.",
        "**,",
        "**:",
        ":**",
        "!**",
        "?**",
        "===",
        "###",
        "##",
        "#!",
        "```",
        "~~",
        "……",
        "——",
        ",(",
        ".(",
        ":[",
        ":{",
    ]
)
"""Signs that often stand together; ends and beginnings are known by their form."""
_ORDERED: Final = re.compile(
    r"://|</|\"\s*:|\|.*\||\\[a-zA-Z]{2,}|;\s*\Z|\A\s*(?:#|//|\*|>|import|def|class|return|if|for|var|let|const|\$)|"
    r"^\s{4}|[=<>]=|\w\(\)|=\s*[\w\"'\[{(]"
)
"""What stands in code, data, tables, formulas and addresses."""
_PAIRS: Final = ("()", "[]", "{}")


class Tail(NamedTuple):
    """A string that looks searched for, and how much, in (0, 1)."""

    start: int
    end: int
    score: float


def tails(text: str) -> Iterator[Tail]:
    """Yield the stretches of a text that look like nothing a person writes, each within one line."""
    at = 0
    fenced = False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and len(line) >= 24:
            found = _of_line(line)
            if found is not None:
                yield Tail(at + found.start, at + found.end, found.score)
        at += len(line)


def _of_line(line: str) -> Tail | None:
    if not _may_hold(line):
        return None
    near: deque[tuple[int, int, bool]] = deque(maxlen=_WINDOW)
    best: tuple[int, int, int] | None = None
    odd = 0
    for token in _TOKEN.finditer(line):
        if len(near) == _WINDOW and near[0][2]:
            odd -= 1
        strange = len(token.group()) <= _LONGEST and _strange(token.group())
        near.append((*token.span(), strange))
        odd += strange
        if odd >= _ENOUGH and 2 * odd >= len(near) and (best is None or odd > best[0]):
            marked = [one for one in near if one[2]]
            best = odd, marked[0][0], marked[-1][1]
    if best is None:
        return None
    count, start, end = best
    part = line[start:end]
    unclosed = sum(abs(part.count(one) - part.count(other)) for one, other in _PAIRS) + part.count('"') % 2
    if unclosed < 2 and (count < 8 or unclosed < 1):
        return None
    if len(_ORDERED.findall(line)) > 1:
        return None
    return Tail(start, end, min(0.95, 0.5 + 0.07 * count))


def _may_hold(line: str) -> bool:
    """Whether a line can hold enough strange stretches: a quick look that may say yes too often."""
    tokens = line.split()
    if len(tokens) < _ENOUGH:
        return False
    if sum([not _is_plain(token) for token in tokens]) >= _ENOUGH:
        return True
    return _INSIDE.search(line) is not None or _UNSPEAKABLE.search(line) is not None


def _is_plain(token: str) -> bool:
    """Whether a stretch is a word, or one with a sign or a digit behind it."""
    return token.isalpha() or (token[:-1].isalpha() and token[-1] != "\\")


def _strange(token: str) -> bool:
    """Whether a stretch without spaces looks like nothing a person writes."""
    if token.isalpha():
        return _is_unspeakable(token)
    if _is_plain(token):
        return _CAPITAL.search(token) is not None or _is_unspeakable(token)
    if _GLUED.search(token) or _STRANGE.search(token):
        return True
    if _CAPITAL.search(token) and not token.isalpha():
        return True
    if any(_unusual(heap) for heap in _HEAP.findall(token)):
        return True
    return _is_unspeakable(token)


def _is_unspeakable(token: str) -> bool:
    return token.islower() and _UNSPEAKABLE.search(token) is not None


def _unusual(heap: str) -> bool:
    """Whether signs in a heap are more than the end or the beginning of something, or one of the usual forms."""
    return len(set(heap)) > 1 and heap not in _USUAL and not _CLOSING.fullmatch(heap)
