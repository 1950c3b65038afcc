"""Reads HTML: headings make sections; scripts, styles and navigation are left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from gateway.knowledge.document import Section
from gateway.knowledge.outline import Outline
from gateway.knowledge.readers.plain import decoded

_SKIPPED: Final = frozenset(["script", "style", "nav", "template", "noscript", "svg", "head"])
_BLOCKS: Final = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "figcaption", "figure"}
    | {"footer", "form", "header", "hr", "li", "main", "ol", "p", "pre", "section", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"}
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*(gbk|gb2312|gb18030)", re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline, self.title = Outline(), ""
        self._words: list[str] = []
        self._skipped: list[str] = []
        self._heading = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See ``HTMLParser``."""
        del attrs
        if tag == "title":
            self._in_title = not self._skipped  # a picture inside the page may have one too
        elif tag in _SKIPPED and tag != "head":
            self._skipped.append(tag)
        elif tag in _HEADINGS:
            self.flush()
            self._heading = _HEADINGS[tag]
        elif tag in _BLOCKS:
            self._words.append(" | ") if tag in ("td", "th") and self._words else self.flush(cell=tag in ("td", "th"))

    def handle_endtag(self, tag: str) -> None:
        """See ``HTMLParser``."""
        if tag == "title":
            self._in_title = False
        elif tag in self._skipped:
            while self._skipped and self._skipped.pop() != tag:
                pass
        elif tag in _HEADINGS or (tag in _BLOCKS and tag not in ("td", "th")):
            self.flush()

    def handle_data(self, data: str) -> None:
        """See ``HTMLParser``."""
        if self._in_title:
            self.title += data
        elif not self._skipped:
            self._words.append(data)

    def flush(self, *, cell: bool = False) -> None:
        """End a paragraph or a heading."""
        if cell:
            return
        text = " ".join("".join(self._words).split())
        self._words = []
        if self._heading:
            self.outline.heading(self._heading, text)
            self._heading = 0
        else:
            self.outline.text(text.strip(" |"))


def read(data: bytes) -> tuple[str, tuple[Section, ...]]:
    """Return the page's title, and a section for each heading."""
    text = data.decode("gb18030", "replace") if _CHARSET.search(data[:2048]) else decoded(data)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.flush()
    return " ".join(reader.title.split()) or reader.outline.title, reader.outline.sections()
