"""What a kind of personal data is: its shapes, the words that announce it, and what must be true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Said = Literal["own", "beside", "far", "other", ""]
"""What stands before a value: words that announce its kind and are tied to it (手机：, 手机号), that only stand
beside it (手机), or some words before it; words directly before it that name something else (an order number);
or none of these."""

ANNOUNCED: Final[frozenset[Said]] = frozenset(("own", "beside", "far"))
"""Words announce the kind, from however far."""

Check = Callable[[str, Said], float | None]
"""Says how sure it is, in (0, 1], that a text of the right shape is one; None if it is none."""

LIKELY: Final = 0.8
"""The right shape, announced, with nothing in it that could be checked."""

NEAR_MISS: Final = 0.4
"""What only a slip or a made-up value can be: real papers hold both."""

GAP: Final = "[ .·-]?"
"""What people write between groups of digits."""

_GAPS: Final = str.maketrans("", "", " .·-_()/")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of personal data.

    Attributes:
        risk: What to report.
        first: Characters, as in a set, that a value may begin with.
        shapes: Bounded regular expressions over folded text (small letters, half width), the longest
            first: the first that fits and passes ``check`` is taken. Digits and small letters may not
            stand directly before or after a value. Empty if only words before a value tell.
        check: What else must be true.
        labels: Words, folded, that announce a value; at most 32 characters before it.
        announced: More shapes, tried after those, but only where one of ``labels`` announces a value.
        edge: What must hold where a value ends, besides: a pattern that looks one character ahead at most.
        written_out: Whether it is a row of digits, found also when written 一三八… or 1 3 8 …
        plain: Whether it looks like any other number or word. Its labels announce only what stands right behind
            them, none of ``announced`` is tried further on; and what counts or measures something is none.
            ``check`` of a kind that is not plain is told "own" however far the words are.
        not_behind: Characters that a value never stands right behind.
        named: Whether words behind a value may name it too: 415 555 2671 (mobile), …-Fax.
        goes_on: Small letters that may stand directly behind a value all the same: the next label.
    """

    risk: str
    first: str
    shapes: tuple[str, ...]
    check: Check
    labels: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    edge: str = ""
    written_out: bool = False
    plain: bool = False
    not_behind: str = ""
    named: bool = False
    goes_on: tuple[str, ...] = ()


def compact(text: str) -> str:
    """Return a value without what people write between its groups."""
    return text.translate(_GAPS)


def when_announced(score: float = LIKELY) -> Check:
    """Return a check for what only the words before it can tell from any other number."""

    def check(text: str, said: Said) -> float | None:
        del text
        return score if said in ("own", "beside") else None

    return check
