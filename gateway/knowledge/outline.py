"""Collects paragraphs under the headings that stand above them."""

from __future__ import annotations

from gateway.knowledge.document import Section


class Outline:
    """Takes headings and paragraphs in the order of the document, gives sections.

    Attributes:
        title: The first heading of the first level; empty if there is none.
    """

    def __init__(self) -> None:
        self.title = ""
        self._stack: list[tuple[int, str]] = []
        self._lines: list[str] = []
        self._sections: list[Section] = []

    def heading(self, level: int, text: str) -> None:
        """Begin a section below the headings of smaller levels."""
        words = " ".join(text.split())
        if not words:
            return
        self._close()
        if level == 1 and not self.title:
            self.title = words
        self._stack = [entry for entry in self._stack if entry[0] < level] + [(level, words)]

    def text(self, text: str) -> None:
        """Add a paragraph."""
        if stripped := text.strip():
            self._lines.append(stripped)

    def sections(self, place: str = "") -> tuple[Section, ...]:
        """Return the sections; a heading without text below it stands in those below it."""
        self._close(place)
        return tuple(self._sections)

    def _close(self, place: str = "") -> None:
        if self._lines:
            self._sections.append(Section("\n".join(self._lines), tuple(words for _, words in self._stack), place))
            self._lines = []
