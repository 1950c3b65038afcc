"""E-mail addresses."""

from __future__ import annotations

import pytest
from kit.streaming import stream_scan, ways_to_cut, whole_scan

from gateway.detectors.email import BEHIND
from gateway.detectors.registry import registry
from gateway.text import TextView

SCAN = registry()["email"].build({}, lambda name: b"").scan
assert SCAN is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("邮箱zhang.san@example.com谢谢", ["zhang.san@example.com"]),
        ("邮箱ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ谢谢", ["ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ"]),
        ("Write to First_Last+tag@sub.example.co.uk.", ["First_Last+tag@sub.example.co.uk"]),
        ("请联系a@b.cn、c@d.com，或者e@f.museum。", ["a@b.cn", "c@d.com", "e@f.museum"]),
        ("<o'brien@example.ie>", ["o'brien@example.ie"]),
        ("x=100%mail@example.org", ["100%mail@example.org"]),
        ("a@b@c.com", ["b@c.com"]),
        ("a@b.com@c.com", ["a@b.com"]),
        ("-a@b.com-", ["a@b.com"]),
        ("a@b.com1", []),
        ("a@b.c", []),
        ("a@b", []),
        ("@b.com", []),
        ("zhang@例子.com", []),
        ("a@b..com", []),
        ("a@b.com..", ["a@b.com"]),
        ("x" * 64 + "@b.com", ["x" * 64 + "@b.com"]),
        ("x" * 65 + "@b.com", []),
        ("x" * 60 + ".yyyyyyyy@b.com", ["yyyyyyyy@b.com"]),
        ("a@" + "b" * 63 + ".com", ["a@" + "b" * 63 + ".com"]),
        ("a@" + "b" * 64 + ".com", []),
        ("@用户 说 3.14@6", []),
        ("连接 postgres://app:pa55w0rd@db.local/x", []),
        ("redis://:pw@cache.example.com:6379，邮箱a@b.cn", ["a@b.cn"]),
        ("mysql://root:p#w!d@db.example.com", []),
        ("https://a.example/b:c@d.com", ["c@d.com"]),
        ("https://user@host.com", ["user@host.com"]),
        ("见https://a.example，d@e.com", ["d@e.com"]),
        ("://" + "a" * 41 + ":pw@b.com", ["pw@b.com"]),
    ],
)
def test_addresses_are_found_whole(text: str, found: list[str]) -> None:
    _, findings = whole_scan(SCAN, text)
    assert [text[f.start : f.end] for f in findings] == found
    assert all((f.risk, f.score) == ("pii.email", 1.0) for f in findings)
    for pieces in ways_to_cut(text):
        assert stream_scan(SCAN, pieces, behind=BEHIND) == whole_scan(SCAN, text)


def test_the_beginning_of_a_url_may_have_left() -> None:
    assert SCAN(TextView("pw@db.local ", before="postgres://app:")).findings == ()
    assert len(SCAN(TextView("pw@db.local ", before="postgres, app:")).findings) == 1


def test_what_may_begin_inside_of_an_address_does_not_hold_the_address() -> None:
    scan = SCAN(TextView("a@b.com@c.c", final=False))
    assert [(f.start, f.end) for f in scan.findings] == [(0, 7)]
    assert scan.open == 8


@pytest.mark.parametrize("letters", [24, 25])
def test_the_longest_address_of_all_is_open_until_it_is_known_to_end(letters: int) -> None:
    text = "a@" + "b." * 8 + "c" * letters
    whole = whole_scan(SCAN, text)
    assert len(whole[1]) == (letters == 24)
    for pieces in ways_to_cut(text):
        assert stream_scan(SCAN, pieces) == whole
