"""What follows the street of an address.

Mutants killed: a town needs nothing behind it; a year is a postcode; a word that begins a sentence is a town; lines are
joined without end; a country needs no comma; a postcode with letters is told by any letters.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.reader import Reader
from gateway.detectors.names.street.tail import CODE, FLAT, NOTHING, STATE, TOWN, read_tail


def tail(text: str) -> tuple[str, int]:
    read = read_tail(Reader(text, final=True), 0)
    return text[: read.end], read.weight


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        (", Dayton, OH 45402", CODE),
        (", Dayton OH 45402-1234", CODE),
        (" Dayton, OH 45402, USA", CODE),
        ("\nDayton, OH 45402\nUSA", CODE),
        (", dayton, oh 45402", CODE),
        (", los angeles ca 90028", CODE),
        (", Leeds LS2 7JH", CODE),
        (", hull hu5 2aa", CODE),
        (" Leeds LS2 7JH", CODE),
        (", LS2 7JH", CODE),
        (", Little Barford, Bedfordshire, MK19 6QT", CODE),
        (", Limerick, V94 X2R8, Ireland", CODE),
        (", Toronto, ON M5J 2S2", CODE),
        (", Sydney NSW 2000", CODE),
        (", Hyderabad - 500034", CODE),
        (", 10117 Berlin", CODE),
        (", CH-8001 Zürich", CODE),
        (", 1016 EX Amsterdam", CODE),
        (", 211 42 Malmö, Sweden", CODE),
        (", 00-514 Warszawa", CODE),
        (", 1100-241 Lisboa", CODE),
        (", São Paulo - SP, 01310-200", CODE),
        (", FPO AE 09865", CODE),
        (", Apt 3\nWaco, TX 76710", CODE),
        ("\n> Apt 3\n> Waco, TX 76710", CODE),
        (", Sandton, 2196", CODE),
        (", Miami, FL", STATE),
        (", Cleveland, Ohio", STATE),
        (", Trondheim, Norway", STATE),
        (", New Zealand", STATE),
        (" Suite 215 Nungatta Australia", STATE),
        (", Apt. 4B", FLAT),
        (" #4", FLAT),
        ("\nSuite 9", FLAT),
        (", 4th Fl., Waco", FLAT),
        (", London", TOWN),
        (", Tsim Sha Tsui", TOWN),
        (", St. Louis", TOWN),
        (", Stoke-on-Trent", TOWN),
    ],
)
def test_what_follows_is_read_to_its_end(text: str, weight: int) -> None:
    assert tail(text) == (text, weight)
    assert tail(f"{text}.") == (text, weight)


@pytest.mark.parametrize(
    ("text", "whole", "weight"),
    [
        (", London is nice", ", London", TOWN),
        (", London said", "", NOTHING),
        (", John said", "", NOTHING),
        (", He left", "", NOTHING),
        (", Please come", "", NOTHING),
        (", and", "", NOTHING),
        ("\nLondon", "", NOTHING),
        ("\nDear John,", "", NOTHING),
        ("\n\n\nWaco, TX 76710", "", NOTHING),
        (" London", "", NOTHING),
        (" in 1999", "", NOTHING),
        (", 1999", "", NOTHING),
        (", 1999 Paris", "", NOTHING),
        (", Waco 1999", "", NOTHING),
        (", Apt is", "", NOTHING),
        (", History of Ohio", ", History of Ohio", TOWN),
        (", Apt 1, Apt 2, Apt 3", ", Apt 1, Apt 2", FLAT),
        (", A. B.", "", NOTHING),
        ("", "", NOTHING),
        (". London", "", NOTHING),
    ],
)
def test_what_does_not_belong_is_left(text: str, whole: str, weight: int) -> None:
    assert tail(text) == (whole, weight)


@pytest.mark.parametrize(
    ("text", "cut"),
    [(", Dayt", True), (", Dayton, O", True), (", Dayton. ", False), ("。", False), (", ", True), (" and so", False)],
)
def test_what_may_go_on_is_told(text: str, cut: bool) -> None:
    words = Reader(text, final=False)
    read_tail(words, 0)
    assert words.cut is cut
