import pytest

from evaluators.sample import Response, Sample
from evaluators.score import Refused, Unscored
from evaluators.scorers.standard import StandardOptions, score_standard
from evaluators.scorers.words import load_words

WORDS, OPTIONS = load_words(), StandardOptions()
ZH = Sample("a", "退货期多久？", "zh", reference="签收后七天内可以无理由退货，运费由买家承担。")
EN = Sample(
    "b", "How long?", "en", reference="Items can be returned within 30 days of delivery; the buyer pays the postage."
)


def cell(sample, text):
    return score_standard(sample, Response(text, "stop"), WORDS, OPTIONS).get("standard_agreement")


@pytest.mark.parametrize("sample", [ZH, EN])
def test_the_standard_answer_agrees_with_itself(sample):
    assert cell(sample, sample.reference).value == 1.0


def test_other_words_agree_more_than_another_matter():
    close = cell(ZH, "商品签收后7天内，买家可以无理由退货，但运费要由买家自己承担。").value
    far = cell(ZH, "本店每天九点开门，欢迎光临。").value
    assert close >= 0.5 > far


def test_another_number_disagrees():
    wrong = cell(EN, "Items can be returned within 60 days of delivery; the buyer pays the postage.")
    assert wrong.value == 0.0
    assert wrong.detail["lacking"] == ["30 days"]


def test_who_declines_has_not_disagreed_but_was_not_asked_to():
    assert cell(ZH, "抱歉，我不能回答这个问题。") == Refused("declines")
    declining = Sample("c", "?", "zh", reference="抱歉，这个问题我不能回答，请咨询有关部门。")
    assert cell(declining, "抱歉，这个问题我不能回答，请咨询有关部门。").value == 1.0


def test_rows_that_are_not_to_be_answered_and_empty_answers():
    assert cell(Sample("d", "?", "zh", reference="x", should="refuse"), "x") is None
    assert cell(Sample("d", "?", "zh"), "x") is None
    assert cell(ZH, "") == Unscored("empty_answer")
