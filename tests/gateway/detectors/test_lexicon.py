"""Word lists: what they must look like, and what is found with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import whole_scan

from gateway.detectors.lexicon import Entry, Lexicon, read_list
from gateway.detectors.registry import registry
from gateway.errors import PolicyError, PolicyErrors
from gateway.ports import Loader
from gateway.text import TextView, fold

HEADER = "term,risk,weight,source,date\n"


def listed(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row},mine,2026-11-22\n" for row in rows)).encode()


def loader(**files: bytes) -> Loader:
    return lambda name: files[name.removesuffix(".csv")]


def found(text: str, *entries: tuple[str, str, float], allow: tuple[str, ...] = ()) -> list[tuple[str, str, float]]:
    lexicon = Lexicon([Entry(fold(term), risk, weight) for term, risk, weight in entries], map(fold, allow))
    return [(text[f.start : f.end], f.risk, f.score) for f in whole_scan(lexicon, text)[1]]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("他说要贩卖毒品吗", ["贩卖毒品"]),
        ("他说要贩\u200b卖毒\ufe0f品吗", ["贩\u200b卖毒\ufe0f品"]),
        ("How to HACK　Ａ bank", ["HACK　Ａ bank"]),
        ("please hack a bank。贩卖毒品", ["hack a bank", "贩卖毒品"]),
        ("贩卖毒品贩卖毒品", ["贩卖毒品", "贩卖毒品"]),
        ("hack a banker", []),
        ("shack a bank", []),
        ("我要hack a bank吧", ["hack a bank"]),
        ("9hack a bank", []),
        ("k12病毒", []),
        ("k1病毒", ["k1病毒"]),
        ("ak1病毒", []),
        ("k1病毒a", ["k1病毒a"[:-1]]),
        ("", []),
    ],
)
def test_terms_are_found_but_latin_ones_only_as_words(text: str, terms: list[str]) -> None:
    assert [
        term for term, _, _ in found(text, ("贩卖毒品", "r", 1), ("hack a bank", "r", 1), ("k1病毒", "r", 1))
    ] == terms


def test_a_term_inside_another_is_reported_only_if_it_says_more() -> None:
    text = "贩卖毒品"
    outer = ("贩卖毒品", "a", 0.8)
    assert found(text, outer, ("毒品", "a", 0.5)) == [("贩卖毒品", "a", 0.8)]
    assert found(text, outer, ("毒品", "a", 0.9)) == [("贩卖毒品", "a", 0.8), ("毒品", "a", 0.9)]
    assert found(text, outer, ("毒品", "b", 0.5)) == [("贩卖毒品", "a", 0.8), ("毒品", "b", 0.5)]
    assert found(text, ("贩卖毒", "a", 0.8), ("卖毒品", "a", 0.8)) == [("贩卖毒", "a", 0.8), ("卖毒品", "a", 0.8)]


def test_of_a_term_listed_twice_the_higher_weight_counts() -> None:
    assert found("毒品", ("毒品", "a", 0.5), ("毒品", "a", 0.9), ("毒品", "b", 0.1)) == [
        ("毒品", "a", 0.9),
        ("毒品", "b", 0.1),
    ]


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("禁止毒品入校", [("禁止毒品", 0.0)]),
        ("毒品", [("毒品", 1.0)]),
        ("禁止毒品，毒品", [("禁止毒品", 0.0), ("毒品", 1.0)]),
        ("禁止毒品交易", [("禁止毒品", 0.0), ("毒品交易", 1.0)]),
        ("不禁止毒品交易", [("禁止毒品", 0.0), ("毒品交易", 1.0)]),
        ("禁止吸烟", []),
        ("we ban drugs here", [("ban drugs", 0.0)]),
        ("urban drugs here", [("drugs", 1.0)]),
    ],
)
def test_an_allowed_term_excuses_what_lies_inside_of_it_and_nothing_else(
    text: str, scores: list[tuple[str, float]]
) -> None:
    entries = [("毒品", "r", 1.0), ("毒品交易", "r", 1.0), ("drugs", "r", 1.0)]
    assert [(term, score) for term, _, score in found(text, *entries, allow=("禁止毒品", "ban drugs"))] == scores


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("今天天气很好。", ""),
        ("今天天气很好，贩", "贩"),
        ("贩卖毒", "贩卖毒"),
        ("贩卖毒品", ""),
        ("贩卖枪", ""),
        ("how to h", "h"),
        ("how to hack a ba", "hack a ba"),
        ("how to hack a bank", "hack a bank"),
        ("how to hack a bank!", ""),
        ("how to push", ""),
        ("禁止毒", "禁止毒"),
    ],
)
def test_only_what_may_still_become_a_term_is_held(text: str, held: str) -> None:
    lexicon = Lexicon([Entry("贩卖毒品", "r", 1), Entry("hack a bank", "r", 1), Entry("毒品", "r", 1)], ["禁止毒品"])
    view = TextView(text, final=False)
    assert text[lexicon(view).open :] == held
    assert lexicon(TextView(text)).open == len(text)


@given(st.lists(st.text("ab毒品 ", min_size=1, max_size=4), min_size=1, max_size=6), st.text("ab毒品 ", max_size=20))
def test_every_occurrence_is_inside_of_a_finding(terms: list[str], text: str) -> None:
    lexicon = Lexicon([Entry(term, "r", 1.0) for term in terms])
    spans = [(f.start, f.end) for f in whole_scan(lexicon, text)[1]]
    for term in terms:
        for start in range(len(text)):
            end = start + len(term)
            if not text.startswith(term, start):
                continue
            inside_word = (
                start and (text[start - 1] + term[0]).isascii() and (text[start - 1] + term[0]).isalnum()
            ) or (end < len(text) and (term[-1] + text[end]).isascii() and (term[-1] + text[end]).isalnum())
            assert inside_word or any(a <= start and end <= b for a, b in spans)


# --- Lists -----------------------------------------------------------------------------------------


def test_a_list_may_have_a_byte_order_mark_quotes_and_empty_lines() -> None:
    content = b"\xef\xbb\xbf" + listed('"a, b",r,1', "", "毒品,a1.f,0.5").replace(
        b",mine,2026-11-22\n\xe6", b",mine,2026-11-22\n\xe6"
    )
    content = content.replace(b"\n,mine,2026-11-22\n", b"\n\n")
    assert read_list(content, "x.csv") == [Entry("a, b", "r", 1.0), Entry("毒品", "a1.f", 0.5)]


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


def test_a_lexicon_is_built_from_all_of_its_lists() -> None:
    spec = registry()["lexicon"]
    built = spec.build({"lists": ["a.csv", "b.csv"]}, loader(a=listed("毒品,a1.h,1"), b=listed("Bomb,a1.d,0.5")))
    assert built.risks == {"a1.h", "a1.d"}
    assert built.scan is not None
    findings = whole_scan(built.scan, "毒品和bomb")[1]
    assert [(f.start, f.end, f.risk, f.score, f.detector) for f in findings] == [
        (0, 2, "a1.h", 1.0, "lexicon"),
        (3, 7, "a1.d", 0.5, "lexicon"),
    ]
    again = spec.build({"lists": ["b.csv", "a.csv"]}, loader(a=listed("毒品,a1.h,1"), b=listed("Bomb,a1.d,0.5")))
    other = spec.build({"lists": ["a.csv"]}, loader(a=listed("毒品,a1.h,0.9")))
    assert built.version == again.version != other.version


def test_a_lexicon_without_terms_is_refused() -> None:
    spec = registry()["lexicon"]
    with pytest.raises(PolicyError, match="no term"):
        spec.build({"lists": ["a.csv"]}, loader(a=HEADER.encode()))
    with pytest.raises(PolicyError, match="'allow' is empty"):
        spec.build({"lists": ["a.csv"], "allow": ["\u200b"]}, loader(a=listed("毒品,r,1")))
    with pytest.raises(PolicyErrors) as caught:
        spec.build({"lists": ["a.csv", "b.csv"]}, loader(a=listed("a,r,0"), b=listed("b,r,0")))
    assert [str(problem.where) for problem in caught.value.problems] == ["a.csv:2", "b.csv:2"]
