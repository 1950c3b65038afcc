"""What was judged before is remembered by digest; the least recently used is forgotten."""

from __future__ import annotations

from gateway.pipeline.seen import RecentlySeen
from gateway.verdict import Finding

FOUND = (Finding(0, 2, "drug", 1.0, "d"),)


def test_findings_come_back_and_nothing_is_not_unknown() -> None:
    seen = RecentlySeen()
    seen.put(b"a", FOUND)
    seen.put(b"b", ())
    assert seen.get(b"a") == FOUND
    assert seen.get(b"b") == ()
    assert seen.get(b"c") is None


def test_the_least_recently_used_is_forgotten() -> None:
    seen = RecentlySeen(most=4)
    seen.put(b"a", ())
    seen.put(b"b", ())
    seen.get(b"a")
    seen.put(b"c", ())
    assert (seen.get(b"a"), seen.get(b"b"), seen.get(b"c")) == ((), None, ())


def test_texts_with_many_findings_take_the_place_of_several() -> None:
    seen = RecentlySeen(most=8)
    for key in (b"a", b"b", b"c", b"d"):
        seen.put(key, ())
    seen.put(b"e", FOUND * 3)
    assert [seen.get(key) is None for key in (b"a", b"b", b"c", b"d", b"e")] == [True, True, True, False, False]


def test_a_text_that_is_put_again_counts_once_with_what_was_found_last() -> None:
    seen = RecentlySeen(most=6)
    for _ in range(9):
        seen.put(b"a", FOUND * 2)
    seen.put(b"b", ())
    assert (seen.get(b"a"), seen.get(b"b")) == (FOUND * 2, ())
    seen.put(b"a", ())
    seen.put(b"c", ())
    assert None not in (seen.get(b"a"), seen.get(b"b"), seen.get(b"c"))


def test_what_is_larger_than_all_of_it_is_not_remembered() -> None:
    seen = RecentlySeen(most=4)
    seen.put(b"a", FOUND * 9)
    assert seen.get(b"a") is None
    seen.put(b"b", ())
    assert seen.get(b"b") == ()
