"""Street addresses in English and mixed texts, and what looks like one.

Mutants killed: what stands before a number is not looked at; a year, a price or a score begins an address; a name that
follows at once does not count; a house by its name needs no postcode; a name and a number need nothing behind them;
what is announced needs no number; a word that is cut off is taken as whole; the words that have left are not looked at.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import cut_randomly, stream_scan, ways_to_cut, whole_scan

from gateway.detectors.names.street import street_addresses
from gateway.detectors.names.street.detector import BEHIND
from gateway.text import TextView

FIND = street_addresses()


def found(text: str) -> list[tuple[str, float]]:
    scan = FIND(TextView(text))
    assert scan.open == len(text)
    return [(text[one.start : one.end], one.score) for one in scan.findings]


WHOLE = [
    # A number and a street, and what follows.
    ("Send it to 42 W. Oak Tree Ave, Apt 4B.", "42 W. Oak Tree Ave, Apt 4B"),
    ("1600 Pine Rd, Springfield, IL 62704", "1600 Pine Rd, Springfield, IL 62704"),
    ("ship to 77 sunset blvd, apt 9, los angeles, ca 90028", "77 sunset blvd, apt 9, los angeles, ca 90028"),
    ("mail goes to 1215 OAK HOLLOW DR, WACO TX 76710-1234.", "1215 OAK HOLLOW DR, WACO TX 76710-1234"),
    ("He works at 245 East 93rd Street, 4th Floor, New York.", "245 East 93rd Street, 4th Floor, New York"),
    ("123 1/2 Elm St, Madison, Wisconsin", "123 1/2 Elm St, Madison, Wisconsin"),
    ("4420 County Road 12, Lot 9, Bozeman, MT 59718", "4420 County Road 12, Lot 9, Bozeman, MT 59718"),
    ("18 Saddleback Ridge Court, Boise, ID", "18 Saddleback Ridge Court, Boise, ID"),
    ("the flat at 7 Chapel Row, Bath BA1 1HN is let", "7 Chapel Row, Bath BA1 1HN"),
    ("my address is 45 elm road, hull hu5 2aa", "45 elm road, hull hu5 2aa"),
    ("1 The Avenue, Cambridge CB1 2AB", "1 The Avenue, Cambridge CB1 2AB"),
    ("Visit 9 St. John Street, Perth PH1 5TJ", "9 St. John Street, Perth PH1 5TJ"),
    ("15 Thomas Street, Limerick, V94 X2R8, Ireland", "15 Thomas Street, Limerick, V94 X2R8, Ireland"),
    ("12-14 Rowan Way, Ottawa, ON K1A 0B1", "12-14 Rowan Way, Ottawa, ON K1A 0B1"),
    ("Unit 3, 45 Pitt St Sydney NSW 2000", "Unit 3, 45 Pitt St Sydney NSW 2000"),
    ("5/27 Banksia Parade, Perth WA 6000", "5/27 Banksia Parade, Perth WA 6000"),
    ("24 Long Street, Cape Town, 8001", "24 Long Street, Cape Town, 8001"),
    ("6 Harbour Terrace, Dunedin 9016, New Zealand", "6 Harbour Terrace, Dunedin 9016, New Zealand"),
    ("12/3 M.G. Road, Bengaluru, Karnataka 560001", "12/3 M.G. Road, Bengaluru, Karnataka 560001"),
    ("H.No. 8-2-12, Road No. 10, Banjara Hills, Hyderabad - 500034", None),
    ("Rm 5, 3/F, 99 Nathan Road, Kowloon", None),
    ("Block A, 12 Harbour Road, Wan Chai, Hong Kong", None),
    ("Plot 7, Sector 22, Chandigarh 160022", None),
    # Room, building and number, as addresses in China are written in English.
    ("Room 1502, Building 3, No. 88 Jianguo Road, Chaoyang District, Beijing 100022, China", None),
    ("寄到Room 802, Bldg 5, Lane 13, Zhangyang Road, Shanghai", "Room 802, Bldg 5, Lane 13, Zhangyang Road, Shanghai"),
    ("Room 301, Unit 2, Building 7, Yangguang Garden, 45 Tianhe North Road, Guangzhou, Guangdong Province", None),
    ("Unit 12B, 3/F, Tower 2, Harbour Plaza, 1 Matheson Street, Causeway Bay, Hong Kong", None),
    ("Flat A, 15/F, Block 3, Taikoo Shing, Hong Kong", None),
    ("Room 2406, Tower B, Pangu Plaza, No. 27 Central North Ring Road, Beijing 100101", None),
    ("He lives at No.218 Zhongshan Road, Gulou District, Jiangsu", "218 Zhongshan Road, Gulou District, Jiangsu"),
    ("at No. 6 Beihe Hutong, Dongcheng District, Beijing.", "6 Beihe Hutong, Dongcheng District, Beijing"),
    (
        "My address is No. 18, Alley 3, Lane 25, Zhongxiao East Road, Taipei.",
        "No. 18, Alley 3, Lane 25, Zhongxiao East Road, Taipei",
    ),
    ("99 Wharf Street\nVictoria, BC V8W 1T6\nCanada", None),
    ("> 12 Sycamore Lane\n> Apt 3\n> Boulder, CO 80302", "12 Sycamore Lane\n> Apt 3\n> Boulder, CO 80302"),
    # Boxes.
    ("P. O. Box 55, Leeds LS1 1AA", None),
    ("Write to PO Box 318, Wagga Wagga NSW 2650", "PO Box 318, Wagga Wagga NSW 2650"),
    ("GPO Box 14", None),
    ("Private Bag X1, Pretoria 0001", None),
    ("Postfach 1208, 80012 München", None),
    ("PSC 814 Box 22, FPO AE 09865", None),
    ("Unit 45013 Box 3344\nAPO AP 96338", None),
    ("ship it to APO AP 96278", "APO AP 96278"),
    ("USNS Kestrel\nFPO AP 93757", None),
    ("RR 2 Box 61, Salem, IN 47167", None),
    # A house by its name.
    ("I live in Rose Cottage, Mill Lane, Little Bow, MK19 6QT.", "Rose Cottage, Mill Lane, Little Bow, MK19 6QT"),
    ("Ivy House, 3 Mill Road, Ely CB7 4XX", None),
    # The name first, or its kind.
    ("Hauptstrasse 12, 8001 Zürich", None),
    ("Mariahilfer Straße 88/12, 1070 Wien", None),
    ("Alte Bahnhofstrasse 3a, CH-3000 Bern", None),
    ("Am Markt 5, 99423 Weimar", None),
    ("Unter den Linden 77, 10117 Berlin", None),
    ("Storgatan 8, 211 42 Malmö, Sweden", None),
    ("Karl Johans gate 22, 0026 Oslo", None),
    ("Nygade 3, 1164 København K", None),
    ("Mannerheimintie 15, 00260 Helsinki", None),
    ("Keizersgracht 304, 1016 EX Amsterdam", None),
    ("12 rue de la Paix, 75002 Paris", None),
    ("12, avenue des Tilleuls, Lyon", None),
    ("7 Rue du Lac, 1204 Genève", None),
    ("Calle Mayor 5, 28013 Madrid", None),
    ("C/ Mayor 5, 28013 Madrid", None),
    ("Carrer de Mallorca, 401, 08013 Barcelona", None),
    ("Via dei Condotti 8, Roma", None),
    ("Praça da Figueira 10, 1100-241 Lisboa", None),
    ("Avenida Paulista 1578, São Paulo - SP, 01310-200", None),
    ("ul. Nowy Świat 15, 00-029 Warszawa, Poland", None),
    ("Váci utca 12., 1052 Budapest", None),
    ("Damrak 1, 1012 LG Amsterdam", None),
    # Announced.
    ("His address is 8 station road and he is in", "8 station road"),
    ("Her address: Queen Victoria Terrace, Parkes ACT 2600", "Queen Victoria Terrace, Parkes ACT 2600"),
    # In Chinese text.
    ("我住在 Flat 5, 12 High Street, London SW1A 1AA，请寄到这里", "Flat 5, 12 High Street, London SW1A 1AA"),
    ("地址：1 Loop Road, Cupertino, CA 95014", "1 Loop Road, Cupertino, CA 95014"),
    ("请送到12 Rue de la Paix, 75002 Paris。", "12 Rue de la Paix, 75002 Paris"),
    ("寄到ＰＯ Ｂｏｘ １２，谢谢", "ＰＯ Ｂｏｘ １２"),
    ("收件人：李雷，１２ Main Street，London，电话见下", "１２ Main Street，London"),
]
BARE = [
    ("We met at 10 Downing Street yesterday", "10 Downing Street"),
    ("I live near 123 Main Street, come by", "123 Main Street"),
    ("我去过 221B Baker Street", "221B Baker Street"),
    ("Is 40A Acacia Drive for sale?", "40A Acacia Drive"),
    ("The house, 184 Maple Ridge Court, was sold", "184 Maple Ridge Court"),
    ("I'll be at 9 main street until noon", "9 main street"),
    ("We moved to 1204 Avenue of the Americas in May", "1204 Avenue of the Americas"),
    ("It is on Kungsgatan 12 now", "Kungsgatan 12"),
    ("the corner of Via dei Fiori 42 and the park", "Via dei Fiori 42"),
    ("He lives at Jahu 80 with her", "Jahu 80"),
    ("address: House 14, Street 9, Sector 7, Islamabad", "House 14, Street 9, Sector 7, Islamabad"),
    ("Ring at Bygget 91 Apt. 3 please", "Bygget 91 Apt. 3"),
]
NONE = [
    "There are 3 ways to drive to the coast.",
    "It was a 5 star place near the square.",
    "in 1999 Main Street was repaved",
    "Since 2001 Baker Street station has lifts",
    "a 24 hour drive",
    "a 2 person court",
    "a 50 way tie",
    "I have 3 dogs and a large yard close",
    "3 Ways To Drive Faster",
    "5 Star Place",
    "24 Hour Drive",
    "2 Person Court",
    "12 Angry Men Drive Ratings Up",
    "19 Kids And Counting Way",
    "Top 10 Oxford Street shops",
    "Chapter 4 Elm Street",
    "World War 2 Memorial Drive",
    "Apollo 11 Landing Place",
    "10 Baker Street Irregulars came",
    "5 Broadway shows",
    "In 2008 the Supreme Court held",
    "A 2004 Supreme Court ruling",
    "7 Tennis Court bookings",
    "my 2 Hard Drive failures",
    "13 Robert B. Hill, History of Towns",
    "on 4 July Times Square was full",
    "May 5, 2020 Paris agreed",
    "He paid $20 Park Row prices",
    "The score was won 3-1 by Park Road",
    "at 12:30 Park Road is open",
    "an area of 63.8 Million Square miles",
    "Windows 10, 64 bit",
    "Article 5, Section 12",
    "Set A 12, 54321 Items",
    "iPhone 15 Pro, 256 GB",
    "Kungsgatan was quiet in 2019",
    "Hauptstrasse 2019 wurde gebaut",
    "Katie 12 and Sophie 7",
    "Brigade 42, 10115 men",
    "Room 12 is on the second floor",
    "Suite 5 is free",
    "Flat 9 volt batteries",
    "Unit 4 Lesson 2",
    "Unit 4, Section 2, English Grammar, page 5",
    "The meeting is in Room 1502, Building 3.",
    "Room 5, Building 3, Monday, 10 o'clock",
    "Phase 2, Section 3, No. 4 is late",
    "No. 5, No. 6 and No. 7 are free",
    "Section 3, Zone 4, High Voltage, keep out",
    "The PO arrived with 12 boxes",
    "Rose Cottage, Mill Lane, is for sale",
    "Rose Cottage, Mill Lane, is not far from MK19 6QT",
    "they counted 9 main street shops",
    "the Town Hall, Park Road, at 5",
    "my IP address is 12 Elm",
    "The MAC address of Unit 7",
    "Address the 3 issues",
    "home addresses of the top 10 people",
    "addresses:\n1. Use a map\n2. Ask",
    "He lives at sea since 1999",
    "the 19th century ring road of Vienna",
    "There were 12 Via Rail trains",
    "Rue the day, 12 times over",
    "I rode 12 via London",
    "Av 23, 5779",
    "Terrorist Ring 10",
    "12 the street",
    "Lane512 and 12 Mill Lane512",
    "他在2019年买了3台 iPhone 15",
    "第5章 Main Street 的故事",
    "地址：见 12 Monkeys",
    "今天天气很好，12个人走在路上",
    "12",
    "Main Street",
    "",
]


@pytest.mark.parametrize(("text", "address"), WHOLE)
def test_a_whole_address_is_one_finding(text: str, address: str | None) -> None:
    assert found(text) == [(address or text, 0.8)]


@pytest.mark.parametrize(("text", "address"), BARE)
def test_a_street_and_its_number_are_less_sure(text: str, address: str) -> None:
    assert [(one, score) for one, score in found(text) if score == 0.8] in ([], [(address, 0.8)])
    assert [one for one, _ in found(text)] == [address]


@pytest.mark.parametrize("text", NONE)
def test_what_looks_like_one_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["12 Main Street", "Kungsgatan 12", "Bygget 91 Apt. 3"])
def test_a_bare_street_counts_and_no_more(text: str) -> None:
    assert found(text) == [(text, 0.6)]


def test_two_addresses_are_two_findings() -> None:
    text = "From 51 Milk St, Boston MA 02108 to Calle Mayor 5, 28013 Madrid, then PO Box 7."
    assert [one for one, _ in found(text)] == [
        "51 Milk St, Boston MA 02108",
        "Calle Mayor 5, 28013 Madrid",
        "PO Box 7",
    ]


def test_words_that_have_left_still_announce() -> None:
    scan = FIND(TextView("Jahu 80, Liiva.", before="He lives at "))
    assert [(one.start, one.end) for one in scan.findings] == [(0, 14)]
    assert FIND(TextView("Jahu 80, Liiva.")).findings == ()
    assert FIND(TextView("1999 Main Street.", before="it was in ")).findings == ()


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("I moved to 12", "12"),
        ("I moved to 12 Main", "12 Main"),
        ("I moved to 12 Main Street", "12 Main Street"),
        ("I moved to 12 Main Street, Bos", "12 Main Street, Bos"),
        ("Write to P.O.", "P.O."),
        ("She is at Kungs", "Kungs"),
        ("I own Rose Cottage, Mill La", "Rose Cottage, Mill La"),
        ("He lives at Jahu", "Jahu"),
        ("I have 3 dogs and ", "3 dogs and "),
        ("I have 3 dogs and a large ", ""),
        ("今天买了3台", ""),
        ("", ""),
    ],
)
def test_only_what_may_still_become_one_is_held(text: str, held: str) -> None:
    scan = FIND(TextView(text, final=False))
    assert (text[scan.open :], scan.findings) == (held, ())


def test_what_may_begin_inside_of_an_address_does_not_hold_it() -> None:
    text = "at 12 Main Street West and "
    scan = FIND(TextView(text, final=False))
    assert [(one.start, one.end) for one in scan.findings] == [(3, 22)]
    assert scan.open == len(text)


def test_an_address_has_an_end() -> None:
    four = " ".join(["A" + "a" * 23] * 4)
    near, far = f"12 {four} Street, Waco, OH 45402", f"12 {four} Street, {four}, {four}, OH 45402"
    assert [one for one, _ in found(f"at {near}")] == [near]
    assert [len(one) < 280 for one, _ in found(f"at {far}")] == [True]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("他是resident of 8 elm street", 0.8),
        ("他lives at 8 elm street", 0.8),
        ("a resident of 8 elm street", 0.8),
        ("the president of 8 elm street", 0.6),
        ("green olives at 8 elm street", 0.6),
        ("welcome to 8 elm street", 0.6),
    ],
)
def test_words_that_lead_begin_where_they_seem_to_also_behind_chinese(text: str, score: float) -> None:
    assert found(text) == [("8 elm street", score)]


def test_json_escapes_keep_their_places() -> None:
    text = '{"to": "12 M\\u0061in Street\\nBoston, MA 02108"}'
    assert [text[one.start : one.end] for one in FIND(TextView(text, escaped=True)).findings] == [
        "12 M\\u0061in Street\\nBoston, MA 02108"
    ]


CUT = [
    "at Science Park 904, 1098 XH Amsterdam.",
    "Flat 5, 12 High Street, London SW1A 1AA，我",
    "> 12 Elm St.\n> Apt 3\n> Waco, TX 76710-12",
    "Rose Cottage, Mill Lane, Ely, CB7 4XX. USNS Kestrel\nFPO AP 93757",
    "address is 12 - P.O. Box ",
    "address is Unit NW6 4HY12 Box",
    "in 12 Mill Lane512 at 9 main street",
    "。Hauptstr. Unit Apt 3 OH 45402- 12 ",
    "ul. Miła 53 C/ Mayor 5 in 1999 Main Street",
]


@pytest.mark.parametrize("text", CUT)
def test_however_a_text_is_cut_the_same_is_found(text: str) -> None:
    once = whole_scan(FIND, text)
    for pieces in ways_to_cut(text):
        assert stream_scan(FIND, pieces, behind=BEHIND) == once
        assert stream_scan(FIND, pieces, behind=BEHIND, others=random.Random(1)) == once


PIECES = (
    *("12 ", "Main", "Street", ", ", "\n", "Apt 3 ", "London ", "NW6 4HY", "Flat 2", "P.O. Box ", "Rue de la Paix "),
    *("Hauptstr. ", "5", "2019", " in ", "the ", "Rose Cottage", "Mill Lane", "address is ", "at ", "APO AP 96278"),
    *("PSC ", "Box ", "- ", "#4", "ul. ", "C/", "gate ", "Kungsgatan ", ". ", "。", "住在", "St. ", "No. "),
    *("Dr ", "> ", "OH 45402", "  ", "Am ", "Unit ", "USS Kestrel ", "’", "é", "１２ "),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), st.integers(0, 2**32))
def test_any_text_cut_anywhere_is_the_same(text: str, seed: int) -> None:
    source = random.Random(seed)
    once = whole_scan(FIND, text)
    assert stream_scan(FIND, list(text), behind=BEHIND) == once
    assert stream_scan(FIND, cut_randomly(text, source), behind=BEHIND, others=source) == once


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(
    "unit",
    [
        *("1", "A", "1 A ", "12 12 12 Main ", "12 Main Street, ", "12 Main Street, A B C D E F ", "12 Aa Street\n> "),
        *("12 St. St. ", "Aa Bb Cc 1 ", "Flat 1 ", "p.o. box ", "Rue A 1 ", "rue ", "Kungsgatan 1 ", "C/A ", "ul. "),
        *("Rose Hall, ", "address ", "address is A 1, ", "12 a b street ", "1 A'A'A ", "12 Aa, 12345 ", " ", "\n1"),
    ],
)
def test_the_worst_is_read_in_one_go(unit: str, final: bool) -> None:
    view = TextView(unit * (100_000 // len(unit)), final=final)
    scan = FIND(view)  # a second at most; an hour where a place is read again and again
    assert len(scan.findings) * 8 <= len(view.text)
