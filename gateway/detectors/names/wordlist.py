"""Lists of words and phrases that are written as one text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a text that blanks part."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """Return the phrases of a text that commas part."""
    return frozenset(text.split(","))
