"""Things of a bounded shape are found wherever a text was cut, and nothing is held that can be none of them.

Mutants killed: a letter before that is not looked at; what is whole but may go on and is let go; a check that is not
asked; the shorter of two shapes; an opening that is looked for one character too late.
"""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import stream_scan, ways_to_cut, whole_scan

from gateway.detectors.sweep import Sweep
from gateway.text import TextView

NUMBER = Sweep(
    detector="n",
    risk="number",
    shapes=["no-[0-9]{4}(?:-[0-9]{2})?"],
    first="n",
    ahead="o-",
    alphabet="no-0123456789",
    check=lambda text: None if text.startswith("no-0") else 0.9,
)
OPENED = Sweep(
    detector="o",
    risk="opened",
    shapes=["<<<[a-f]{3}>[0-9]{2}", "<<<[a-f]{3}>"],
    first="<",
    ahead="<<",
    alphabet="<>abcdef0123456789",
    check=lambda text: 1.0,
    after="",
    opening="<<<",
)


def found(sweep: Sweep, text: str) -> list[tuple[str, float]]:
    scan = sweep(TextView(text))
    assert scan.open == len(text)
    return [(text[one.start : one.end], one.score) for one in scan.findings]


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("号码no-1234请查收", ["no-1234"]),
        ("the number is no-1234-56.", ["no-1234-56"]),
        ("编号 NO-1234-56 和 ｎｏ－9999", ["NO-1234-56", "ｎｏ－9999"]),
        ("no-1234no-5678", []),  # a letter or digit may neither follow nor come before
        ("no-1234,no-5678", ["no-1234", "no-5678"]),
        ("xno-1234", []),
        ("1no-1234", []),
        ("甲no-1234乙", ["no-1234"]),
        ("no-12345", []),
        ("no-1234-567", ["no-1234"]),
        ("no-0234 is none, no-1234 is", ["no-1234"]),
        ("", []),
    ],
)
def test_what_has_the_shape_and_passes_the_check_is_found(text: str, things: list[str]) -> None:
    assert found(NUMBER, text) == [(thing, 0.9) for thing in things]


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("值<<<abc>12后", ["<<<abc>12"]),
        ("value <<<abc>1", ["<<<abc>"]),
        ("<<<abc>123", ["<<<abc>12"]),  # whatever follows
        ("<<<<abc>12", ["<<<abc>12"]),
        ("<<<abg>", []),
    ],
)
def test_of_two_shapes_the_first_that_fits_is_taken(text: str, things: list[str]) -> None:
    assert found(OPENED, text) == [(thing, 1.0) for thing in things]


@pytest.mark.parametrize(
    ("sweep", "text", "open"),
    [
        (NUMBER, "号码no-12", 2),
        (NUMBER, "号码no-1234", 2),  # two more digits may follow
        (NUMBER, "号码no-1234-56", 2),  # one more would make it none
        (NUMBER, "号码no-1234。", 10),
        (NUMBER, "号码n", 2),
        (NUMBER, "号码xn", 4),
        (NUMBER, "号码", 2),
        (NUMBER, "no-5678 and then", 16),
        (OPENED, "值<", 1),
        (OPENED, "值<<<ab", 1),
        (OPENED, "值 < 5 ab", 8),
        (OPENED, "值<<<abc>12", 1),
    ],
)
def test_only_what_may_still_become_one_is_held(sweep: Sweep, text: str, open: int) -> None:
    assert sweep(TextView(text, final=False)).open == open


@pytest.mark.parametrize("sweep", [NUMBER, OPENED])
@pytest.mark.parametrize("text", ["见no-1234-56,no-0999<<<abc>12<<<<abc>1no-12", "nono-1234 <<<a<<<def>\n号no-1"])
def test_however_a_text_is_cut_the_same_is_found(sweep: Sweep, text: str) -> None:
    once = whole_scan(sweep, text)
    for pieces in ways_to_cut(text):
        assert stream_scan(sweep, pieces) == once


@settings(max_examples=40, deadline=None)
@given(st.text("no-10<ab>甲 ", max_size=24), st.lists(st.integers(0, 24), max_size=4))
def test_any_text_cut_anywhere_is_the_same(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    for sweep in (NUMBER, OPENED):
        assert stream_scan(sweep, pieces) == whole_scan(sweep, text)


@pytest.mark.parametrize("text", ["no-" * 20_000, "n" * 60_000, "no-1234-56 " * 6_000, "<<<abc" * 10_000])
def test_a_long_text_is_swept_in_one_go(text: str) -> None:
    begun = time.process_time()
    for sweep in (NUMBER, OPENED):
        sweep(TextView(text, final=False))
    assert time.process_time() - begun < 10
