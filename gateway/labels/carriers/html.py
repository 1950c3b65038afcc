"""The label in HTML: ``<meta name="AIGC" content=…>`` in the head; our convention, seen with one application.

Guide TC260-PG-20258A has a section on HTML that we have not seen: the place is of confidence L.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from gateway.labels.carrier import Field, Reading, refuse
from gateway.labels.carriers.stream import size_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import Confidence, is_like_a_label
from gateway.labels.traces import visible

LARGEST: Final = 64 << 20
_EDGE: Final = 8192
_NAME: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*")
_STOP: Final = re.compile(r"""["'>]""")
_RAW: Final = ("script", "style", "title", "textarea")
_MARKUP: Final = re.compile(r"<[^<>]*>")
# An attribute begins where a word begins: without that, a long word would be tried from each of its letters.
_ATTRIBUTE: Final = re.compile(r"""(?<![^\s"'=<>/])([^\s"'=<>/]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]++))""")


class Tag(NamedTuple):
    """A tag outside of comments and scripts: its name in lower case, ``/`` before it if it closes, and its place."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Html:
    """HTML; the place is our convention."""

    name: str = "html"
    suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml")
    guide: str = "our convention"
    confidence: Confidence = "L"
    place: str = '<meta name="AIGC"> in the head'

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with a doctype or the root element."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:14].lower()
        return start.startswith((b"<!doctype html", b"<html"))

    def read(self, source: BinaryIO) -> Reading:
        """Look into the meta elements, and for visible labels at the beginning and end of the text."""
        try:
            page = _decoded(source)
        except ValueError as error:
            return Reading(faults=(str(error),))
        fields = [Field("meta", name, content, name == NAME) for _, _, name, content in _metas(page)]
        traces = (*visible(_words(page[:_EDGE])), *visible(_words(page[-_EDGE:])))
        return Reading(tuple(fields), tuple(dict.fromkeys(traces)))

    def write(self, source: BinaryIO, target: BinaryIO, label: AigcLabel) -> None:
        """Put a meta element at the beginning of the head; one that is a label is taken out."""
        try:
            page = _decoded(source)
        except ValueError as error:
            raise refuse(str(error)) from None
        for start, end, _, _ in reversed(_metas(page)):
            page = page[:start] + page[end:]
        content = html.escape(label.dump()).encode("ascii", "xmlcharrefreplace").decode("ascii")
        at = _head(page)
        target.write((page[:at] + f'<meta name="{NAME}" content="{content}">' + page[at:]).encode("latin-1"))


def _decoded(source: BinaryIO) -> str:
    """Return the page, one character for one byte: whatever its encoding, its tags are ASCII."""
    if size_of(source) > LARGEST:
        raise ValueError(f"a page of more than {LARGEST >> 20} MiB is not read")
    data = source.read()
    if b"\0" in data:
        raise ValueError("the page holds NUL bytes: it is binary, or in UTF-16")
    return data.decode("latin-1")


def _utf8(page: str) -> str:
    """Return the words of a page in UTF-8; to be done before character references are put in."""
    return page.encode("latin-1").decode("utf-8", "replace")


def _words(page: str) -> str:
    """Return the text of a piece of a page, a line for each element."""
    kept, place = [], 0
    for tag in _tags(page):
        if tag.start >= place:
            kept.append(page[place : tag.start])
        place = max(place, tag.end)
    return html.unescape(_utf8(_MARKUP.sub("\n", "\n".join([*kept, page[place:]]))))


def _tags(page: str) -> Iterator[Tag]:
    """Yield the tags; a comment, and what stands in a script or a title, is told as one tag without a name."""
    low = page.lower() if len(page.lower()) == len(page) else page
    place = 0
    while (start := page.find("<", place)) >= 0:
        if page.startswith("<!--", start):
            end = page.find("-->", start + 4)
            place = len(page) if end < 0 else end + 3
            yield Tag("", start, place)
            continue
        found = _NAME.match(page, start)
        if not found:
            place = start + 1
            continue
        end = _close(page, found.end())
        if end < 0:
            return
        name = found[0][1:].lower()
        yield Tag(name, start, end)
        place = end
        if name in _RAW:
            last = low.find(f"</{name}", end)
            place = len(page) if last < 0 else last
            yield Tag("", end, place)


def _close(page: str, place: int) -> int:
    """Return where a tag ends that begins before ``place``; -1 where it does not."""
    while (found := _STOP.search(page, place)) is not None:
        if found[0] == ">":
            return found.end()
        quote = page.find(found[0], found.end())
        if quote < 0:
            return -1
        place = quote + 1
    return -1


def _metas(page: str) -> list[tuple[int, int, str, str]]:
    """Return the meta elements that are a label or like one: where they stand, their name and content."""
    found = []
    for tag in _tags(page):
        if tag.name != "meta":
            continue
        attributes = {
            key.lower(): html.unescape(_utf8(double or single or bare))
            for key, double, single, bare in _ATTRIBUTE.findall(page[tag.start + 5 : tag.end])
        }
        name = attributes.get("name", attributes.get("property", ""))
        content = attributes.get("content", "")
        if NAME in name.upper() or is_like_a_label(content):
            found.append((tag.start, tag.end, name, content))
    return found


def _head(page: str) -> int:
    """Return where the head's content begins; before the body's where there is no head."""
    at = None
    for tag in _tags(page):
        if tag.name == "head":
            return tag.end
        if tag.name == "html" and at is None:
            at = tag.end
        if tag.name in ("body", "/html"):
            break
    if at is None:
        doctype = re.match(r"\s*(?:\xef\xbb\xbf)?\s*<!doctype[^>]*>", page, re.IGNORECASE)
        return doctype.end() if doctype else 0
    return at
