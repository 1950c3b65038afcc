"""An XMP packet gets one label and keeps every other byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, OTHER

from gateway.errors import LabelError
from gateway.labels.carriers import xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TC260 = 'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'


def packet(*descriptions: str, head: str = "") -> bytes:
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{head}<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}">{"".join(descriptions)}</rdf:RDF></x:xmpmeta>{" " * 50}<?xpacket end="w"?>'
    ).encode()


def fields(data: bytes) -> list[tuple[str, str, bool]]:
    return [(one.name, one.text, one.usual) for one in xmp.read(data).fields]


JSON = LABEL.dump()
ESCAPED = JSON.replace('"', "&quot;")


@pytest.mark.parametrize(
    "description",
    [
        f'<rdf:Description rdf:about="" {TC260}><TC260:AIGC>{JSON}</TC260:AIGC></rdf:Description>',
        f'<rdf:Description rdf:about="" {TC260} TC260:AIGC="{ESCAPED}"/>',
        f"<rdf:Description {TC260} TC260:AIGC='{JSON}' />",
        f"<rdf:Description {TC260}><TC260:AIGC><![CDATA[{JSON}]]></TC260:AIGC></rdf:Description>",
        f"<rdf:Description {TC260.replace('TC260=', 'q=')}><q:AIGC>\n {JSON}\n</q:AIGC></rdf:Description>",
    ],
)
def test_every_way_to_write_the_element_is_read_and_replaced(description: str) -> None:
    data = packet(description)
    assert fields(data) == [("AIGC", JSON, True)]
    after = xmp.write(data, OTHER)
    assert fields(after) == [("AIGC", OTHER.dump(), True)]
    assert xmp.read(xmp.write(data, None)).fields == ()


@pytest.mark.parametrize(
    ("description", "name"),
    [
        (f'<rdf:Description xmlns:a="urn:a" a:AIGC="{ESCAPED}"/>', "AIGC"),
        (f'<rdf:Description xmlns:a="urn:a"><a:aigc>{JSON}</a:aigc></rdf:Description>', "aigc"),
        (f'<rdf:Description xmlns:a="urn:a"><a:note>{JSON}</a:note></rdf:Description>', "note"),
        (f'<rdf:Description xmlns:a="urn:a" a:note="{ESCAPED}"/>', "note"),
    ],
)
def test_a_label_in_an_unusual_place_is_found_and_told_so(description: str, name: str) -> None:
    assert fields(packet(description)) == [(name, JSON, False)]
    assert fields(xmp.write(packet(description), OTHER)) == [("AIGC", OTHER.dump(), True)]


def test_all_else_stays_byte_for_byte() -> None:
    mine = f'<rdf:Description rdf:about="u" {TC260}><TC260:AIGC>{JSON}</TC260:AIGC></rdf:Description>'
    theirs = (
        '<!-- 注 --><rdf:Description rdf:about="u" xmlns:a="urn:a" a:b="&lt;题>"><a:c>1 &amp; 2</a:c></rdf:Description>'
    )
    before = packet(theirs, mine)
    after = xmp.write(before, OTHER)
    start, end = before.index(theirs.encode()), before.index(theirs.encode()) + len(theirs.encode())
    assert after[:end] == before[:end]
    assert after.endswith(before[before.index(b"</rdf:RDF>") :])
    assert start > 0
    assert xmp.write(after, LABEL) == before.replace(mine.encode(), after_item(before))


def after_item(before: bytes) -> bytes:
    """The description as this module writes it, for the subject ``u``."""
    written = xmp.write(xmp.write(before, None), LABEL)
    return written[written.rindex(b"<rdf:Description") : written.index(b"</rdf:RDF>")]


@pytest.mark.parametrize(
    "data",
    [
        f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode(),
        f'<RDF xmlns="{RDF}"/>'.encode(),
        f'<RDF xmlns="{RDF}"></RDF>'.encode(),
        f'<rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF>\0\0\0'.encode(),
    ],
)
def test_packets_of_few_words_do_too(data: bytes) -> None:
    assert fields(xmp.write(data, LABEL)) == [("AIGC", JSON, True)]


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packet(head=BOMB), "DOCTYPE"),
        (packet()[:-90], "broken"),
        (b"", "broken"),
        (packet().decode().encode("utf-16"), "UTF-8"),
        (b'<?xml version="1.0" encoding="GBK"?><a/>', "UTF-8"),
        (packet("<rdf:Description>" * 300 + "</rdf:Description>" * 300), "too deep"),
        (packet("<a:b/>"), "broken"),
    ],
)
def test_what_is_no_sound_packet_is_told_and_not_written(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        xmp.read(data)
    with pytest.raises(LabelError, match=said):
        xmp.write(data, LABEL)


def test_a_packet_without_rdf_gets_no_label() -> None:
    with pytest.raises(LabelError, match="no rdf:RDF"):
        xmp.write(b"<a/>", LABEL)


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        (
            '<rdf:Description xmlns:I="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" I:DigitalSourceType='
            '"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>',
            ["source-type"],
        ),
        (
            '<rdf:Description xmlns:x="urn:x"><x:CreatorTool>Midjourney 7</x:CreatorTool></rdf:Description>',
            ["generator"],
        ),
        ('<rdf:Description xmlns:x="urn:x"><x:CreatorTool>GIMP</x:CreatorTool></rdf:Description>', []),
    ],
)
def test_other_signs_of_ai_are_traces(description: str, kind: list[str]) -> None:
    assert [trace.kind for trace in xmp.read(packet(description)).traces] == kind


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1))
def test_any_words_in_a_label_come_back_as_they_were(words: str) -> None:
    from gateway.labels.metadata import AigcLabel
    from gateway.labels.rules import examine

    label = AigcLabel("1", words, words, "", words, words, "")
    (field,) = xmp.read(xmp.write(packet(), label)).fields
    assert examine(field.text).label == label


@given(st.binary() | st.text().map(str.encode))
def test_whatever_is_in_the_packet_there_is_an_answer(data: bytes) -> None:
    try:
        xmp.read(data)
    except ValueError as error:
        assert str(error)  # noqa: PT017
