"""Flats, floors and buildings.

Mutants killed: a flat needs no number; any word may be one; a share or a time is the number of a flat.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.flat import read_flat, read_numbered
from gateway.detectors.names.street.reader import Reader


def flat(text: str) -> str | None:
    end = read_flat(Reader(text, final=True), 0)
    return None if end is None else text[:end]


@pytest.mark.parametrize(
    "text",
    [
        *("Apt 4B", "Apt. 4B", "apt. #12", "Suite 4100", "Ste. A", "Flat No. 402", "flat 2b", "Unit #210", "Unit B-12"),
        *("Block A", "Tower B", "Rm 5", "Floor 3", "Lot 9", "H.No. 8-2-120", "h no 8", "#12", "#07-118", "2nd floor"),
        *("4th Fl.", "12/F", "Building 7", "Apt B12"),
    ],
)
def test_flats_have_a_word_and_a_number(text: str) -> None:
    assert flat(text) == text
    assert flat(f"{text}, Waco") == text


@pytest.mark.parametrize(
    "text",
    [
        *("Apt", "Apt is", "Apt here", "room a", "Flat 9%", "Room 5:30", "Unit Seven", "2 floor", "2nd place", "12/G"),
        *("# 12", "#a", "h 8", "House", "Street 5", "12", ",", ""),
    ],
)
def test_what_is_no_flat_is_none(text: str) -> None:
    assert flat(text) is None


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(("Lane 25", 7), ("Alley 3, Lane 4", 7), ("Section 2", 9), ("Sec. 2", 6), ("No. 18", 6), ("Number 7B", 9)),
        *(("Lane", None), ("Oak Lane 5", None), ("No", None), ("No.    5", None), ("Section A", None), ("5", None)),
        *(("Zone 9%", None), ("", None)),
    ],
)
def test_lanes_and_houses_that_a_number_alone_tells(text: str, end: int | None) -> None:
    assert read_numbered(Reader(text, final=True), 0) == end
