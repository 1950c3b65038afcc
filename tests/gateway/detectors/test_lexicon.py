"""Word lists: what they must look like, and what is found with them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import stream_scan, whole_scan

from gateway.detectors.disguise import DISGUISES, Base
from gateway.detectors.lexicon import Lexicon
from gateway.detectors.registry import registry
from gateway.detectors.wordlist import Entry
from gateway.errors import PolicyError, PolicyErrors
from gateway.ports import Loader, Scan
from gateway.text import CANONICAL, HIDDEN, TextView, fold

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


def test_a_term_is_found_with_either_of_two_characters_that_no_table_can_tell_apart() -> None:
    entries = [("跟踪着她", "r", 1.0), ("著名毒枭", "r", 0.5)]
    text = "跟蹤著她、跟踪着她、著名毒梟、他们著迷"
    assert [term for term, _, _ in found(text, *entries)] == ["跟蹤著她", "跟踪着她", "著名毒梟"]
    assert [score for _, _, score in found("別跟蹤著她", *entries, allow=("别跟踪着她",))] == [0.0]


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


def test_weak_terms_of_one_risk_in_one_sentence_count_together() -> None:
    entries = [Entry("毒品", "r", 0.5), Entry("买", "r", 0.4), Entry("便宜", "r", 0.2), Entry("卖", "q", 0.5)]
    lexicon = Lexicon(entries, ["禁毒品"], "sentence")

    def scored(text: str) -> list[tuple[str, str, float]]:
        return [(text[f.start : f.end], f.risk, f.score) for f in whole_scan(lexicon, text)[1]]

    assert scored("买毒品") == [("买", "r", 0.4), ("买毒品", "r", 0.7), ("毒品", "r", 0.5)]
    assert scored("哪里买到便宜毒品，卖吗") == [
        ("买", "r", 0.4),
        ("买到便宜毒品", "r", 0.76),
        ("便宜", "r", 0.2),
        ("毒品", "r", 0.5),
        ("卖", "q", 0.5),
    ]
    assert scored("买了。毒品") == [("买", "r", 0.4), ("毒品", "r", 0.5)]
    assert scored("毒品毒品") == [("毒品", "r", 0.5), ("毒品", "r", 0.5)]
    assert scored("买禁毒品") == [("买", "r", 0.4), ("禁毒品", "r", 0.0)]
    assert scored("买" + "的" * 200 + "毒品") == [("买", "r", 0.4), ("毒品", "r", 0.5)]
    assert len(lexicon(TextView("我买了", final=False)).findings) == 1
    assert lexicon(TextView("我买了", final=False)).open == 1
    assert lexicon(TextView("我买了。", final=False)).open == 4


@pytest.mark.parametrize(
    ("text", "escaped", "together"),
    [
        ("买了毒品", False, True),
        ("买了！毒品", False, False),
        ("买了？毒品", False, False),
        ("买了｡毒品", False, False),
        ("买了．毒品", False, True),
        ("买了．　毒品", False, False),
        ("买了.\u200b 毒品", False, False),
        ("买了\\n毒品", False, True),
        ("买了\\n毒品", True, False),
        ("买了\\\\n毒品", True, True),
        ("买了\\u3002毒品", True, False),
        ("买了\\u4e00毒品", True, True),
        ("买了" + "\u200b" * 90 + "毒品", False, True),
        ("买了" + "\u200b" * 200 + "毒品", False, False),
    ],
)
def test_a_sentence_ends_where_a_reader_sees_its_end(text: str, escaped: bool, together: bool) -> None:
    lexicon = Lexicon([Entry("毒品", "r", 0.5), Entry("买", "r", 0.4)], evidence="sentence")
    findings = lexicon(TextView(text, escaped=escaped)).findings
    assert (0.7 in {finding.score for finding in findings}) is together


@pytest.mark.parametrize(
    "text",
    [
        "hack bomb" + "\u200b" * 250 + ". End",
        "hack" + "\u200b" * 190 + " bomb" + "\u200b" * 250 + " and 买 it",
        "买 it, hack" + "\u200b" * 150 + " bomb" + "\u200b" * 60 + " 卖 x" + "\u200b" * 100 + "! bomb",
        "hack 买 " + "a" * 185 + " bomb 卖" + "\u200b" * 30 + "。",
    ],
)
def test_terms_count_together_however_an_answer_is_cut(text: str) -> None:
    entries = [Entry("hack", "r", 0.5), Entry("bomb", "r", 0.5), Entry("买", "q", 0.5), Entry("卖", "q", 0.4)]
    lexicon = Lexicon(entries, evidence="sentence")
    whole = whole_scan(lexicon, text)
    for at in range(1, len(text)):
        assert stream_scan(lexicon, [text[:at], text[at:]]) == whole


def test_a_hundred_thousand_terms_are_one_lexicon() -> None:
    source = random.Random(0)
    han = [chr(code) for code in range(0x4E00, 0x5E00)]
    terms = {fold("".join(source.choices(han, k=source.randint(3, 8))), CANONICAL) for _ in range(100_000)}
    lexicon = Lexicon([Entry(term, "r", 0.8) for term in terms])
    some = source.sample(sorted(terms), 50)
    text = "。".join(some)
    assert {text[f.start : f.end] for f in whole_scan(lexicon, text)[1]} >= set(some)


def test_a_lexicon_without_terms_is_refused() -> None:
    spec = registry()["lexicon"]
    with pytest.raises(PolicyError, match="no term"):
        spec.build({"lists": ["a.csv"]}, loader(a=HEADER.encode()))
    with pytest.raises(PolicyError, match="'allow' is empty"):
        spec.build({"lists": ["a.csv"], "allow": ["\u200b"]}, loader(a=listed("毒品,r,1")))
    with pytest.raises(PolicyErrors) as caught:
        spec.build({"lists": ["a.csv", "b.csv"]}, loader(a=listed("a,r,0"), b=listed("b,r,0")))
    assert [str(problem.where) for problem in caught.value.problems] == ["a.csv:2", "b.csv:2"]


def test_a_finding_comes_from_terms_that_are_told_with_their_source() -> None:
    entries = [
        Entry("赌博", "a2.g", 0.4, frozenset({"joined"}), "our own", "2026-11-22"),
        Entry("赌", "a2.g", 0.3),
        Entry("毒品", "a1.h", 0.4),
    ]
    lexicon = Lexicon(entries, evidence="sentence")
    view = TextView("说说赌-博和毒品，还有赌")
    together = max((f for f in lexicon(view).findings if f.risk == "a2.g"), key=lambda f: f.score)
    told = lexicon.explain(view, together)
    assert [(view.text[one.start : one.end], one.weight, one.what) for one in told] == [
        ("赌-博", 0.4, "赌博 (our own, 2026-11-22)"),
        ("赌", 0.3, "赌"),
        ("赌", 0.3, "赌"),
    ]


class Eager(Lexicon):
    """Looks for every disguise in every text."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__(entries)
        self._always = {disguise.view for disguise, _ in self._passes}


