"""XML is read with the places of its elements, to the byte."""

from __future__ import annotations

import pytest

from gateway.labels.carriers.markup import attribute_spans, elements, tag_text, without

XML = '<?xml version="1.0"?>\n<a x="1>2"><b>题 &amp; <c/></b><d  y=\'"\'  /></a>\n'.encode()


def test_every_element_knows_where_it_stands() -> None:
    found = {element.name: element for element in elements(XML)}
    assert XML[found["b"].start : found["b"].end] == "<b>题 &amp; <c/></b>".encode()
    assert XML[found["b"].inside : found["b"].close] == "题 &amp; <c/>".encode()
    assert XML[found["c"].start : found["c"].end] == b"<c/>"
    assert XML[found["d"].start : found["d"].end] == b"<d  y='\"'  />"
    assert XML[found["a"].start : found["a"].inside] == b'<a x="1>2">'
    assert found["b"].text == found["a"].text == "题 & "


def test_names_carry_their_namespace() -> None:
    (inner, _) = elements(b'<a:b xmlns:a="urn:x" a:c="1"><a:d/></a:b>')
    assert (inner.name, inner.local) == ("urn:x d", "d")


def test_an_attribute_is_found_in_its_own_tag_only() -> None:
    xml = b'<a p:y="0"><b p:y="1" z="2"/></a>'.replace(b"<a", b'<a xmlns:p="u"')
    inner = elements(xml)[0]
    (span,) = attribute_spans(xml, inner, "y")
    assert xml[slice(*span)] == b' p:y="1"'
    assert without(xml, [span]) == xml.replace(b' p:y="1"', b"")


def test_spans_that_overlap_are_taken_out_once() -> None:
    assert without(b"0123456789", [(2, 5), (3, 4), (8, 9)]) == b"015679"


def test_words_are_escaped_for_their_place() -> None:
    assert tag_text('a<b>&"题') == 'a&lt;b&gt;&amp;"题'.encode()


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a></b>", b"words", b"<a>\xff</a>"])
def test_what_is_no_xml_is_told(xml: bytes) -> None:
    with pytest.raises(ValueError, match="is broken"):
        elements(xml)
