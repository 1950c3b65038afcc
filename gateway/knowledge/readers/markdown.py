"""Reads Markdown: headings make sections; code, quotes, lists and tables are text."""

from __future__ import annotations

from gateway.knowledge.document import Section
from gateway.knowledge.outline import Outline
from gateway.knowledge.readers.plain import decoded


def read(data: bytes) -> tuple[str, tuple[Section, ...]]:
    """Return the first heading of the first level as the title, and a section for each heading."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only where Markdown is read

    text = decoded(data)
    if text.startswith("---\n") and (end := text.find("\n---", 4)) > 0:
        text = text[end + 4 :]  # front matter
    outline, heading = Outline(), 0
    row: list[str] | None = None
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type == "heading_close":
            heading = 0
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            outline.text(" | ".join(row or ()))
            row = None
        elif token.type in ("fence", "code_block"):
            outline.text(token.content)
        elif token.type == "inline":
            breaks = ("softbreak", "hardbreak")
            plain = "".join("\n" if child.type in breaks else child.content for child in token.children or ())
            if heading:
                outline.heading(heading, plain)
            elif row is not None:
                row.append(plain)
            else:
                outline.text(plain)
    return outline.title, outline.sections()
