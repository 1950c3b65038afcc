"""Cuts a long text into stretches of whole clauses, so that what one of them asks is not lost among the others."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 64
"""Characters of a stretch: a few clauses."""
_SHORTEST: Final = 6
"""What is shorter at the end says nothing."""
_CLAUSE: Final = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]|[^。！？；!?;\n]+")


def stretches(text: str) -> list[str]:
    """Return stretches of a folded text, in order: as many clauses as fit, a longer one cut; the work is linear.

    Args:
        text: Longer than ``LONGEST`` characters.
    """
    found: list[str] = []
    now = ""
    for clause in _CLAUSE.findall(text):
        if now and len(now) + len(clause) > LONGEST:
            found.append(now)
            now = ""
        now += clause
        while len(now) > LONGEST:
            found.append(now[:LONGEST])
            now = now[LONGEST:]
    return [*found, now] if len(now) >= _SHORTEST else found
