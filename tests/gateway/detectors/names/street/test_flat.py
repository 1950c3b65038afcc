"""Flats, floors and buildings.

Mutants killed: a flat needs no number; any word may be one; a share or a time is the number of a flat.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.flat import read_flat
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
