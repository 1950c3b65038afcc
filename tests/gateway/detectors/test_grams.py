"""N-grams depend on their own characters alone, and on nothing that stands between or around them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors import grams as module
from gateway.detectors.grams import Added, clause, grams, hashed, in_windows, upper


def seen(text: str) -> set[str]:
    found = grams(text)
    return {text[start:end] for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True)}


def hashes(text: str) -> set[int]:
    return set(grams(text).hashes.tolist())


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("我爱北京", {"我", "我爱", "我爱北", "爱北京"}),
        ("how to do", {"how", "how to", "how to do", "ow "}),
        ("用GPT写", {"用", "GPT", "用GPT", "用GPT写"}),
        ("😀好", {"😀", "😀好"}),
        ("ab", {"ab"}),
    ],
)
def test_signs_and_words_are_tokens(text: str, some: set[str]) -> None:
    assert some <= seen(text)


@pytest.mark.parametrize("text", ["", " ", "。，", "...!"])
def test_separators_alone_are_nothing(text: str) -> None:
    assert grams(text).hashes.size == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("赌博", "赌-博"), ("赌博", "赌 博！"), ("hello world", "hello,  world."), ("号123", "号456"), ("号1", "号 9")],
)
def test_what_stands_between_and_which_digit_it_is_changes_nothing(one: str, other: str) -> None:
    assert hashes(one) == hashes(other)


@pytest.mark.parametrize(
    ("one", "other"), [("赌博", "博赌"), ("ab", "ba"), ("a b", "ab"), ("号12", "号1"), ("中", "国")]
)
def test_order_words_and_lengths_do(one: str, other: str) -> None:
    assert hashes(one) != hashes(other)


@given(st.text("我爱ab1 ，-", max_size=30), st.text("我爱ab1 ，-", max_size=30))
def test_a_text_holds_what_its_parts_hold(left: str, right: str) -> None:
    assert hashes(left) | hashes(right) <= hashes(f"{left} {right}")


@given(st.text(max_size=60))
def test_whatever_the_text_grams_lie_inside_of_it(text: str) -> None:
    found = grams(text)
    assert (found.starts >= 0).all()
    assert (found.ends <= len(text)).all()
    assert (found.starts < found.ends).all()


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("你好", True),
        ("hello", False),
        ("", False),
        ("帮我write一下邮件", True),
        ("what is 你好 in English", False),
        ("women = 🦟", False),
        ("👎 teeth 👎 → you ✂", False),
        ("女人 = 🦟", True),
        ("いい day", True),
    ],
)
def test_a_text_is_read_in_the_language_that_it_has_more_of(text: str, chinese: bool) -> None:
    assert grams(text).is_chinese(len(text)) is chinese


@given(st.text("我爱ab1 ，-é😀", max_size=40))
def test_hashes_alone_are_those_of_the_grams(text: str) -> None:
    found = grams(text)
    alone, chinese = hashed(text)
    assert alone.tolist() == found.hashes.tolist()
    assert chinese is found.is_chinese(len(text))


@given(st.text("我ab1 ，é", max_size=20), st.text("我ab1 ，é", max_size=20))
def test_a_gram_has_the_same_hash_wherever_it_stands(before: str, text: str) -> None:
    mine = {
        (before + "，" + text)[start:end]: number
        for start, end, number in zip(
            *(column.tolist() for column in grams(before + "，" + text)[1:3]),
            grams(before + "，" + text).hashes.tolist(),
            strict=True,
        )
        if start > len(before)
    }
    alone = set(grams(text).hashes.tolist())
    assert set(mine.values()) <= alone


@given(st.lists(st.text("我爱ab1 é😀", max_size=12), max_size=5))
def test_what_pieces_add_is_what_the_whole_holds(pieces: list[str]) -> None:
    text, at, last = "，".join(pieces) + "，", 0, Added("").last
    found: list[tuple[int, int]] = []
    words: list[int] = []
    signs: list[int] = []
    for piece in pieces:
        added = Added(piece + "，", last)
        found += zip(added.hashes.tolist(), (added.ends() + at).tolist(), strict=True)
        words += (added.words + at).tolist()
        signs += (added.signs + at).tolist()
        at, last = at + len(piece) + 1, added.last
    whole = grams(text)
    assert sorted(found) == sorted(zip(whole.hashes.tolist(), whole.ends.tolist(), strict=True))
    assert (words, signs) == (whole.words.tolist(), whole.signs.tolist())


@given(st.lists(st.text("我爱京天ab1 ，é😀\u3040\ud800", max_size=12), max_size=5), st.integers(1, 30))
def test_what_a_clause_adds_is_what_a_piece_adds(pieces: list[str], times: int) -> None:
    last = other = Added("").last
    for piece in pieces:
        text = piece * times + "，"
        added, whole = Added(text, last), clause(text, other)
        last, other = added.last, whole.last
        assert sorted(whole.hashes.tolist()) == sorted(upper(added.hashes).tolist())
        assert other.tolist() == last.tolist()
        assert (whole.words, whole.signs) == (added.words.size, added.signs.size)


def test_a_space_of_another_script_ends_a_word_too() -> None:
    assert hashes("a. \u1680b") == hashes("a. b")


@given(st.text("我爱ab1 ，-é😀", max_size=60), st.lists(st.integers(0, 60), max_size=4), st.integers(1, 30))
def test_a_window_holds_the_grams_that_no_edge_of_it_cuts(text: str, starts: list[int], width: int) -> None:
    found, starts = grams(text), sorted(starts)
    windows = in_windows(text, starts, width)
    for number, start in enumerate(starts):
        end = start + width
        inside = (found.starts >= start) & (found.ends <= end)
        assert sorted(windows.hashes[number].tolist()) == sorted(upper(found.hashes[inside]).tolist())
        for counted, ends in ((windows.words, found.words), (windows.signs, found.signs)):
            assert counted[number] == ((ends > start) & (ends <= end)).sum()


@given(st.text("ab1我é ，", max_size=60))
def test_letters_are_read_the_same_one_by_one_and_all_at_once(text: str) -> None:
    codes = np.array(list(map(ord, text)), np.intp)
    letters = np.flatnonzero(module._KINDS.take(codes) == module._LETTER)
    if letters.size:
        one_by_one, at_once = module._few(codes, letters), module._many(codes, letters)
        assert [part.tolist() for part in one_by_one] == [part.tolist() for part in at_once]
        assert [part.dtype for part in one_by_one] == [part.dtype for part in at_once]
