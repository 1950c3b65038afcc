"""Texts made of texts: the same for the same seed, of the same group alone, and nothing but what stood in them."""

from __future__ import annotations

from collections import Counter

import pytest

from training.stretched import stretched, units

TEXTS = [
    "今天天气怎么样，适合去公园吗？",
    "how do I bake bread, and for how long?",
    "用 Python 写一个 quick sort，谢谢！",
]
GROUPS = [("zh", 0), ("en", 0), ("zh", 1)]


@pytest.mark.parametrize("text", [*TEXTS, "", "  two  blanks ", "a_b's 3.5%\n好 。", "é 日本の"])
def test_nothing_gets_lost_between_units(text: str) -> None:
    assert "".join(units(text)) == text


def test_a_unit_is_a_han_character_a_word_or_a_sign() -> None:
    assert units("用 Python 写，ok?") == ["用 ", "Python ", "写", "，", "ok", "?"]


def test_the_same_seed_makes_the_same_texts_and_another_others() -> None:
    one, same, other = (list(stretched(TEXTS, GROUPS, seed)) for seed in (1, 1, 2))
    assert one == same != other


def test_each_text_is_stretched_so_many_times_in_its_own_place() -> None:
    made = list(stretched(TEXTS, GROUPS, 1, times=4))
    assert Counter(at for at, _ in made) == {0: 4, 1: 4, 2: 4}
    for at, text in made:
        assert text
        assert not set(text) - set(TEXTS[at])


def test_only_texts_of_one_group_are_joined() -> None:
    texts = [chr(0x4E00 + group) * 20 for group in range(4) for _ in range(5)]
    groups = [group for group in range(4) for _ in range(5)]
    for at, text in stretched(texts, groups, 1, times=20):
        assert set(text) == {chr(0x4E00 + groups[at])}


def test_halves_are_joined_units_left_out_and_texts_cut_short() -> None:
    text, other = "abcdefghijklmnopqrst", "ABCDEFGHIJKLMNOPQRST"
    words = [" ".join(some) for some in (text, other)]
    made = [units(one) for at, one in stretched(words, [0, 0], 1, times=200) if at == 0]
    joined = [one for one in made if any(unit.strip().isupper() for unit in one)]
    alone = [[unit.strip() for unit in one] for one in made if one not in joined]
    short = [one for one in alone if "".join(one) in text]
    thinned = [one for one in alone if "".join(one) not in text and one == sorted(set(one))]
    # A text is joined with itself as often as with the other: those are neither short nor thinned.
    assert 30 < len(joined) < 70
    assert len([one for one in short if len(one) < 20]) > 30
    assert 25 < len(thinned) < 75
    assert sum(map(len, thinned)) / len(thinned) == pytest.approx(0.85 * 20, abs=1)


def test_a_text_too_short_to_cut_stays_whole() -> None:
    assert {text for _, text in stretched(["好的"], [0], 1, times=50)} <= {"好的", "好的好的", "好", "的"}
    assert list(stretched([""], [0], 1, times=1)) == [(0, "")]


def test_what_is_made_is_never_longer_than_a_window() -> None:
    assert max(len(text) for _, text in stretched(["长" * 600, "x" * 600], [0, 0], 1, times=20)) <= 512
