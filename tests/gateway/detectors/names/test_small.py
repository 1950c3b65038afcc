"""Names in small letters, behind words that announce one.

Mutants killed: any words behind a cue are a name; names of things count; what a text breaks off is taken as whole; a
cue that has left is not looked at.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import cut_randomly, stream_scan, ways_to_cut, whole_scan

from gateway.detectors.names.small import BEHIND, SmallPeople
from gateway.detectors.names.weights import EN, read_english
from gateway.text import TextView

FIND = SmallPeople(read_english(EN.read_bytes()))


def people(text: str) -> list[str]:
    return [text[one.start : one.end] for one in FIND(TextView(text)).findings]


NAMES = [
    ("my name is john smith and i live in boston", ["john smith"]),
    ("name: michael jordan", ["michael jordan"]),
    ("contact person: david lee, phone 13800138000", ["david lee"]),
    ("my wife's name is laura palmer.", ["laura palmer"]),
    ("Patient name: robert brown, dob 1980-03-04", ["robert brown"]),
    ("first name: anna, last name: kowalski", ["anna", "kowalski"]),
    ("you can call me josh", ["josh"]),
    ("my name is li wei", ["li wei"]),
    ('{"name": "sarah connor", "age": 3}', ["sarah connor"]),
    ("我叫john smith，在上海工作", ["john smith"]),
    ("联系人：mike johnson", ["mike johnson"]),
    ("聯絡人：mike johnson", ["mike johnson"]),
    ("持卡人：emily watson", ["emily watson"]),
    ("她的名字是emily", ["emily"]),
    ("his name is patrick o'brien", ["patrick o'brien"]),
]
NOBODY = [
    "my name is on the list",
    "name: not given",
    "my name is urgent care and i need help",
    "the file name is john smith",
    "product name: michael",
    "公司名叫alex",
    "my name is admin",
    "contact is lost",
    "name: great britain",
    "contact: acme corporation inc",
    "name: london",
    "name: john2000",
    "name=john@example.com",
    "name: john.smith",
    "name: johnSmith",
    "call me later today",
    "我叫了外卖",
    "john smith went home",
    "name",
    "",
]


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_what_words_announce_is_found_in_small_letters(text: str, names: list[str]) -> None:
    assert people(text) == names


@pytest.mark.parametrize("text", NOBODY)
def test_nothing_else_is(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize("text", [*(text for text, _ in NAMES), *NOBODY])
def test_it_does_not_matter_where_a_text_is_cut(text: str) -> None:
    text = f"hello, {text} and there is more to say about all of that, in rather many words, until the very end"
    for pieces in ways_to_cut(text):
        assert stream_scan(FIND, pieces, behind=BEHIND) == whole_scan(FIND, text)


@given(st.lists(st.sampled_from(["my name is ", "john", " smith", "name:", "我叫", " and", "'s", "\n", "é", "x" * 30])))
def test_nor_in_any_text_of_such_parts(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = cut_randomly(text, random.Random(len(text)))
    assert stream_scan(FIND, pieces, behind=BEHIND) == whole_scan(FIND, text)
