import pytest

from evaluators.rows import Row
from evaluators.scorers.by_row import catalogue, load_lore, score_row
from evaluators.scorers.relevant import EVASIVE, expected

LORE = load_lore()
SCORER = [catalogue()["relevancy_lexical"]]


def judge(question, answer, contexts=None):
    (judgement,) = score_row(Row("1", question, answer, contexts), SCORER, LORE)
    return judgement


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("电池保修多久？", "number"),
        ("电池什么时候过保？", "time"),
        ("谁负责二号生产线？", "person"),
        ("总部在哪里？", "place"),
        ("为什么不能退货？", "reason"),
        ("怎么申请退款？", "manner"),
        ("可以退货吗？", "whether"),
        ("这是什么材料？", "thing"),
        ("退货政策", ""),
        ("How many days do I have?", "number"),
        ("When does it open?", "time"),
        ("Who founded it?", "person"),
        ("Where is it based?", "place"),
        ("Why was it closed?", "reason"),
        ("How do I reset it?", "manner"),
        ("Is parking free?", "whether"),
    ],
)
def test_what_a_question_asks_for_shows_in_its_words(question, kind):
    assert expected(question, LORE.words) == kind


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        ("电池保修多久？", "电池保修一年。", "门店周一至周五开门。"),
        ("退款多久到账？", "退款三个工作日内到账。", "我不知道。"),
        ("退款多久到账？", "退款三个工作日内到账。", "退款多久到账？"),
        ("How long is the battery warranty?", "The battery warranty is one year.", "We are open on Sundays."),
        ("Who founded the firm?", "Alice Gray founded the firm.", "I'm sorry, I cannot answer that."),
        ("Who founded the firm?", "Alice Gray founded the firm.", "Who founded the firm?"),
        ("Who founded the firm?", "Alice Gray.", "Because of the rain."),
    ],
)
def test_an_answer_scores_higher_than_none_or_another(question, better, worse):
    assert judge(question, better).value > judge(question, worse).value + 0.1


@pytest.mark.parametrize(
    "answer", ["我不知道。", "抱歉，我无法回答这个问题。", "资料中没有提到。", "能退货吗？", "能退货"]
)
def test_what_evades_or_repeats_the_question_is_no_answer(answer):
    assert judge("能退货吗？", answer).value <= EVASIVE
