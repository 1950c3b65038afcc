"""Texts that share rare n-grams with a question come first; what was removed never comes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.counted import Counted
from gateway.meaning.pieces import plain

TEXTS = ("怎么退货", "怎么换货", "怎么开发票", "how do i return an item", "app登录不了", "")


def index(texts: tuple[str, ...] = TEXTS) -> Counted:
    counted = Counted()
    for text in texts:
        counted.add(plain(text))
    return counted


@pytest.mark.parametrize(
    ("question", "first"),
    [("我想退货", 0), ("换货怎么换", 1), ("發票", 2), ("returning items", 3), ("APP登录", 4)],
)
def test_the_text_that_shares_the_rarest_comes_first(question: str, first: int) -> None:
    assert int(index().scores(plain(question)).argmax()) == first


def test_nothing_shared_is_nothing_scored() -> None:
    assert not index().scores("量子").any()
    assert index().scores("").shape == (len(TEXTS),)


def test_an_empty_index_has_no_scores() -> None:
    assert Counted().scores("退货").shape == (0,)


def test_a_text_that_is_gone_is_not_found_and_cannot_go_twice() -> None:
    counted = index()
    counted.remove(0)
    assert counted.scores("退货")[0] == 0
    assert len(counted) == len(TEXTS) - 1
    for number in (0, -1, 99):
        with pytest.raises(KeyError):
            counted.remove(number)


def test_a_rare_gram_weighs_more_than_a_common_and_an_unseen_one_most() -> None:
    counted = index()
    assert counted.weight("怎么") < counted.weight("退货") < counted.weight("量子")


@given(st.lists(st.text("退货换ab ", max_size=8), min_size=1, max_size=6), st.text("退货换ab ", max_size=8))
def test_scores_are_finite_and_never_below_nothing(texts: list[str], question: str) -> None:
    scores = index(tuple(texts)).scores(plain(question))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()


def test_one_by_one_gives_what_all_at_once_gives() -> None:
    grown = Counted()
    for text in TEXTS[:3]:
        grown.add(plain(text))
    grown.scores("退货")  # what was worked out for three must not be kept for six
    for text in TEXTS[3:]:
        grown.add(plain(text))
    assert np.array_equal(grown.scores("退货怎么退"), index().scores("退货怎么退"))


def test_what_nearly_all_texts_hold_is_not_looked_up_among_many() -> None:
    counted = Counted(common=0.5)
    for number in range(1000):
        counted.add(f"怎么{chr(0x4E00 + number)}")
    assert not counted.scores("怎么").any()
    assert int(counted.scores(f"怎么{chr(0x4E00 + 7)}").argmax()) == 7


def test_of_what_too_many_texts_hold_only_the_number_is_kept() -> None:
    counted, whole = Counted(longest=5), Counted()
    for number in range(20):
        for one in (counted, whole):
            one.add(f"怎么{chr(0x4E00 + number)}")
    assert counted.weight("怎") == whole.weight("怎")
    assert not counted.scores("怎么").any()
    assert counted.rarest(f"怎么{chr(0x4E00 + 7)}", 3) == [7]
    assert counted.rarest("怎么", 3) == []


def test_the_rarest_share_most_and_a_text_that_is_gone_is_not_among_them() -> None:
    counted = Counted(longest=100)
    for text in ("退款编号七", "退款编号八", "退款"):
        counted.add(plain(text))
    assert counted.rarest(plain("退款编号八"), 2) == [1, 0]
    counted.remove(1)
    assert counted.rarest(plain("退款编号八"), 2) == [0, 2]