TERMS = ("赌博", "赌博毒", "abc", "a bc", "4a")


@pytest.mark.parametrize(
    "text", ["赌，博，毒，品", "赌。博。毒", "赌博品", "赌博 毒", "赌_博毒", "a,b,c", "a bc", "abc"]
)
def test_a_quick_look_leaves_out_no_disguise(text: str) -> None:
    assert quick(text) == thorough(text)


@given(st.text("赌博毒品，。·- _\naBc4@1", max_size=24) | st.text("赌博毒，品", max_size=12))
def test_what_a_quick_look_leaves_out_is_no_disguise(text: str) -> None:
    assert quick(text) == thorough(text)


GAPPED = (*TERMS, "赌 博品", "赌-博")
"""One with a gap of its own has the others looked for as well."""


def lists() -> list[list[Entry]]:
    return [[Entry(term, "a1.h", 0.9, frozenset(DISGUISES), "", "") for term in terms] for terms in (TERMS, GAPPED)]


def quick(text: str) -> list[Scan]:
    return [Lexicon(entries)(TextView(text, final=final)) for entries in lists() for final in (True, False)]


def thorough(text: str) -> list[Scan]:
    return [Eager(entries)(TextView(text, final=final)) for entries in lists() for final in (True, False)]


def test_a_term_with_a_gap_of_its_own_is_found_without_it_in_any_text() -> None:
    assert [finding.end for finding in Lexicon(lists()[1])(TextView("看赌博品")).findings] == [4]


@given(
    st.text("赌博毒品，。·- _\naBc4@1", max_size=24) | st.sampled_from(["a 4bcabca", "abcabc abcab", "a bcabc"]),
    st.integers(0, 3),
)
def test_a_term_may_have_begun_wherever_its_beginning_stands_and_nowhere_else(text: str, start: int) -> None:
    words = [
        Entry(term, "r", 0.9, frozenset(DISGUISES), "", "") for term in ("abcabca", "abcabc 赌", "bcabca", "品", "毒,")
    ]
    for disguise, index in Lexicon([*lists()[1], *words])._passes:
        view = TextView(text, min(start, len(text)), final=False)
        shown, base = view.seen(disguise.view), view.seen(CANONICAL).text
        seen = shown.text if disguise.view == HIDDEN else base
        ground = Base(seen, seen)
        size = len(shown.text)
        places = [
            at
            for at in range(shown.start, size)
            if any(form != shown.text[at:] and form.startswith(shown.text[at:]) for form in index._sorted)
            and disguise.may_begin(shown, ground, at)
        ]
        assert index.open(shown, ground, disguise) == min(places, default=size)
