"""Splits Chinese and English text into sentences, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_END: Final = re.compile(
    r"[。！？；…]+[”’」』）)\"']*"  # what ends a Chinese sentence ends one anywhere
    r"|[!?]+[\"')]*(?=\s|$|[\u3400-\u9fff])"
    r"|(?<=[^\s.\d])\.[\"')]*(?=\s+[\"'(]?[A-Z\u3400-\u9fff]|\s*$)"
    r"|(?<=\d)\.(?=\s+[A-Z])"
    r"|\n+"
)
_ABBREVIATED: Final = re.compile(
    r"(?:^|[^A-Za-z])(?:Mr|Mrs|Ms|Dr|St|vs|etc|[ap]\.m|e\.g|i\.e|approx|Inc|Ltd|Co|Art|Sec|Fig|No|[A-Z])$"
)


class Sentence(NamedTuple):
    """A sentence of a text; ``text[start:end]`` is what it says, with the signs that end it."""

    start: int
    end: int
    text: str


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in their order, without the space around them; none is empty."""
    start = 0
    for match in _END.finditer(text):
        if match[0].startswith(".") and _ABBREVIATED.search(text, max(start, match.start() - 12), match.start()):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(sign.isalnum() for sign in text[start:end]):
        yield Sentence(start, end, text[start:end])
