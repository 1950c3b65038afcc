"""What two writings of one value have in common: neither case, nor width, nor what stands between its characters."""

from __future__ import annotations

from typing import Final

from gateway.text import fold

BETWEEN: Final = frozenset(" \t\r\n\u3000-.·•_*~`")
"""What people and models put between the characters of a value: spaces, hyphens, dots, Markdown."""

_DROP: Final = {ord(character): None for character in BETWEEN}


def plain(text: str) -> str:
    """Return a text without what a model may change of it."""
    return fold(text).translate(_DROP)
