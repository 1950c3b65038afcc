"""What a word list must look like; a line that is wrong is named, with all others that are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detectors.wordlist import ASKED, DEFAULT, Entry, read_list, write_list
from gateway.errors import PolicyError, PolicyErrors

HEADER = "term,risk,weight,source,date\n"
SIX = "term,risk,weight,source,date,view\n"


def listed(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row},mine,2026-11-22\n" for row in rows)).encode()


def test_a_list_may_have_a_byte_order_mark_quotes_and_empty_lines() -> None:
    content = b"\xef\xbb\xbf" + listed('"a, b",r,1', "", "毒品,a1.f,0.5").replace(
        b",mine,2026-11-22\n\xe6", b",mine,2026-11-22\n\xe6"
    )
    content = content.replace(b"\n,mine,2026-11-22\n", b"\n\n")
    assert read_list(content, "x.csv") == [
        Entry("a, b", "r", 1.0, source="mine", day="2026-11-22"),
        Entry("毒品", "a1.f", 0.5, source="mine", day="2026-11-22"),
    ]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (",r,1,s,2026-11-22", "the term is empty"),
        ("\u200b,r,1,s,2026-11-22", "the term is empty"),
        ("a" * 257 + ",r,1,s,2026-11-22", "257 characters"),
        ("a,A1,1,s,2026-11-22", "'A1' is not a risk id"),
        ("a,a1.,1,s,2026-11-22", "'a1.' is not a risk id"),
        ("a,r,0,s,2026-11-22", "weight '0' is not in (0, 1]"),
        ("a,r,1.1,s,2026-11-22", "weight '1.1'"),
        ("a,r,nan,s,2026-11-22", "weight 'nan'"),
        ("a,r,much,s,2026-11-22", "weight 'much'"),
        ("a,r,1,s,22.11.2026", "'22.11.2026' is not a date"),
        ("a,r,1,s", "4 cells instead of 5"),
        ("a,b,r,1,s,2026-11-22", "6 cells instead of 5"),
        ('"a"b,r,1,s,2026-11-22', "not CSV"),
    ],
)
def test_a_wrong_line_is_named_with_file_line_and_a_way_out(row: str, what: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        read_list(f"{HEADER}ok,r,1,s,2026-11-22\n{row}\n".encode(), "words.csv")
    problem = caught.value.problems[0]
    assert str(problem).startswith("words.csv:3: ")
    assert what in problem.what
    assert problem.hint


def test_every_wrong_line_is_named_at_once() -> None:
    with pytest.raises(PolicyErrors) as caught:
        read_list(listed("a,r,2", "b,r,1", "c,R,1"), "words.csv")
    assert [problem.where.line for problem in caught.value.problems if problem.where] == [2, 4]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"", 1, "columns"),
        (b"term,risk,weight\n", 1, "columns"),
        (HEADER.encode() + b"a,r,1,s,2026-11-22\n\xff,r,1,s,2026-11-22\n", 3, "UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_refused(content: bytes, line: int, what: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_list(content, "words.csv")
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line) == ("words.csv", line)
    assert what in caught.value.what


@pytest.mark.parametrize(
    ("cell", "views"),
    [
        ("", DEFAULT),
        ("exact", frozenset()),
        ("pinyin split", DEFAULT | {"pinyin", "split"}),
        ("joined  homophone", DEFAULT | {"homophone"}),
    ],
)
def test_a_line_may_say_in_which_disguises_its_term_is_found(cell: str, views: frozenset[str]) -> None:
    assert read_list(f"{SIX}毒品,r,1,mine,2026-11-22,{cell}\n".encode(), "x.csv")[0].views == views


@pytest.mark.parametrize(
    ("cell", "what", "hint"),
    [
        ("pinjin", "'pinjin' is not a view", "pinyin"),
        ("exact split", "'exact' stands beside other views", "alone"),
        ("赌", "'赌' is not a view", "exact, digits, hidden, homophone, joined, leet, pinyin, split"),
    ],
)
def test_a_view_that_does_not_exist_is_named(cell: str, what: str, hint: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        read_list(f"{SIX}毒品,r,1,mine,2026-11-22,{cell}\n".encode(), "x.csv")
    assert str(caught.value).startswith("x.csv:2: ")
    assert what in caught.value.what
    assert hint in caught.value.hint


ENTRIES = st.builds(
    Entry,
    st.text(st.sampled_from('ab毒品,"\n 1'), min_size=1, max_size=6)
    .filter(lambda term: bool(term.strip()))
    .map(str.strip),
    st.sampled_from(["r", "a1.d"]),
    st.sampled_from([0.5, 0.85, 1.0]),
    st.sampled_from([DEFAULT, frozenset(), DEFAULT | ASKED, DEFAULT | {"pinyin"}]),
    st.text(st.sampled_from("ab ,"), max_size=4).map(str.strip),
    st.just("2026-11-25"),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ENTRIES, max_size=8))
def test_what_is_written_is_read_as_it_was(entries: list[Entry]) -> None:
    written = write_list(entries)
    read = read_list(written.encode(), "x.csv")
    assert {(entry.risk, entry.term) for entry in read} == {(entry.risk, entry.term) for entry in entries}
    assert set(read) <= set(entries)
    assert write_list(read) == written


def outcome(content: bytes) -> list[Entry] | str:
    try:
        return read_list(content, "x.csv")
    except PolicyError as error:
        return str(error)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.sampled_from(["", HEADER, SIX]))
def test_whatever_the_bytes_there_is_a_list_or_a_clear_error(content: bytes, head: str) -> None:
    said = outcome(head.encode() + content)
    if isinstance(said, str):
        assert said.startswith("x.csv:")
    else:
        assert all(entry.term and 0 < entry.weight <= 1 for entry in said)
