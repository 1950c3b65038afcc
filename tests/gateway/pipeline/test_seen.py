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
    seen = RecentlySeen(most=2)
    seen.put(b"a", ())
    seen.put(b"b", ())
    seen.get(b"a")
    seen.put(b"c", ())
    assert (seen.get(b"a"), seen.get(b"b"), seen.get(b"c")) == ((), None, ())
