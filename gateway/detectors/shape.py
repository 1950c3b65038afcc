"""Reads a bounded regular expression and derives another that matches all it may still become."""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final, NamedTuple

from gateway.errors import PolicyError

_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_EDGES: Final = "say with `edges: digit` or `edges: word` what may not stand beside a match"
_REFUSED: Final = {
    op.AT: ("anchors (^, $, \\b and the like)", _EDGES),
    op.ASSERT: ("look-around", _EDGES),
    op.ASSERT_NOT: ("look-around", _EDGES),
    op.GROUPREF: ("references to groups", "write the text out"),
    op.GROUPREF_EXISTS: ("conditional groups", "write alternatives: (?:a|b)"),
    op.ATOMIC_GROUP: ("atomic groups", "a plain group does the same: matching never goes back"),
    op.POSSESSIVE_REPEAT: ("possessive repeats", "a plain repeat does the same: matching never goes back"),
}

_Item = tuple[Any, Any]


class Shape(NamedTuple):
    """A pattern in plain form.

    Attributes:
        pattern: The same language without captures, lazy repeats and flags.
        begun: Matches every text, the empty one included, that more text can make a match of
            ``pattern`` or a longer one.
        least: How many characters a match has at least.
        most: How many it has at most.
    """

    pattern: str
    begun: str
    least: int
    most: int


def read_shape(pattern: str) -> Shape:
    """Read a pattern.

    Raises:
        PolicyError: It is not a regular expression of bounded width that says something.
    """
    try:
        items = parser.parse(pattern, re.ASCII)
        least, most = items.getwidth()
        if items.state.flags & ~(re.ASCII | re.IGNORECASE):
            raise PolicyError("the pattern sets flags", None, "leave them out; case is ignored anyway")
        plain = _write(items)
        begun = _begun(items)
    except (re.error, OverflowError, ValueError) as error:
        reason = error.msg if isinstance(error, re.error) else "a number or a flag in it is out of range"
        raise PolicyError(f"the pattern is not a regular expression: {reason}", None, "mend it") from None
    except RecursionError:
        raise PolicyError(
            "the pattern is nested too deeply", None, "write it flatter, or as several patterns"
        ) from None
    if least == 0 or begun is None:
        raise PolicyError("the pattern matches the empty text", None, "make at least one part of it required")
    return Shape(plain, begun, least, most)


# --- The pattern in plain form -------------------------------------------------------------------


def _write(items: Sequence[_Item]) -> str:
    return "".join(_write_one(kind, value) for kind, value in items)


def _write_one(kind: Any, value: Any) -> str:
    written: str
    if kind is op.LITERAL:
        written = re.escape(chr(value))
    elif kind is op.NOT_LITERAL:
        written = f"[^{re.escape(chr(value))}]"
    elif kind is op.ANY:
        written = r"[^\n]"
    elif kind is op.IN:
        written = _write_class(value)
    elif kind is op.BRANCH:
        written = _either([_write(branch) for branch in value[1]])
    elif kind is op.SUBPATTERN:
        written = f"(?:{_write(_group(value))})"
    elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, most, items = _repeat(value)
        written = f"(?:{_write(items)}){{{least},{most}}}"
    else:
        what, hint = _REFUSED.get(kind, (f"{kind}", "write it another way"))
        raise PolicyError(f"the pattern uses {what}, which patterns here cannot have", None, hint)
    return written


def _write_class(items: Sequence[_Item]) -> str:
    written: list[str] = []
    for kind, value in items:
        if kind is op.NEGATE:
            written.append("^")
        elif kind is op.RANGE:
            written.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        elif kind is op.CATEGORY:
            written.append(_CATEGORIES[value])
        else:
            written.append(re.escape(chr(value)))
    return f"[{''.join(written)}]"


def _group(value: Any) -> Sequence[_Item]:
    _, added, removed, items = value
    if (added | removed) & ~re.IGNORECASE:
        raise PolicyError("a group of the pattern sets flags", None, "leave them out; case is ignored anyway")
    group: Sequence[_Item] = items
    return group


def _repeat(value: Any) -> tuple[int, int, Sequence[_Item]]:
    least, most, items = value
    if most is op.MAXREPEAT:
        raise PolicyError("the pattern has a repeat without an end", None, "write a bound, such as {1,64}")
    return int(least), int(most), items


def _either(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


# --- What it may still become ----------------------------------------------------------------------


def _begun(items: Sequence[_Item]) -> str | None:
    """Return a pattern for every beginning of a match that is not all of it; None if there is none."""
    begun: str | None = None
    for kind, value in reversed(items):
        ways = [] if begun is None else [_write_one(kind, value) + begun]
        inner = _begun_one(kind, value)
        if inner is not None:
            ways.append(inner)
        begun = _either(ways) if ways else None
    return begun


def _begun_one(kind: Any, value: Any) -> str | None:
    if kind is op.BRANCH:
        ways = [way for way in map(_begun, value[1]) if way is not None]
        return _either(ways) if ways else None
    if kind is op.SUBPATTERN:
        return _begun(_group(value))
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        _, most, items = _repeat(value)
        inner = _begun(items) if most else None
        if inner is None or most == 1:
            return inner
        return f"(?:{_write(items)}){{0,{most - 1}}}{inner}"
    return ""  # of one character, nothing is a beginning
