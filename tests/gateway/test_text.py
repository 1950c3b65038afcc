"""Folding is one to one, does not depend on cuts, and finds its way back."""

from __future__ import annotations

import json
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.streaming import cut_randomly

from gateway.text import TextView, cut_escape, edges, fold, is_chinese, itemised

ANY_TEXT = st.text(st.characters(), max_size=40)  # surrogates too
TRICKY = st.text(st.sampled_from("aZ1。，ＡＢ０　ς\u200b\u0301é’—𝐀\ufe0f\U000e0041中İß\ud83dﬁﬄ⑴٣⒜🄗"), max_size=30)
ESCAPED = st.lists(
    st.sampled_from(
        [
            "a",
            "1",
            "中",
            "\\n",
            '\\"',
            "\\\\",
            "\\u4e2d",
            "\\u200b",
            "\\ud83d\\ude00",
            "\\ud83d",
            "\\u0031",
            "，",
            "\\ufb01",
            "ﬃ",
            "u",
            "d",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello World", "hello world"),
        ("你好，世界！（测试）", "你好,世界!(测试)"),
        ("ＡＩ模型　ｖ２．０", "ai模型 v2.0"),
        ("自\u200b杀", "自杀"),
        ("自\ufe0f杀\u00ad", "自杀"),
        ("s\u0336e\u0336x", "sex"),
        ("don’t", "don't"),
        ("138—0013‑8000", "138-0013-8000"),
        ("𝐛𝐨𝐦𝐛 ①②③", "bomb 123"),
        ("打⑴⒊❽➀➊⓵㈠〣🄂🯱，㊀", "打1381111311,一"),
        ("call ١۲३๔೫ now ⁵₆", "call 12345 now 56"),
        ("⑩ ㈩ 〺 ½ Ⅷ 一二 ㎏", "⑩ ㈩ 卅 ½ Ⅷ 一二 ㎏"),
        ("⒣⒪⒲ 🄣🄞 ⒜ ㈱", "how to a ㈱"),
        ("riﬂe oﬃce ﬁx ﬆ", "rifle office fix st"),
        ("ÉCOLE Ωμέγα ΟΔΟΣ", "école ωμέγα οδοσ"),
        ("МОСКВА", "москва"),
        ("\ud83d半", "\ufffd半"),
        ("没有什么可折叠的", "没有什么可折叠的"),
        ("\U0001d455ＡＡ\U000e0080ＡA", "\U0001d455aa\U000e0080aa"),
        ("", ""),
    ],
)
def test_width_case_and_disguise_fold_away(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert TextView(text).folded.text == folded


def test_every_character_folds_to_nothing_or_to_one_that_is_folded_but_for_ligatures() -> None:
    several = {}
    for code in (*range(0x20000), *range(0xE0000, 0xE0200)):
        folded = fold(chr(code))
        if len(folded) > 1:
            several[chr(code)] = folded
        assert fold(folded) == folded
    assert several == {one: unicodedata.normalize("NFKC", one) for one in "ﬀﬁﬂﬃﬄﬅﬆ"}


def test_every_character_that_is_one_digit_becomes_that_digit() -> None:
    for code in range(0x20000):
        value = unicodedata.digit(chr(code), None)
        # Scripts that nobody has written for two thousand years keep theirs.
        if value is not None and code not in range(0x10A40, 0x10E80) and code not in range(0x11052, 0x1105B):
            assert fold(chr(code)) == str(value)


@given(ANY_TEXT | TRICKY)
def test_a_folded_text_is_folded(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT | TRICKY, st.integers(0, 40))
def test_folding_does_not_depend_on_where_a_text_is_cut(text: str, at: int) -> None:
    assert fold(text[:at]) + fold(text[at:]) == fold(text)


@given(st.text(st.characters(codec="ascii")))
def test_ascii_folds_as_it_would_beside_chinese(text: str) -> None:
    assert fold(text + "中") == fold(text) + "中"


def test_many_kinds_of_foldable_characters_fold_like_few() -> None:
    text = "".join(map(chr, range(0xFF01, 0xFF5F)))
    assert fold(text) == "".join(fold(character) for character in text)
    assert fold(text) == unicodedata.normalize("NFKC", text).lower()


@given(ANY_TEXT | TRICKY | ESCAPED, st.booleans(), st.booleans(), st.integers(0, 40))
def test_each_folded_character_leads_back_to_its_original(text: str, escaped: bool, final: bool, at: int) -> None:
    at = min(at, len(text))
    view = TextView(text, at, final, escaped=escaped)
    folded = view.folded
    size = len(folded.text)
    assert folded.offset(size) == len(text) or size == len(text)
    assert 0 <= folded.start <= size
    last = (0, 0)
    for index, character in enumerate(folded.text):
        start, end = folded.span(index, index + 1)
        assert last[1] <= start < end <= len(text) or ((start, end) == last and character in "filst")
        assert folded.offset(index) == start
        assert (start >= at) == (index >= folded.start)
        if not escaped:
            assert character in fold(text[start:end])
        last = (start, end)
    if not escaped:
        assert folded.text == fold(text)


@given(ANY_TEXT)
def test_escaped_json_folds_to_what_it_stands_for(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    for written in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        assert TextView(written[1:-1], escaped=True).folded.text == fold(text)


@given(ESCAPED, st.integers(0, 2**32))
def test_pieces_of_escaped_text_fold_like_the_whole_if_no_escape_is_torn(text: str, seed: int) -> None:
    rest, folded = "", []
    for piece in cut_randomly(text, random.Random(seed)):
        rest += piece
        edge = cut_escape(rest)
        view = TextView(rest, final=False, escaped=True)
        assert view.folded.text == TextView(rest[:edge], escaped=True).folded.text
        folded.append(view.folded.text)
        rest = rest[edge:]
    folded.append(TextView(rest, escaped=True).folded.text)
    assert "".join(folded) == TextView(text, escaped=True).folded.text


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("abc", 3),
        ("", 0),
        ("ab\\", 2),
        ("ab\\\\", 4),
        ("ab\\\\\\", 4),
        ("ab\\n", 4),
        ("电话\\u00", 2),
        ("电话\\u4e2d", 8),
        ("ab\\\\u00", 7),
        ("\\ud83d", 0),
        ("\\ud83d\\ude0", 0),
        ("\\ud83d\\ude00", 12),
        ("\\ud83dx", 7),
        ("\\\\ud83d\\", 7),
        ("\\\\ud83d\\u0", 7),
    ],
)
def test_an_escape_that_breaks_off_is_found(text: str, edge: int) -> None:
    assert cut_escape(text) == edge


@given(ESCAPED, st.integers(0, 100))
def test_what_stands_before_a_torn_escape_means_the_same_whatever_follows(text: str, at: int) -> None:
    head = text[: min(at, len(text))]
    edge = cut_escape(head)
    whole = TextView(text, escaped=True).folded
    part = TextView(head[:edge], escaped=True).folded
    assert whole.text.startswith(part.text)
    assert whole.offset(len(part.text)) >= edge or len(part.text) == len(whole.text)


def test_pieces_of_a_torn_escape_are_not_seen() -> None:
    assert TextView("1\\u00", final=False, escaped=True).folded.text == "1"
    assert TextView("1\\u00", final=True, escaped=True).folded.text == "1u00"


@pytest.mark.parametrize(
    ("text", "chinese"), [("你好", True), ("hello 世", True), ("hello", False), ("こ", False), ("", False)]
)
def test_a_reader_of_han_characters_expects_chinese(text: str, chinese: bool) -> None:
    assert is_chinese(text) is chinese


@pytest.mark.parametrize(
    ("before", "escaped", "folded"), [("", False, ""), ("ＡＢ\u200bc", False, "abc"), ("a\\u0042", True, "ab")]
)
def test_what_stood_before_is_folded_once_for_all_views_that_show_it(before: str, escaped: bool, folded: str) -> None:
    kept: dict[object, object] = {}
    view, later = (TextView("x", before=before, escaped=escaped, kept=kept) for _ in range(2))
    assert view.behind == later.behind == TextView("x", before=before, escaped=escaped).behind == folded
    assert later.behind is view.behind
    assert TextView("x", before=f"①{before}", escaped=escaped, kept=dict(kept)).behind == f"1{folded}"
    assert TextView("x", before=f"{before}D", escaped=escaped, kept=kept).behind == f"{folded}d"


@pytest.mark.parametrize(
    "view", ["plain", "canonical", "canonical+joined", "canonical+pinyin", "digits+joined", "split"]
)
@given(text=st.text("a赌 -博①\u200bＢ", max_size=12), data=st.data())
def test_where_what_is_to_be_judged_begins_is_the_same_in_every_view(view: str, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    seen = TextView(text, start).seen(view)
    before = sum(seen.span(at, at + 1)[0] < start for at in range(len(seen.text)))
    assert seen.start == before
    assert seen.offset(len(seen.text)) == len(text)


@pytest.mark.parametrize(
    ("text", "escaped", "seen"),
    [
        ("①stage it²", False, " stage it "),
        ("⑴ⓐ 1a １a ٣a ｂ③", False, " a 1a 1a 3a b "),
        ("①\u200b1ﬁ⒉", False, " 1fi "),
        ("\\u2460a①\\u0031", True, " a 1"),
        ("\\n1", True, "\n1"),
        ("賭①", False, "赌 "),
        ("没有 1", False, "没有 1"),
        ("", False, ""),
    ],
)
def test_digits_that_are_marks_of_their_own_belong_to_no_word(text: str, escaped: bool, seen: str) -> None:
    assert edges(TextView(text, escaped=escaped)) == seen


@given(ANY_TEXT | TRICKY | ESCAPED, st.booleans())
def test_the_edges_of_words_are_those_of_the_canonical_view(text: str, escaped: bool) -> None:
    view = TextView(text, escaped=escaped)
    plain = view.seen("canonical").text
    assert all(edge in (one, " ") for edge, one in zip(edges(view), plain, strict=True))


def test_a_megabyte_of_ligatures_and_marks_is_folded() -> None:
    for unit in ("ﬁ", "①", "ﬁ\u200b", "⒜a1", "".join(map(chr, range(0xFB00, 0xFB07))) + "①⑵⒊❹➄➏⓻⑻٩①٠ⒶＢ"):
        view = TextView(unit * (1_000_000 // len(unit)))
        assert len(edges(view)) == len(view.folded.text)
        assert view.folded.span(len(view.folded.text) - 1, len(view.folded.text))[1] <= len(view.text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("⑴138", " 138"),
        ("见①138和②139", "见 138和 139"),
        ("①③⑧", "138"),  # a row of marks is a number
        ("①③⑧12", "13812"),
        ("1①38", "1138"),
        ("①", "1"),
        ("① item", "1 item"),
        ("plain 138", "plain 138"),
    ],
)
def test_a_mark_before_a_number_is_the_items_and_no_part_of_it(text: str, seen: str) -> None:
    view = TextView(text)
    assert itemised(view, view.folded) == seen


def test_traditional_characters_are_shown_simplified_with_the_way_back() -> None:
    view = TextView("見(\u200b電話：27654321)", before="聯絡")
    assert (view.simplified_behind, view.simplified.text) == ("联络", "见(电话:27654321)")
    at = view.simplified.text.index("电话")
    assert view.text[slice(*view.simplified.span(at, at + 2))] == "電話"
    plain = TextView("没有繁体")
    assert plain.simplified is plain.folded
