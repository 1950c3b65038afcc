"""Where an address may begin.

Mutants killed: a number without a word beside it is read; a word for a flat is looked for inside of others; a name
before a number is looked for without a sign that it is a street; what is cut off is found one word too late.
"""

from __future__ import annotations

import pytest

from gateway.detectors.names.street.starts import Start, Starts, goes_on, may_hold

STARTS = Starts()


def starts(text: str, *, final: bool = True) -> list[str]:
    return [text[start.at :] for start in STARTS.find(text, text.lower(), 0, final=final)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 12 Main Street", ["12 Main Street"]),
        ("at 9 main street", ["9 main street"]),
        ("at 12 rue de la Paix", ["12 rue de la Paix"]),
        ("at 27 Banksia, Perth", ["27 Banksia, Perth"]),
        ("the 12 Monkeys came", []),
        ("I have 3 dogs", []),
        ("in 2019 Anna said", []),
        ("on Kungsgatan 12", ["Kungsgatan 12"]),
        ("on Karl Johans gate 22", ["Karl Johans gate 22", "Johans gate 22"]),
        ("on Via Roma 131", ["Via Roma 131"]),
        ("on ul. Nowa 5", ["ul. Nowa 5"]),
        ("C/ Mayor 5", ["C/ Mayor 5"]),
        ("at Bygget 91 Apt. 3", ["Bygget 91 Apt. 3", "91 Apt. 3", "Apt. 3"]),
        ("at Jagerij 64, 2000 Antwerpen.", ["Jagerij 64, 2000 Antwerpen."]),
        ("at Bygget 91 now", []),
        ("my Flat 5, ok", ["Flat 5, ok"]),
        ("inflat 5, ok", []),
        ("a P.O. Box 12", ["P.O. Box 12"]),
        ("a Box 12", []),
        ("PSC 8 Box 2", ["PSC 8 Box 2", "8 Box 2"]),
        ("Rose Cottage, Mill Lane, MK19 6QT", ["Rose Cottage, Mill Lane, MK19 6QT"]),
        ("Rose Cottage, Mill Lane", []),
        ("address is here", ["here"]),
        ("ip address is here", []),
        ("第12章", []),
    ],
)
def test_only_where_an_address_may_begin_is_looked_at_closely(text: str, expected: list[str]) -> None:
    assert starts(text) == expected


def test_what_words_announce_is_told() -> None:
    text = "address: Jahu 80"
    assert STARTS.find(text, text.lower(), 0, final=True) == [Start(9, True)]
    assert STARTS.find(text, text.lower(), 9, final=True) == [Start(9, True)]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("I moved to 12", "12"),
        ("I moved to 12 main", "12 main"),
        ("I am at Kungs", "Kungs"),
        ("I am at Karl Johans gate", "Karl Johans gate"),
        ("I am at Karl Johans gate 2", "Karl Johans gate 2"),
        ("write to p.o. b", "p.o. b"),
        ("an apt", "apt"),
        ("on ul. No", "ul. No"),
        ("USNS Kestrel\nFP", "USNS Kestrel\nFP"),
        ("I moved to 12 dogs and cats and", ""),
        ("I moved.", ""),
        ("我搬到了", ""),
        ("", ""),
    ],
)
def test_what_the_end_cuts_off_is_held(text: str, cut: str) -> None:
    assert text[STARTS.cut(text, 0) :] == cut


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("at 12 main", True),
        ("kungsgatan 12", True),
        ("flat #5", True),
        ("mill lane, mk19 6qt", True),
        ("v94 x2r8", True),
        ("买了3台，花了25,000元", False),
        ("gpt-4 和 sf1234567", False),
        ("no number", False),
    ],
)
def test_a_text_without_a_number_by_a_word_holds_none(text: str, may: bool) -> None:
    assert may_hold(text, 0) is may


def test_an_end_that_an_address_can_hold_goes_on() -> None:
    assert all(goes_on(text) for text in ("12 Main", "12 Main, ", "é"))
    assert not any(goes_on(text) for text in ("见。", "12!", ""))
