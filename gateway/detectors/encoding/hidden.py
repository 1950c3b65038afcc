"""Reads what nobody sees: invisible tags and variation selectors that spell, and text that is shown from its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gateway.detectors.encoding import decode
from gateway.ports import Piece
from gateway.text import HIDDEN, TextView

_SPELLED: Final = re.compile(r"[^\n]{1,4096}")
_LEAST: Final = 4
_OVERRIDE: Final = "\u202e"
_SHOWN: Final = re.compile("\u202e([^\u202c\u202d\u202e\n]{6,4096})")
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{6,4096}")


def spelled(view: TextView) -> tuple[list[Piece], int]:
    """Find what invisible characters spell in ASCII; returns from where on later text may change it, too."""
    # Nobody sees what spells in secret.
    seen = view.seen(HIDDEN) if view.folded.starts is not None else None
    if seen is None or not seen.text:
        return [], len(view.text)
    size = len(seen.text)
    pieces: list[Piece] = []
    still_open = len(view.text)
    for match in _SPELLED.finditer(seen.text):
        if match.end() == size and not view.final:
            still_open = seen.offset(match.start())
        elif match.start() >= seen.start and len(match.group()) >= _LEAST:
            pieces.append(Piece(*seen.span(*match.span()), match.group(), "tags"))
    return pieces, still_open


def unseen(text: str) -> Iterator[Piece]:
    """Yield what variation selectors say byte by byte, and what an override shows from its end.

    Args:
        text: All of it.
    """
    for match in _SELECTORS.finditer(text):
        said = decode.selectors(match.group())
        if said is not None:
            yield Piece(*match.span(), said, "selectors")
    if _OVERRIDE in text:
        for match in _SHOWN.finditer(text):
            yield Piece(*match.span(1), decode.reversed_text(match[1]), "right to left")
