"""What stands before an address.

Mutants killed: the address of a machine announces; a price, a decimal or a score is the number of a house; a year is
told without the word before it; what counts something leads to a house.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.before import cue_end, is_led, is_part, leads_small, may_begin


@pytest.mark.parametrize(
    "text",
    [
        *("my address is ", "Address: ", "the address of our shop is ", "her addresses are: ", "shipping address\n"),
        *("he lives at ", "we are living at ", "she resides at ", "ship it to ", "please deliver the parcel to "),
        *("send my letters to: ", "a taxi to ", "drop me off at ", "meet me at ", "located at ", "Bill to: ".lower()),
        *("地址：", "地址是", "我住在", "寄到 "),
    ],
)
def test_words_lead_to_an_address(text: str) -> None:
    assert is_led(text.lower(), len(text))


@pytest.mark.parametrize(
    "text", ["ip address is ", "my e-mail address: ", "the keynote address, ", "address book ", "", "地址多，"]
)
def test_other_words_do_not(text: str) -> None:
    assert not is_led(text, len(text))


@pytest.mark.parametrize(
    ("text", "end"),
    [("address: 12", 9), ("address is 12", 11), ("lives at jahu", 9), ("ip address: 12", None), ("residing at: a", 13)],
)
def test_a_cue_says_where_an_address_begins(text: str, end: int | None) -> None:
    start = text.find("address") if "address" in text else 0
    assert cue_end(text, start) == end


@pytest.mark.parametrize(
    "text",
    ["$", "3.", "piano.", "3,", "12:", "3-", "COVID-", "€ ", "1/", "&#", "848 - ", "x=", "'", "a'"],
)
def test_a_number_may_be_part_of_another_thing(text: str) -> None:
    assert is_part(f"{text}12", len(text)) is (text != "'")


@pytest.mark.parametrize("text", ["", " ", "at ", "(", "No.", "Address:", "地址：", "a, ", "#", "\n", "1 - ", "住"])
def test_or_stand_by_itself(text: str) -> None:
    assert not is_part(f"{text}12", len(text))


@pytest.mark.parametrize(
    ("before", "number", "year", "sure", "placed"),
    [
        ("we met at ", "10", False, False, "led"),
        ("", "10", False, False, "open"),
        ("Cafe, ", "10", False, False, "open"),
        ("我去过", "10", False, False, "open"),
        ("I saw ", "10", False, True, "open"),
        ("I saw ", "10", False, False, None),
        ("chapter ", "10", False, True, None),
        ("Fig. ", "10", False, True, None),
        ("May ", "10", False, True, None),
        ("in ", "1999", True, True, None),
        ("in ", "10", False, True, "led"),
        ("at ", "1999", True, True, "led"),
        ("Windows ", "10", False, True, None),
        ("Museum ", "4410", False, True, "open"),
        ("Museum ", "1999", True, True, None),
        ("5 ", "10", False, True, None),
    ],
)
def test_the_word_before_says_whether_a_number_is_that_of_a_house(
    before: str, number: str, year: bool, sure: bool, placed: str | None
) -> None:
    assert may_begin(before + number, len(before), sure=sure, number=number, year=year) == placed


def test_a_small_word_leads_too() -> None:
    assert leads_small("i am at 9", 8)
    assert not leads_small("i hate 9", 7)
    assert not leads_small("that 9", 5)
