"""XML read with the byte offsets of its elements, so that one can be changed and all else stays byte for byte.

Documents with a DOCTYPE are refused: none of our formats has one, and entities are how XML bombs are built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

_TAG: Final = re.compile(rb"""<(?:"[^"]*"|'[^']*'|[^"'>])*>""")
_DECLARED: Final = re.compile(rb"""\A\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class Element(NamedTuple):
    """An element and where it stands.

    Attributes:
        name: ``namespace name``, or just the name where it has no namespace.
        attributes: By the same kind of name.
        text: All text inside of it.
        start: Where its start tag begins.
        inside: Where its start tag ends.
        close: Where its end tag begins; equals ``inside`` for an empty-element tag.
        end: Where its end tag ends.
    """

    name: str
    attributes: Mapping[str, str]
    text: str
    start: int
    inside: int
    close: int
    end: int

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]


def elements(xml: bytes) -> list[Element]:
    """Return every element in the order of their end tags; raises ``ValueError`` where it is no sound XML in UTF-8."""
    declared = _DECLARED.match(xml)
    if xml[:2] in (b"\xfe\xff", b"\xff\xfe") or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
        raise ValueError("is not in UTF-8")
    found: list[Element] = []
    stack: list[tuple[str, Mapping[str, str], int, list[str]]] = []
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def start(name: str, attributes: Mapping[str, str]) -> None:
        stack.append((name, dict(attributes), parser.CurrentByteIndex, []))
        if len(stack) > 200:
            raise ValueError("is nested too deep")

    def end(name: str) -> None:
        del name
        name_, attributes, begin, text = stack.pop()
        tag = _TAG.match(xml, begin)
        inside = tag.end() if tag else begin
        # For an empty-element tag the parser stands behind it, where another tag may begin.
        whole = xml[inside - 2 : inside] == b"/>"
        close = inside if whole else parser.CurrentByteIndex
        last = inside if whole else xml.find(b">", close) + 1
        said = "".join(text)
        if stack:
            stack[-1][3].append(said)
        found.append(Element(name_, attributes, said, begin, inside, close, last))

    def words(text: str) -> None:
        if stack:
            stack[-1][3].append(text)

    def doctype(*_: object) -> None:
        raise ValueError("has a DOCTYPE")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = words, doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise ValueError(f"is broken: {expat.errors.messages.get(error.code, 'no XML')}") from None
    return found


def tag_text(text: str) -> bytes:
    """Return ``text`` as it stands between tags."""
    return escape(text).encode()


def attribute_spans(xml: bytes, element: Element, local: str) -> list[tuple[int, int]]:
    """Return where in ``element``'s start tag the attributes with that local name stand, with the space before them."""
    pattern = rb"""\s+(?:[\w.-]+:)?%s\s*=\s*(?:"[^"]*"|'[^']*')""" % re.escape(local.encode())
    return [match.span() for match in re.finditer(pattern, xml[: element.inside]) if match.start() > element.start]


def without(xml: bytes, spans: list[tuple[int, int]]) -> bytes:
    """Return ``xml`` without the bytes of ``spans``."""
    kept, place = [], 0
    for start, end in sorted(spans):
        if start >= place:
            kept.append(xml[place:start])
            place = end
    return b"".join([*kept, xml[place:]])
