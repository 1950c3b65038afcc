"""Boxes for post.

Mutants killed: a box needs no number; full stops are not read; the post of ships and forces needs no code.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.box import read_box, read_forces
from gateway.detectors.names.street.reader import Reader


def box(text: str) -> str | None:
    words = Reader(text, final=True)
    end = read_box(words, words.at(0))
    return None if end is None else text[:end]


@pytest.mark.parametrize(
    "text",
    [
        *("PO Box 12", "P.O. Box 12", "P. O. Box 12", "p.o. box no. 12a", "P O Box #12", "GPO Box 14"),
        *("Post Office Box 7", "Private Bag 92019", "Private Bag X1", "Postfach 1208", "Postbus 5", "Postboks 5"),
        *("PSC 814 Box 22", "PSC 0413, Box 8144", "CMR 420 Box 6", "Unit 45013 Box 3344", "RR 2 Box 61", "HC 63 Box 1"),
        *("APO AP 96278", "FPO, AE, 09865-1234", "USNS Kestrel\nFPO AP 93757", "USS Sea Kestrel, FPO AP 93757"),
    ],
)
def test_boxes_have_a_name_and_a_number(text: str) -> None:
    assert box(text) == text
    assert box(f"{text}, Tulsa") == text


@pytest.mark.parametrize(
    "text",
    [
        *("PO Box", "PO Boxes 12", "P.O. arrived 12", "Box 12", "Post Office 12", "Private 12", "Postfach voll"),
        *("PSC 814", "Unit 12 is", "Unit Box 12", "RR Box", "APO 96278", "APO AP", "APO AP 9627", "USS Kestrel"),
        *("USS FPO AP 93757", "USS Kestrel\n\n\nFPO AP 93757", "RR 2 Box61"),
    ],
)
def test_what_is_no_box_is_none(text: str) -> None:
    assert box(text) is None


def test_the_post_of_forces_is_read_where_it_follows() -> None:
    words = Reader("Box 22, FPO AE 09865", final=True)
    assert read_forces(words, words.at(7)) == 20
    assert read_forces(words, words.at(0)) is None


@pytest.mark.parametrize(("text", "cut"), [("PO Box 1", True), ("PO Box 1.", False), ("APO AP 96278-", True)])
def test_a_box_that_may_go_on_is_told(text: str, cut: bool) -> None:
    words = Reader(text, final=False)
    read_box(words, words.at(0))
    assert words.cut is cut
