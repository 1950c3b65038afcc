"""Each layer goes character by character: no cut changes what is seen, and every character leads back.

Mutants killed: a layer that looks at neighbours; a table that is not closed (a result that would be laid
again); places counted in the wrong text; gaps of a joined view counted as characters.
"""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import cut_randomly

from gateway.glyphs import glyphs
from gateway.text import CANONICAL, HIDDEN, TextView, fold
from gateway.views import layer, layers

NAMES = (*layers(), CANONICAL, f"{CANONICAL}+joined", f"{CANONICAL}+leet", "digits+joined", "leet+joined", HIDDEN)
PICKED = st.text(
    st.sampled_from("aB1!@|$ -.，。毒賭博剝讀Аа壹①⑴٣🅰🇩é‍\u200b\ufe0f\U000e0061\U000e0141😀Ａ女干奸\n_"), max_size=30
)
ANY = st.text(st.characters(), max_size=30) | PICKED


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("simplified", "販賣毒品", "贩卖毒品"),
        ("simplified", "鄕靑姪妬鬪餵汚脇 気変 妳", "乡青侄妒斗喂污胁 气变 你"),
        ("simplified", "著名的贩卖 mixed 賭博", "著名的贩卖 mixed 赌博"),
        ("latin", "Ѕех and раypаl", "sex and paypal"),
        ("latin", "bömb 𝔟𝔬𝔪𝔟 🅱🅾🅼🅱 ʙᴏᴍʙ", "bomb bomb bomb bomb"),
        ("latin", "αρρlе 中文", "apple 中文"),
        ("leet", "h4ck th3 p@$$w0rd 中", "hack the password 中"),
        ("strokes", "ki11 al| f1les!", "kiii aii fiiesi"),
        ("digits", "一三八〇〇 壹贰叁 ①⑵⒊㈣㊄ ٣४ 幺", "13800 123 12345 34 1"),
        ("digits", "十五 2026", "十5 2026"),
        ("joined", "赌-博 d.a.n 赌 博 炸😀药", "赌博dan赌博炸药"),
        ("digits+joined", "一三八 〇〇-1３8", "13800138"),
        ("pinyin", "赌bo 绿", "dubo lv"),
        ("pinyin+umlaut", "女you lve nü", "nuyou lue nü"),
        ("latin+umlaut", "nǚ lüe", "nu lue"),
        ("split", "贝者博 女干", fold("赌博 奸", "split")),
        ("homophone", "堵伯", fold("赌博", "homophone")),
        (CANONICAL, "賭 Ьomb", "赌 bomb"),
        (HIDDEN, "hi \U000e0069\U000e0067\U000e004e\U000e006f你", "\n\n\nigno\n"),
        (HIDDEN, "😀\U000e0158\U000e0159", "\nhi"),
        (HIDDEN, "nothing is hidden ❤️", ""),
        ("plain", "ＡＢ", "ab"),
    ],
)
def test_a_view_shows_what_a_disguise_stands_for(name: str, text: str, seen: str) -> None:
    assert TextView(text).seen(name).text == seen
    if name != HIDDEN:
        assert fold(text, name) == seen


def test_a_layer_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"unknown layer 'simple'; there are: canonical, simplified"):
        TextView("x").seen("simple+latin")
    with pytest.raises(ValueError, match="unknown layer ''"):
        fold("x", "")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(text=ANY, seed=st.integers(0, 2**32))
def test_a_view_does_not_depend_on_where_a_text_is_cut(name: str, text: str, seed: int) -> None:
    whole = TextView(text).seen(name).text
    if name == HIDDEN and not whole:
        return
    pieces = cut_randomly(text, random.Random(seed))
    if name == HIDDEN:  # of a piece in which nothing is hidden nothing is shown
        assert "".join(TextView(piece).seen(name).text or "\n" * len(piece) for piece in pieces) == whole
    else:
        assert "".join(fold(piece, name) for piece in pieces) == whole


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(text=ANY, start=st.integers(0, 30), escaped=st.booleans())
def test_every_character_of_a_view_leads_back_to_its_original(name: str, text: str, start: int, escaped: bool) -> None:
    view = TextView(text, min(start, len(text)), escaped=escaped)
    seen, plain = view.seen(name), view.folded
    before = 0
    for index, character in enumerate(seen.text):
        first, last = seen.span(index, index + 1)
        assert before <= first < last <= len(text)
        assert (first >= view.start) == (index >= seen.start)
        assert seen.offset(index) == first
        if name != HIDDEN:
            below = seen.place(index, index + 1)
            assert plain.span(*below) == (first, last)
            assert character in fold(plain.text[slice(*below)], name)
        before = first
    assert seen.offset(len(seen.text)) == len(text) or seen.places is None


@pytest.mark.parametrize("name", layers())
@settings(max_examples=60, deadline=None)
@given(text=ANY)
def test_what_a_layer_has_folded_it_leaves(name: str, text: str) -> None:
    once = layer(name)(fold(text)).text
    assert layer(name)(once).text == once


@pytest.mark.parametrize(
    "name", ["canonical", "simplified", "latin", "digits", "homophone", "leet", "strokes", "umlaut"]
)
def test_a_layer_of_single_characters_keeps_every_place(name: str) -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    laid = layer(name)(every)
    assert laid.places is None
    assert len(laid.text) == len(every)
    for at in range(0, len(every), 4_999):
        assert layer(name)(every[at]).text == laid.text[at]


def test_the_tables_are_what_their_names_say() -> None:
    assert all(
        len(to) == 1 and one != to and to not in glyphs("simplified") for one, to in glyphs("simplified").items()
    )
    assert all(to in "abcdefghijklmnopqrstuvwxyz" and not one.isascii() for one, to in glyphs("latin").items())
    assert all(to in "0123456789" and not one.isascii() for one, to in glyphs("digits").items())
    assert all(to.isascii() and to.isalpha() and to.islower() for to in glyphs("pinyin").values())
    assert len(glyphs("pinyin")) > 20_000
    assert all(1 <= len(to) <= 6 for to in glyphs("split").values())
    assert all(unicodedata.digit(one, int(to)) == int(to) for one, to in glyphs("digits").items())


@settings(max_examples=100, deadline=None)
@given(text=ANY)
def test_the_canonical_view_is_simplified_and_latin_in_one_go(text: str) -> None:
    assert fold(text, CANONICAL) == fold(text, "simplified+latin") == fold(text, "latin+simplified")


def test_what_is_hidden_in_escaped_text_is_seen() -> None:
    view = TextView("a\\udb40\\udc69\\udb40\\udc67b", escaped=True)
    assert view.seen(HIDDEN).text == "\nig\n"
    assert view.seen(HIDDEN).span(1, 3) == (1, 25)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "unit", ["a", "毒", "賭", "- ", "贩-", "4", "\U000e0061", "é", "\u200b", "一", "😀", "\\u8d4c", "\ud83d"]
)
def test_a_megabyte_of_the_worst_is_seen(name: str, unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    seen = TextView(text, escaped="\\" in unit).seen(name)
    if seen.text:
        assert seen.span(len(seen.text) - 1, len(seen.text))[1] <= len(text)


@given(st.text("赌a1，。 -_!?:;·~*()#@$%^&+=\n", max_size=60))
def test_joined_drops_every_sign_and_nothing_else(text: str) -> None:
    joined = layer("joined")(text)
    assert joined.text == "".join(one for one in text if one.isalnum())
    places = range(len(text)) if joined.places is None else joined.places
    assert [text[at] for at in places] == list(joined.text)
