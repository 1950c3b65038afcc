"""The line of an address that names a street.

Mutants killed: a saint is a kind of street; the first of two kinds in a row ends the name; a month, a count or a court
names a street; a side of a town is left out; a name with an ending needs no number; any word may stand before it.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.line import is_year, read_lane, read_line
from gateway.detectors.names.street.reader import Reader


def line(text: str) -> tuple[str, str, str] | None:
    read = read_line(Reader(text, final=True), 0)
    return None if read is None else (text[: read.end], read.sort, read.number)


@pytest.mark.parametrize(
    ("text", "whole", "sort", "number"),
    [
        ("12 Main Street, Bath", "12 Main Street", "street", "12"),
        ("12 Main St. now", "12 Main St.", "street", "12"),
        ("221B Baker Street", "221B Baker Street", "street", "221B"),
        ("12-14 High Rd", "12-14 High Rd", "street", "12"),
        ("123 1/2 Elm Ave", "123 1/2 Elm Ave", "street", "123"),
        ("6750 12 Elm Drive", "6750 12 Elm Drive", "street", "12"),
        ("9 St. John Street", "9 St. John Street", "street", "9"),
        ("9 Mount St. Mary's Road", "9 Mount St. Mary's Road", "street", "9"),
        ("18 Saddleback Ridge Court", "18 Saddleback Ridge Court", "vague", "18"),
        ("18 Ocean View Avenue", "18 Ocean View Avenue", "street", "18"),
        ("77 N Wacker Dr SE x", "77 N Wacker Dr SE", "street", "77"),
        ("1600 42nd Street West", "1600 42nd Street West", "street", "1600"),
        ("4 M.G. Road", "4 M.G. Road", "street", "4"),
        ("5 Avenue of the Americas", "5 Avenue of the Americas", "street", "5"),
        ("1 The Green", "1 The Green", "vague", "1"),
        ("8 Station Place", "8 Station Place", "vague", "8"),
        ("201 Broadway", "201 Broadway", "vague", "201"),
        ("2975 Highway 17 South", "2975 Highway 17 South", "vague", "2975"),
        ("4401 County Road 12", "4401 County Road 12", "street", "4401"),
        ("9 main street", "9 main street", "small", "9"),
        ("9 n. 5th ave", "9 n. 5th ave", "small", "9"),
        ("27 Banksia, Perth", "27 Banksia", "open", "27"),
        ("1, Endless Loop", "1, Endless Loop", "open", "1"),
        ("12 Mill Lane512", "12 Mill", "open", "12"),
        ("12 rue de la paix", "12 rue de la paix", "street", "12"),
        ("12, rue de la Paix", "12, rue de la Paix", "street", "12"),
        ("5 place Bellevue", "5 place Bellevue", "street", "5"),
        ("5 Place Bellevue", "5 Place Bellevue", "vague", "5"),
        ("28245 Puruntie 82", "28245 Puruntie 82", "vague", "28245"),
        ("Rue Augusta 100", "Rue Augusta 100", "street", "100"),
        ("Via dei Condotti nr. 8", "Via dei Condotti nr. 8", "street", "8"),
        ("C/ Mayor 5", "C/ Mayor 5", "street", "5"),
        ("ul. Nowy Świat 15/3", "ul. Nowy Świat 15/3", "street", "15"),
        ("Straße der Freiheit 3", "Straße der Freiheit 3", "street", "3"),
        ("Hauptstrasse 12a", "Hauptstrasse 12a", "street", "12a"),
        ("Alte Hauptstrasse 12", "Alte Hauptstrasse 12", "street", "12"),
        ("Mariahilfer Straße 88/12", "Mariahilfer Straße 88/12", "street", "88"),
        ("Karl Johans gate 22", "Karl Johans gate 22", "street", "22"),
        ("Király u. 15.", "Király u. 15.", "street", "15"),
        ("Storgate 5", "Storgate 5", "vague", "5"),
        ("Kungsgatan 1920", "Kungsgatan 1920", "vague", "1920"),
        ("Unter den Linden 77", "Unter den Linden 77", "open", "77"),
        ("Bygget 91", "Bygget 91", "open", "91"),
        ("PO Box 12", "PO Box 12", "box", ""),
        ("Ivy House, 3 Mill Road", "Ivy House, 3 Mill Road", "street", "3"),
        ("Ivy House\nHauptstrasse 5", "Ivy House\nHauptstrasse 5", "street", "5"),
        ("The Old Barn, Low Lane", "The Old Barn, Low Lane", "house", ""),
    ],
)
def test_lines_name_streets_in_many_ways(text: str, whole: str, sort: str, number: str) -> None:
    assert line(text) == (whole, sort, number)


@pytest.mark.parametrize(
    "text",
    [
        "12 May Street",
        "12 Hours Drive",
        "12 Points On The Road",
        "12 Supreme Court",
        "12 Hard Drive",
        "12 Robert B. Hill",
        "12 of the Road",
        "12 the road",
        "12 the Road",
        "12 road",
        "12 miles road",
        "12 st louis",
        "12 st. mary's",
        "12 via London",
        "12 Lane512",
        "12 State Highway",
        "In 12 Main Street",
        "1234567 Main Street",
        "12th Main Street",
        "1999 12 Main Street",
        "12 5, Main",
        "Hauptstrasse",
        "Hauptstrasse, he said",
        "Schmidt Hauptstrasse 12",
        "Please Hauptstrasse 12",
        "Gate 5",
        "Room 12",
        "March 12",
        "Set A 12",
        "Section Nine 12",
        "u. 15",
        "ul Nowy 5",
        "Rue",
        "Rue March 5",
        "Rose Cottage",
        "Rose Cottage, and",
        "House, Low Lane",
        "Please House, Low Lane",
        "and so on",
        ", 12",
        "",
    ],
)
def test_what_names_no_street_is_no_line(text: str) -> None:
    assert line(text) is None


@pytest.mark.parametrize(
    ("text", "cut"),
    [("12 Main", True), ("12 Main Street", True), ("12 Main Street.", False), ("12 Main x, ", False), ("Kung", True)],
)
def test_a_line_that_may_go_on_is_told(text: str, cut: bool) -> None:
    words = Reader(text, final=False)
    read_line(words, 0)
    assert words.cut is cut


def test_a_street_without_a_number_is_a_lane() -> None:
    assert read_lane(Reader("Queen Victoria Terrace, Parkes", final=True), 0)
    assert read_lane(Reader("Terrace", final=True), 0) is None
    assert read_lane(Reader("Queen of Terrace", final=True), 0) is None


@pytest.mark.parametrize(
    ("text", "year"), [("1999", True), ("2099", True), ("1499", False), ("2100", False), ("19a9", False)]
)
def test_four_digits_may_be_a_year(text: str, year: bool) -> None:
    assert is_year(text) is year
