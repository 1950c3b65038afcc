"""Cuts documents into passages: whole sentences, never across a heading, about as long as an answer needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.knowledge.document import Document, Section
from gateway.knowledge.sentences import Sentence, sentences

LENGTH: Final = 360
"""Length of a passage at most, in Chinese characters; other characters count a third."""

OVERLAP: Final = 60
"""The last sentence of a passage begins the next one, too, if it is no longer than this."""

_WIDE: Final = re.compile("[\u2e80-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document that is found, quoted and cited as one.

    Attributes:
        text: What it says, as it stands in the document.
        headings: The headings above it.
        place: Where it stands, for people.
        number: Its place among the document's passages, from 1.
    """

    text: str
    headings: tuple[str, ...]
    place: str
    number: int

    @property
    def searched(self) -> str:
        """The text with its headings, as it is searched."""
        return "\n".join([*self.headings, self.text])


def chunked(document: Document, length: int = LENGTH, overlap: int = OVERLAP) -> tuple[Passage, ...]:
    """Cut a document into passages; short neighbours under the same headings are joined."""
    passages: list[Passage] = []
    for section in _joined(document.sections, length):
        for text in _pieces(section.text, length, overlap):
            passages.append(Passage(text, section.headings, section.place, len(passages) + 1))
    return tuple(passages)


def weight(text: str) -> float:
    """Return the length of a text in Chinese characters; other characters count a third."""
    wide = sum(map(len, _WIDE.findall(text)))
    return wide + (len(text) - wide) / 3


def _joined(sections: Sequence[Section], length: int) -> Iterator[Section]:
    """Join neighbours without headings of their own: the paragraphs of a plain text, never rows of a table."""
    held: Section | None = None
    for section in sections:
        same = held is not None and (held.headings, held.place) == (section.headings, section.place)
        if held is not None and same and weight(held.text) + weight(section.text) <= length:
            held = Section(f"{held.text}\n{section.text}", held.headings, held.place)
            continue
        if held is not None:
            yield held
        held = section
    if held is not None:
        yield held


def _pieces(text: str, length: int, overlap: int) -> Iterator[str]:
    parts = [part for sentence in sentences(text) for part in _short(sentence, text, length)]
    begun = 0
    for at, part in enumerate(parts):
        if at > begun and weight(text[parts[begun].start : part.end]) > length:
            yield text[parts[begun].start : parts[at - 1].end].strip()
            last = parts[at - 1]
            again = at - 1 > begun and weight(last.text) <= overlap
            begun = at - 1 if again and weight(text[last.start : part.end]) <= length else at
    if parts:
        yield text[parts[begun].start : parts[-1].end].strip()


def _short(sentence: Sentence, text: str, length: int) -> Iterator[Sentence]:
    """Cut a sentence that is longer than a passage may be: at a comma or space, or anywhere if there is none."""
    start = sentence.start
    while weight(text[start : min(sentence.end, start + 3 * length + 3)]) > length:  # no more can fit into a passage
        end = start + length
        while end < sentence.end and weight(text[start : end + length // 8]) <= length:
            end += length // 8
        edge = max(text.rfind(sign, start + length // 2, end) for sign in "，,、 ")
        end = edge + 1 if edge > 0 else end
        yield Sentence(start, end, text[start:end])
        start = end
    if start < sentence.end:
        yield Sentence(start, sentence.end, text[start : sentence.end])
