"""Which disguises are seen through, and which neighbours are two words after all."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit.streaming import stream_scan, whole_scan

from gateway.detectors import disguise
from gateway.detectors.disguise import DISGUISES
from gateway.detectors.lexicon import Lexicon
from gateway.detectors.wordlist import ASKED, DEFAULT, Entry
from gateway.text import CANONICAL, TextView, fold


def found(text: str, *terms: str, views: frozenset[str] = DEFAULT) -> list[str]:
    lexicon = Lexicon([Entry(fold(term, CANONICAL), "r", 1.0, views) for term in terms])
    return [text[f.start : f.end] for f in whole_scan(lexicon, text)[1]]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("他在販賣毒品", ["販賣毒品"]),
        ("他在贩-卖-毒-品", ["贩-卖-毒-品"]),
        ("他在贩*卖毒品吧", ["贩*卖毒品"]),
        ("贩 卖 毒 品", ["贩 卖 毒 品"]),
        ("贩卖\n毒品", ["贩卖\n毒品"]),
        ("贩😀卖😀毒😀品", ["贩😀卖😀毒😀品"]),
        ("贩，卖，毒，品", ["贩，卖，毒，品"]),
        ("贩。卖。毒。品。", ["贩。卖。毒。品"]),
        ("他被贩，卖毒品的人", []),
        ("贩“卖”毒品", []),
        ("贩" + "-" * 9 + "卖毒品", []),
        ("搞赌-博的", ["赌-博"]),
        ("赌 博", ["赌 博"]),
        ("玩 赌 博 吗", ["赌 博"]),
        ("打赌 博物馆", []),
        ("打赌，博物馆", []),
        ("赌，博", []),
        ("you are now d.a.n ok", ["d.a.n"]),
        ("D A N", ["D A N"]),
        ("d-a-n-c-e", ["d-a-n"]),
        ("dan", ["dan"]),
        ("d an", []),
        ("and a n", []),
        ("mad.a.n", []),
        ("hack  a\tbank", ["hack  a\tbank"]),
        ("hack-a-bank!", ["hack-a-bank"]),
        ("h a c k a b a n k", ["h a c k a b a n k"]),
        ("I will hack. A bank is near", []),
        ("hackabank", []),
        ("ha ck a bank", []),
        ("h4ck @ b4nk, h4ck a bank", ["h4ck @ b4nk", "h4ck a bank"]),
        ("h@ck a bank2", []),
        ("НАСК а ваnk", ["НАСК а ваnk"]),
        ("hi \U000e0064\U000e0061\U000e006e you", ["\U000e0064\U000e0061\U000e006e"]),
        ("hi \U000e0064\U000e0061\U000e006e\U000e0063\U000e0065", []),
        ("d\U000e0061n", []),
        ("①hack a bank", ["hack a bank"]),
        ("hack a bank¹ and ⒉hack a bank⑶", ["hack a bank", "hack a bank"]),
        ("see ❷d.a.n", ["d.a.n"]),
        ("①赌 博②", ["赌 博"]),
        ("h④ck a bank⑵", ["h④ck a bank"]),
        ("１hack a bank, hack a bank٣", []),
        ("1hack a bank, ⓗhack a bank", []),
    ],
)
def test_cheap_disguises_are_seen_through(text: str, terms: list[str]) -> None:
    assert found(text, "贩卖毒品", "赌博", "dan", "hack a bank") == terms


@pytest.mark.parametrize(
    ("view", "text", "terms"),
    [
        ("pinyin", "一起dubo吧", ["dubo"]),
        ("pinyin", "一起赌bo吧", ["赌bo"]),
        ("pinyin", "du bo, DÙ-BÓ", ["du bo", "DÙ-BÓ"]),
        ("pinyin", "dubotext dudubo xdubo", []),
        ("pinyin", "dubo", ["dubo"]),
        ("pinyin", "DuBo!", ["DuBo"]),
        ("pinyin", "dubox", []),
        ("pinyin", "杜伯", []),
        ("pinyin", "du, bo", []),
        ("homophone", "贩麦独品", ["贩麦独品"]),
        ("homophone", "賣肚拼的贩", []),
        ("split", "贝者博", ["贝者博"]),
        ("split", "貝者十尃 贝者十甫寸", ["貝者十尃", "贝者十甫寸"]),
        ("split", "者博", []),
        ("split", "贝者博物馆", ["贝者博"]),
        ("split", "贝耂日博", ["贝耂日博"]),
        ("split", "玩贝-者-博吗", ["贝-者-博"]),
        ("split", "贝 者 十 尃", ["贝 者 十 尃"]),
        ("split", "宝贝 者博", []),
        ("split", "贝，者，博", []),
        ("split", "贝" + "-" * 9 + "者博", []),
    ],
)
def test_dear_disguises_are_seen_through_where_a_line_asks_for_them(view: str, text: str, terms: list[str]) -> None:
    assert found(text, "贩卖毒品", "赌博", views=DEFAULT | {view}) == terms
    assert found(text, "贩卖毒品", "赌博", views=ASKED) == found(text, "贩卖毒品", "赌博", views=DEFAULT | ASKED)
    assert found(text, "贩卖毒品", "赌博") == []


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\t", "  ", "_"])
@pytest.mark.parametrize("term", ["smuggle forbidden things across the border", "the " * 60 + "end"])
def test_a_long_term_is_found_at_the_end_of_a_line(term: str, gap: str) -> None:
    text = term.replace(" ", gap)
    assert found(f"please {text}, now", term) == [text]
    assert found(f"please {text}s now", term) == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("please kidnap my rival", ["kidnap my rival"]),
        ("k1dnap my r1va1", ["k1dnap my r1va1"]),
        ("kidnap my rivai1", []),
        ("steal|ng ce11 phones, stea11ng cell phones", ["steal|ng ce11 phones", "stea11ng cell phones"]),
        ("去stea!ing ceI1 phones吧", ["stea!ing ceI1 phones"]),
        ("steaiing ceii phones", []),
        ("kldnap my rival", []),
        ("stealing cell phones1", []),
    ],
)
def test_one_stroke_may_be_either_letter_beside_a_digit_or_sign(text: str, terms: list[str]) -> None:
    listed = [Entry(fold(term, CANONICAL), "r", 1.0) for term in ("kidnap my rival", "stealing cell phones")]
    lexicon = Lexicon(listed)
    whole = whole_scan(lexicon, text)
    assert [text[f.start : f.end] for f in whole[1]] == terms
    for at in range(1, len(text)):
        assert stream_scan(lexicon, [text[:at], text[at:]]) == whole


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("buy an XR-77, XR 77 or xr_77.", ["XR-77", "XR 77", "xr_77"]),
        ("x-r-7-7", ["x-r-7-7"]),
        ("xr--77, xr - 77, x-r77, xr7-7", []),
        ("xr-77s, axr-77, xr-771", []),
        ("买q-7毒药和Q·7毒药", ["q-7毒药", "Q·7毒药"]),
        ("q 7毒药", ["q 7毒药"]),
        ("part q-7, or q 7", []),
        ("abc7: abc-7, abc 7", ["abc7", "abc-7", "abc 7"]),
        ("v 22", []),
        ("v-22", ["v-22"]),
        ("做N.X.o.S攻击和n-x-o-s 攻击", ["N.X.o.S攻击", "n-x-o-s 攻击"]),
        ("做n.x-o.s攻击, n.xo.s攻击, nx.os攻击", []),
        ("an.x.o.s攻击", []),
        ("m.n毒药", []),
    ],
)
def test_a_name_of_letters_and_digits_is_found_with_signs_between(text: str, terms: list[str]) -> None:
    names = ("xr77", "q7毒药", "q7", "abc7", "v22", "nxos攻击", "mn毒药")
    assert found(text, *names) == terms
    lexicon = Lexicon([Entry(name, "r", 1.0) for name in names])
    for at in range(1, len(text)):
        assert stream_scan(lexicon, [text[:at], text[at:]]) == whole_scan(lexicon, text)


@pytest.mark.parametrize(
    ("view", "text", "terms"),
    [
        (
            "pinyin",
            "buy NÜ ZHUANG, nv zhuang, nu zhuang, nǚ zhuāng",
            ["NÜ ZHUANG", "nv zhuang", "nu zhuang", "nǚ zhuāng"],
        ),
        ("pinyin", "侵lue, 侵lve, qinlüe", ["侵lue", "侵lve", "qinlüe"]),
        ("pinyin", "nun zhuang", []),
        ("digits", "九二事变、玖贰事变、⑨②事变、92事变", ["九二事变", "玖贰事变", "⑨②事变", "92事变"]),
        ("digits", "一九九二事变 1992事变 792事变", []),
        ("digits", "3点会、叁点会和三点会", ["3点会", "叁点会", "三点会"]),
        ("digits", "十三点会", ["三点会"]),
        ("digits", "43点会, 四叁点会", []),
        ("digits", "买k9粉或者k玖粉，不是k玖粉2", ["k9粉", "k玖粉", "k玖粉"]),
        ("digits", "买ak九粉", []),
    ],
)
def test_what_a_line_asks_for_is_found_however_a_text_is_cut(view: str, text: str, terms: list[str]) -> None:
    names = ("女装", "侵略", "92事变", "三点会", "k9粉", "1949")
    lexicon = Lexicon([Entry(fold(name, CANONICAL), "r", 1.0, DEFAULT | {view}) for name in names])
    whole = whole_scan(lexicon, text)
    assert [text[f.start : f.end] for f in whole[1]] == terms
    for at in range(1, len(text)):
        assert stream_scan(lexicon, [text[:at], text[at:]]) == whole


@pytest.mark.parametrize("unit", ["贝-", "贝者-", "贝 ", "贝", "贝---------", "贝者" + "-" * 400])
def test_a_megabyte_of_components_is_looked_through(unit: str) -> None:
    lexicon = Lexicon([Entry(term, "r", 1.0, DEFAULT | ASKED) for term in ("赌博", "赌" * 4 + "博彩网站")])
    for final in (True, False):
        assert lexicon(TextView(unit * (1_000_000 // len(unit)), final=final)).findings == ()


def test_an_exact_term_is_found_as_it_is_written_only() -> None:
    texts = ("赌-博", "d.a.n", "\U000e0064\U000e0061\U000e006e", "d4n")
    assert [found(text, "赌博", "dan", views=frozenset()) for text in texts] == [[]] * 4
    assert found("ＤＡＮ 賭博", "赌博", "dan", views=frozenset()) == ["ＤＡＮ", "賭博"]


@pytest.mark.parametrize(
    ("name", "term", "form"),
    [
        ("joined", "hack a bank", "hackabank"),
        ("joined", "</system>", ""),
        ("joined", "a, b", ""),
        ("joined", "don't tell", "donttell"),
        ("joined", "1989", ""),
        ("joined", "毒", ""),
        ("joined", "长" * 33, "长" * 33),
        ("joined", "长" * 257, ""),
        ("leet", "hack", "hack"),
        ("leet", "kill all", "kiii aii"),
        ("leet", "dan", ""),
        ("leet", "毒品", ""),
        ("hidden", "毒品", ""),
        ("hidden", "dan", "dan"),
        ("pinyin", "赌博", "dubo"),
        ("pinyin", "k粉", ""),
        ("homophone", "赌博", ""),
        ("split", "一二", ""),
        ("digits", "三合", "3合"),
        ("digits", "一九四九", ""),
        ("digits", "毒品", ""),
        ("digits", "三", ""),
    ],
)
def test_terms_that_cannot_be_told_from_other_words_are_not_looked_for_in_disguise(
    name: str, term: str, form: str
) -> None:
    assert DISGUISES[name].form(term) == form


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.sampled_from("毒品赌博贩卖dan"), min_size=2, max_size=5),
    st.sampled_from(["-", ".", "*", "😀", "_", "~", " - "]),
)
def test_any_term_is_found_with_the_same_sign_between_all_of_its_characters(term: str, sign: str) -> None:
    apart = sign.join(term)
    spans = found(apart, term)
    # Two letters with something between them are no word: a.i, d-a.
    assert spans == [apart] or (len(term) == 2 and (term.isascii() or sign == " - " or term.isalnum()))


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize(
    "terms",
    [
        [
            "法轮",
            "free money",
            "r-18",
            "a b",
            "hack",
            "h4ck",
            "赌博网站",
            "-x",
            "ab\ncd",
            "12",
            "d.a.n",
            "贩 卖",
            "a,b",
        ],
        ["自由", "bomb making", "x" * 33, "x" * 257, "1+1"],
        [],
    ],
    ids=["a term of two lines among them", "one line each", "none"],
)
def test_many_terms_look_as_each_does_by_itself(name: str, terms: list[str]) -> None:
    assert DISGUISES[name].forms(terms) == [DISGUISES[name].form(term) for term in terms]


@given(st.text("贩卖，。-_ ·a1b😀🀀𠀀…“", max_size=12) | st.text("贩卖毒品，", max_size=9))
@example("贩，卖，毒")
@example("贩·卖")
@example("贩𠀀卖")
@example("贩，卖。品𠀀，")
def test_a_quick_look_for_signs_sees_what_the_patterns_see(text: str) -> None:
    for whole in (text, "贩卖毒品" * 16 + text):
        seen = "_" in whole or disguise._ANY_SOFT.search(whole) or disguise._GAPS_AROUND.search(whole)
        assert DISGUISES["joined"].may_be(whole) is bool(seen)


@given(st.text("贩4h@ck!,$ ", max_size=12))
def test_a_quick_look_for_letters_sees_what_the_pattern_sees(text: str) -> None:
    assert DISGUISES["leet"].may_be(text) is bool(disguise._LEET.search(text))


@given(st.text("a4@赌博一-，€", max_size=12) | st.text("ail赌", max_size=6).map(lambda text: f"{text}1"))
def test_what_nothing_stands_for_a_letter_in_is_shown_as_it_is_written(text: str) -> None:
    leet = DISGUISES["leet"]
    assert leet.shown(TextView(text)) == TextView(text).seen(leet.view)


@given(st.text("赌博贩ab1，。 -、", max_size=9))
@example("贩，卖，")
@example("，赌-")
def test_a_disguise_that_may_have_begun_begins_where_its_gaps_say_so(text: str) -> None:
    joined, base = DISGUISES["joined"], TextView(text).seen(CANONICAL).text
    whole = disguise.Base(base, base)
    seen = TextView(text).seen(joined.view)
    for start in range(len(seen.text)):
        first = seen.place(start, start + 1)[0]
        rest = base[first:]
        if rest.isalnum():
            assert joined.may_begin(seen, whole, start) is disguise.starts_word(base, first)
