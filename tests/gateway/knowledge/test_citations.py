"""An answer is held against its passages: what it cites, what they say, and what it made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.knowledge.citations import held_against, uncertain
from gateway.ports import Weighed

RETURNS = "无理由退货的运费由买家承担，须在签收后七天内申请。定制商品不支持无理由退货。"
INVOICE = "电子发票在确认收货后24小时内发送到邮箱。"
OFFICE = "The office is open from 9 to 17 on weekdays. Visitors must not park in the yard."
PASSAGES = [RETURNS, INVOICE, OFFICE]


@pytest.mark.parametrize(
    ("answer", "cited", "unsupported", "uncited"),
    [
        ("无理由退货的运费由买家承担[1]。", (1,), 0, 0),
        ("无理由退货的运费由买家承担。[1]", (1,), 0, 0),
        ("无理由退货的运费由买家承担【1】。电子发票在24小时内发送到邮箱[2]。", (1, 2), 0, 0),
        ("The office is open from 9 to 17 on weekdays [3].", (3,), 0, 0),
        ("电子发票在48小时内发送到邮箱[2]。", (2,), 1, 0),
        ("定制商品支持无理由退货[1]。", (1,), 1, 0),
        ("Visitors must park in the yard [3].", (3,), 1, 0),
        ("会员每月可以领取三张咖啡券[1]。", (1,), 1, 0),
        ("无理由退货的运费由买家承担。", (), 0, 1),
        ("根据资料，无理由退货的运费由买家承担[1, 2]。", (1, 2), 0, 0),
        ("好的。您还有什么问题吗？", (), 0, 0),
    ],
)
def test_an_answer_is_held_against_its_passages(answer, cited, unsupported, uncited) -> None:
    seen = held_against(answer, PASSAGES, "运费谁承担", 0.8)
    assert (seen.cited, seen.unsupported, seen.uncited) == (cited, unsupported, uncited)
    assert seen.unknown == ()


def test_a_citation_of_a_passage_that_is_not_there_is_told() -> None:
    seen = held_against("运费由买家承担[7]。发票发到邮箱[0]。", PASSAGES, "运费", 0.5)
    assert seen.unknown == (7, 0)
    assert seen.scores()["unknown_citations"] == 2


def test_the_wrong_passage_does_not_support_a_true_sentence() -> None:
    (claim,) = held_against("无理由退货的运费由买家承担[2]。", PASSAGES, "运费", 0.5).claims
    assert not claim.supported
    (claim,) = held_against("无理由退货的运费由买家承担。", PASSAGES, "运费", 0.5).claims
    assert (claim.supported, claim.by) == (True, 1)


def test_the_three_questions_have_a_score_each() -> None:
    seen = held_against("无理由退货的运费由买家承担[1]。天上有三个月亮在唱歌[1]。", PASSAGES, "退货运费谁承担", 0.7)
    scores = seen.scores()
    assert (scores["relevant"], scores["supported"]) == (0.7, 0.5)
    assert scores["answered"] > 0.4
    assert held_against("好。", PASSAGES, "退货", 0.1).scores()["supported"] is None


@given(st.text(alphabet="退货运费[1]【9】。.a 7,", max_size=80), st.lists(st.text(max_size=30), max_size=3))
def test_any_answer_can_be_held_against_anything(answer: str, passages: list[str]) -> None:
    seen = held_against(answer, passages, answer[:10], 0.5)
    assert all(0 <= claim.support <= 1 and 0 <= claim.by <= len(passages) for claim in seen.claims)
    assert all(1 <= number <= len(passages) for number in seen.cited)
    assert 0 <= seen.answered <= 1


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("无理由退货的运费由买家承担[1]。", ()),  # words say that it stands there
        ("会员每月可以领取三张咖啡券[1]。", ()),  # and that it does not
        ("退货的运费通常需要由购买者自行承担[1]。", (0,)),  # words do not tell
        ("电子发票在48小时内发送到邮箱[2]。", (0,)),
        ("无理由退货的运费由买家承担[1]。定制商品支持无理由退货[1]。", (1,)),
    ],
)
def test_a_judge_is_asked_only_of_what_words_do_not_tell(answer: str, asked: tuple[int, ...]) -> None:
    held = held_against(answer, PASSAGES, "运费谁承担", 0.8)
    assert uncertain(held, PASSAGES, 0.2, 0.8) == asked


def test_a_sentence_that_means_the_same_in_other_words_is_uncertain() -> None:
    passages = ["怎么申请退款"]
    held = held_against("如何办理退钱[1]。", passages, "退款", 0.8)
    assert held.claims[0].support < 0.9
    assert uncertain(held, passages, 0.9, 0.95) == (0,)
    other = held_against("今天天气非常晴朗[1]。", passages, "退款", 0.8)
    assert uncertain(other, passages, 0.9, 0.95) == ()


def test_the_word_of_a_judge_counts_for_what_it_was_asked() -> None:
    held = held_against("无理由退货的运费由买家承担[1]。电子发票在48小时内发送到邮箱[2]。", PASSAGES, "运费", 0.8)
    assert (held.unsupported, "judged" in held.scores()) == (1, False)
    for worth, unsupported in ((1.0, 0), (0.4, 1), (0.0, 1)):
        seen = held.weighed((1,), Weighed(0.4, (worth,), 1.0))
        scores = seen.scores()
        assert (seen.unsupported, seen.claims[0].judged) == (unsupported, None)
        assert (scores["judged"], scores["unjudged"]) == (1, 0)
        assert (scores["judge_relevant"], scores["judge_answered"], scores["relevant"]) == (0.4, 1.0, 0.8)
        assert scores["supported"] == 1 - unsupported / 2


@pytest.mark.parametrize(("doubted", "unsupported"), [(False, 0), (True, 1)])
def test_what_could_not_be_judged_is_counted_and_may_count_as_unsupported(doubted: bool, unsupported: int) -> None:
    held = held_against("无理由退货的运费由买家承担[1]。", PASSAGES, "运费", 0.8).unweighed((0,), doubted=doubted)
    scores = held.scores()
    assert (held.unsupported, scores["judged"], scores["unjudged"]) == (unsupported, 0, 1)
    assert "judge_relevant" not in scores
