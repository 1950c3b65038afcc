"""The label in an XMP packet (TC260-PG-20259A): ``TC260:AIGC``, added to what the packet says already."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

from gateway.labels.carrier import Field, Trace, refuse
from gateway.labels.carriers.markup import Element, attribute_spans, elements, tag_text, without
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import is_like_a_label

NAMESPACE: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ABOUT: Final = f"{_RDF} about"
_MADE: Final = "trainedAlgorithmicMedia"
_EMPTY: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()


class Packet(NamedTuple):
    """What a packet says that is of interest here."""

    fields: tuple[Field, ...]
    traces: tuple[Trace, ...]


def read(packet: bytes) -> Packet:
    """Return the labels and traces of a packet; raises ``ValueError`` that says what is wrong with it."""
    fields: list[Field] = []
    traces: list[Trace] = []
    for element in elements(_body(packet)):
        if NAME in element.local.upper() and element.text.strip():
            fields.append(Field("XMP", element.local, element.text.strip(), _is_ours(element.name)))
        elif is_like_a_label(element.text) and not _holds(element, packet):
            fields.append(Field("XMP", element.local, element.text.strip(), usual=False))
        for name, value in element.attributes.items():
            local = name.rpartition(" ")[2]
            if NAME in local.upper() or is_like_a_label(value):
                fields.append(Field("XMP", local, value, _is_ours(name)))
            elif _MADE in value:
                traces.append(Trace("source-type", f"XMP {local}: {_MADE}"))
        if element.local == "DigitalSourceType" and _MADE in element.text:
            traces.append(Trace("source-type", f"XMP DigitalSourceType: {_MADE}"))
        if element.local == "CreatorTool" and (name := generator(element.text)):
            traces.append(Trace("generator", f"XMP CreatorTool: {name}"))
    return Packet(tuple(fields), tuple(dict.fromkeys(traces)))


def write(packet: bytes | None, label: AigcLabel | None) -> bytes:
    """Return the packet with ``label`` as its only label (with None: with none); all else byte for byte.

    Raises:
        LabelError: The packet is broken, so that nothing can be added without a loss.
    """
    old = _EMPTY if packet is None else packet
    try:
        body = _body(old)
        spans = [span for element in elements(body) for span in _spans(body, element)]
        body = without(body, spans)
        # What is left of a description that said nothing else is cleared away too.
        body = without(body, [(one.start, one.end) for one in elements(body) if spans and _is_bare(body, one)])
        found = elements(body)
    except ValueError as error:
        raise refuse(f"its XMP packet {error}") from None
    if label is None:
        return body
    root = next((element for element in found if element.name == f"{_RDF} RDF"), None)
    if root is None:
        raise refuse("its XMP packet has no rdf:RDF")
    about = next((element.attributes[_ABOUT] for element in found if _ABOUT in element.attributes), "")
    prefix = re.match(rb"<([\w.-]+:)?RDF", body[root.start : root.inside])
    name = (prefix[1] or b"") if prefix else b""
    # An attribute has no default namespace: where RDF is the default one, bind a prefix of our own.
    bound = name or b"rdf:"
    binding = b"" if name else b' xmlns:rdf="%s"' % _RDF.encode()
    item = b'<%sDescription%s %sabout=%s xmlns:TC260="%s"><TC260:AIGC>%s</TC260:AIGC></%sDescription>' % (
        bound,
        binding,
        bound,
        quoteattr(about).encode(),
        NAMESPACE.encode(),
        tag_text(label.dump()),
        bound,
    )
    if root.close == root.inside and root.end == root.inside and body[root.inside - 2 : root.inside] == b"/>":
        return body[: root.inside - 2] + b">" + item + b"</%sRDF>" % name + body[root.inside :]
    return body[: root.close] + item + body[root.close :]


def trimmed(packet: bytes) -> bytes:
    """Return the packet without the blank space that is kept for changes before its end."""
    return re.sub(rb"\s+(<\?xpacket end=[^>]*>)\s*\Z", rb"\1", packet)


def generator(text: str) -> str:
    """Return the name of the generator that ``text`` (a software field) names, or nothing."""
    known = _GENERATORS.search(text)
    return known[0] if known else ""


_GENERATORS: Final = re.compile(
    r"(?i)stable[ -]?diffusion|midjourney|dall[·-]?e|comfyui|novelai|invokeai|adobe firefly|imagen|gpt-image"
    r"|豆包|即梦|通义万相|文心一格|可灵|海螺|混元|doubao|jimeng|hunyuan|hailuo|kling"
)


def _body(packet: bytes) -> bytes:
    """Return the packet without the NUL bytes that some writers leave at its end."""
    return packet.rstrip(b"\0")


def _is_ours(name: str) -> bool:
    return name == f"{NAMESPACE} {NAME}"


def _holds(element: Element, packet: bytes) -> bool:
    """Whether the label-like text stands in a child, which is told itself."""
    return b"<" in packet[element.inside : element.close]


def _is_bare(xml: bytes, element: Element) -> bool:
    """Whether an element is a description that says nothing."""
    return (
        element.name == f"{_RDF} Description"
        and not set(element.attributes) - {_ABOUT}
        and not xml[element.inside : element.close].strip()
    )


def _spans(xml: bytes, element: Element) -> list[tuple[int, int]]:
    """Return what of an element is a label."""
    if NAME in element.local.upper() or (is_like_a_label(element.text) and not _holds(element, xml)):
        return [(element.start, element.end)]
    names = [
        name
        for name, value in element.attributes.items()
        if NAME in name.rpartition(" ")[2].upper() or is_like_a_label(value)
    ]
    return [span for name in names for span in attribute_spans(xml, element, name.rpartition(" ")[2])]
