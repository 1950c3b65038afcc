"""Texts that share rare n-grams with a question come first, and what they score is BM25, however it is kept."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.meaning.counted import Counted
from gateway.meaning.pieces import grams, plain

TEXTS = ("怎么退货", "怎么换货", "怎么开发票", "how do i return an item", "app登录不了", "")


def index(texts: tuple[str, ...] = TEXTS) -> Counted:
    return Counted(map(plain, texts))


def bm25(texts: list[str], question: str, k1: float = 1.2, b: float = 0.5) -> list[float]:
    """The formula as it stands in the book, text by text."""
    held = [Counter(grams(text)) for text in texts]
    usual = sum(one.total() for one in held) / len(held) or 1
    many = {gram: sum(gram in other for other in held) for gram in grams(question)}
    found = []
    for one in held:
        score = 0.0
        for gram, number in many.items():
            weight = math.log(1 + (len(held) - number + 0.5) / (number + 0.5))
            score += weight * one[gram] * (k1 + 1) / (one[gram] + k1 * (1 - b + b * one.total() / usual))
        found.append(score)
    return found


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
    assert Counted(()).scores("退货").shape == (0,)


def test_a_rare_gram_weighs_more_than_a_common_and_an_unseen_one_most() -> None:
    counted = index()
    assert counted.weight("怎么") < counted.weight("退货") < counted.weight("量子")


@given(st.lists(st.text("退货换ab ", max_size=8), min_size=1, max_size=6), st.text("退货换ab ", max_size=8))
def test_scores_are_finite_and_never_below_nothing(texts: list[str], question: str) -> None:
    scores = index(tuple(texts)).scores(plain(question))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()


@given(st.lists(st.text("退货换ab 7", max_size=9), min_size=1, max_size=7), st.text("退货换ab 7", max_size=9))
def test_scores_are_those_of_the_formula(texts: list[str], question: str) -> None:
    folded = [plain(text) for text in texts]
    assert np.allclose(Counted(folded).scores(plain(question)), bm25(folded, plain(question)), atol=2e-3, rtol=1e-3)


def test_scores_are_those_of_the_formula_where_most_texts_hold_an_ngram() -> None:
    texts = [
        f"怎么{'退货' if number % 2 else '换货'}{chr(0x4E00 + number)}{'呀' * (number % 5)}" for number in range(2500)
    ]
    counted = Counted(texts)  # in several parts, and with rows over all texts
    asked = f"怎么退货{chr(0x4E00 + 7)}呀"
    assert np.allclose(counted.scores(asked), bm25(texts, asked), atol=2e-3, rtol=1e-3)
    for gram in ("怎么", "退货", "呀呀", chr(0x4E00 + 7), "没有"):
        some = np.array([7, 8, 9, 2499])
        assert counted.holds(gram, some).tolist() == [gram in texts[at] for at in some]
    assert counted.rarest(f"退{chr(0x4E00 + 7)}", 1) == [7]


def test_what_nearly_all_texts_hold_is_not_looked_up_among_many() -> None:
    counted = Counted([f"怎么{chr(0x4E00 + number)}" for number in range(1000)], common=0.5)
    assert not counted.scores("怎么").any()
    assert not counted.holds("怎么", np.arange(5)).any()
    assert int(counted.scores(f"怎么{chr(0x4E00 + 7)}").argmax()) == 7


def test_of_what_too_many_texts_hold_only_the_number_is_kept() -> None:
    texts = [f"怎么{chr(0x4E00 + number)}" for number in range(20)]
    counted, whole = Counted(texts, longest=5), Counted(texts)
    assert counted.weight("怎") == whole.weight("怎")
    assert not counted.scores("怎么").any()
    assert counted.rarest(f"怎么{chr(0x4E00 + 7)}", 3) == [7]
    assert counted.rarest("怎么", 3) == []


def test_the_ngrams_of_each_text_are_known_if_that_is_wanted() -> None:
    texts = [f"怎么{'退货' if number % 2 else '换货'}{chr(0x4E00 + number)}呀呀" for number in range(2500)]
    counted = Counted(texts, longest=5, holding=True)
    names = [*counted]
    for at in (0, 7, 2048, 2499):
        assert {names[id] for id in counted.held.of(at)} == set(grams(texts[at]))
    assert [counted.number(gram) for gram in names] == [*range(len(names))]
    assert counted.number("没有") is None
    assert counted.weights.tolist() == [counted.weight(gram) for gram in names]
    assert counted.unheard == counted.weight("没有")
    assert counted.known(["没有", names[3], names[0]]) == {names[3]: 3, names[0]: 0}
    assert len(Counted(texts).held) == 0


def test_scores_can_be_had_so_many_times() -> None:
    counted = index()
    known = counted.known(["退", "货", "退货"])
    assert np.allclose(counted.scores_of(known.values(), 0.25), 0.25 * counted.scores("退货"))


def test_the_rarest_share_most() -> None:
    counted = Counted(map(plain, ("退款编号七", "退款编号八", "退款")), longest=100)
    assert counted.rarest(plain("退款编号八"), 2) == [1, 0]
