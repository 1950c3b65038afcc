from pathlib import Path

import pytest

from evaluators.dataset import read_dataset
from evaluators.sample import Passage, Response, Sample
from evaluators.score import Refused, Score, Unscored
from evaluators.scorers.rag import SPEC, RagOptions, score_rag, statements
from evaluators.scorers.refusal import RefusalOptions
from evaluators.scorers.spec import Surroundings
from evaluators.scorers.words import load_words

WORDS = load_words()
STARTER = Path(__file__).parents[3] / "benchmarks" / "rag" / "starter" / "data.jsonl"

ZH = (
    Passage("退货", "本店支持签收后七天内无理由退货，定制商品除外。无理由退货的运费由买家承担。"),
    Passage("保修", "整机保修两年，电池保修一年。保修期自2025年3月1日起计算。"),
    Passage("营业", "门店周一至周五9:00开门，下午6点关门。会员停车免费。"),
)
EN = (
    Passage("returns", "Items can be returned within 30 days of delivery. Gift cards cannot be returned."),
    Passage("shipping", "Orders over $60 ship free. Express orders placed before 2 p.m. leave on the same day."),
    Passage("support", "To restore a file, open a ticket of type REST-2. The desk answers within 3 business days."),
)

PASSAGES = list({p.id: p for row in read_dataset(STARTER) for p in row.contexts}.values())


def judge(answer, contexts=ZH + EN, question="能退货吗？", **response):
    sample = Sample("a", question, "zh", contexts=contexts)
    return score_rag(sample, Response(answer, **response), WORDS, RagOptions(), RefusalOptions())


@pytest.mark.parametrize(
    "answer",
    [
        "签收后7天内可以无理由退货。",
        "可以。签收后七天内支持无理由退货，运费由买家承担。",
        "电池保修一年，整机保修2年。",
        "电池保修12个月。",
        "保修期自2025-03-01起计算。",
        "门店18:00关门。",
        "会员停车免费。",
        "Items can be returned within thirty days of delivery.",
        "Express orders placed before 14:00 leave on the same day.",
        "Orders over 60 dollars ship free, so you pay nothing.",
        "Open a ticket of type REST-2 to restore a file.",
        "Gift cards can not be returned.",
        "Orders over $60 ship free. Items can be returned within 30 days of delivery.",
        "Restore tickets are of type REST-2, and the desk answers within 3 business days.",
        "签收后七天内无理由退货，Gift cards cannot be returned.",
    ],
)
def test_what_a_passage_says_is_supported(answer):
    cell = judge(answer)["faithfulness_lexical"]
    assert isinstance(cell, Score)
    assert cell.value == 1.0, cell.detail


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("签收后十五天内可以无理由退货。", "number"),
        ("签收后7个工作日内可以无理由退货。", "number"),
        ("电池保修两年。", "number"),
        ("保修期自2025年5月1日起计算。", "number"),
        ("门店下午8点关门。", "number"),
        ("本店不支持签收后七天内无理由退货。", "opposite"),
        ("会员停车收费。", "wording"),
        ("本店提供上门取件和分期付款服务。", "wording"),
        ("Items can be returned within 60 days of delivery.", "number"),
        ("Gift cards can be returned.", "opposite"),
        ("Express orders placed after 2 p.m. leave on the same day.", "opposite"),
        ("Open a ticket of type REST-3 to restore a file.", "number"),
        ("The desk answers within 3 weeks.", "number"),
        ("The chief executive was born in Paris and likes sailing.", "wording"),
    ],
)
def test_a_planted_error_is_found_for_its_reason(answer, reason):
    cell = judge(answer)["faithfulness_lexical"]
    assert isinstance(cell, Score)
    assert (cell.value, cell.passed) == (0.0, False)
    assert [entry["reason"] for entry in cell.detail["statements"]] == [reason]


@pytest.mark.parametrize("passage", PASSAGES, ids=lambda p: p.id)
def test_a_passage_supports_itself(passage):
    cell = judge(passage.text, (passage,))["faithfulness_lexical"]
    assert isinstance(cell, Score)
    assert cell.value == 1.0, cell.detail


def test_one_wrong_sentence_of_two_is_a_half():
    cell = judge("签收后七天内支持无理由退货。退款还会附赠一张百货商店的优惠券。")["faithfulness_lexical"]
    assert isinstance(cell, Score)
    assert cell.value == 0.5


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("（本内容由人工智能生成）", []),
        ("(AI-generated content · 人工智能生成)", []),
        ("【AI生成】整机保修两年。", ["整机保修两年。"]),
        ("整机保修两年[1][保修]。", ["整机保修两年 [保修]。"]),
        ("整机保修两年（来源：保修手册）。", ["整机保修两年 。"]),
        ("您好！整机保修两年。希望对您有帮助！", ["整机保修两年。"]),
        ("以下是说明：\n整机保修两年。", ["整机保修两年。"]),
        ("能退吗？", []),
        ("Hello! Orders ship free. Hope this helps!", ["Orders ship free."]),
        ("Orders ship free.\nSources: shipping, returns", ["Orders ship free."]),
        ("整机保修两年。\n参考资料：\n保修手册第三页", ["整机保修两年。"]),
        ("是的，整机保修两年。", ["整机保修两年。"]),
        ("可以。", []),
    ],
)
def test_labels_citations_manners_and_questions_state_nothing(text, stated):
    assert [" ".join(part.split()) for part in statements(text, WORDS)] == [" ".join(part.split()) for part in stated]


@pytest.mark.parametrize(
    ("answer", "stance"),
    [("抱歉，我无法回答这个问题。", "declines"), ("The passages do not mention it.", "abstains")],
)
def test_a_refusal_is_its_own_outcome(answer, stance):
    assert set(judge(answer).values()) == {Refused(stance)}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("", "empty_answer"), ("  \n", "empty_answer"), ("能退吗？", "no_statements"), ("可以。", "no_statements")],
)
def test_an_answer_that_states_nothing_is_unscored(answer, reason):
    assert judge(answer)["faithfulness_lexical"] == Unscored(reason)


def test_a_row_without_passages_is_not_judged():
    assert judge("整机保修两年。", contexts=()) == {}


@pytest.mark.parametrize(
    ("question", "answer", "low", "high"),
    [
        ("电池保修多久？", "电池保修一年。", 0.6, 1.0),
        ("How long is the battery warranty?", "The battery warranty is one year.", 0.6, 1.0),
        ("电池保修多久？", "门店周一至周五开门。", 0.0, 0.2),
    ],
)
def test_an_answer_to_the_question_takes_up_its_terms(question, answer, low, high):
    cell = judge(answer, question=question)["answer_relevancy_lexical"]
    assert isinstance(cell, Score)
    assert low <= cell.value <= high


def test_the_recorded_answers_of_the_starter_set_are_judged_as_people_judged_them():
    judged = [sample for sample in read_dataset(STARTER) if sample.faithful is not None]
    wrong = []
    for sample in judged:
        cells = score_rag(sample, Response(sample.answer or ""), WORDS, RagOptions(), RefusalOptions())
        cell = cells["faithfulness_lexical"]
        if (isinstance(cell, Score) and cell.passed) is not sample.faithful:
            wrong.append(sample.id)
    assert len(judged) >= 40
    assert wrong == []


def test_a_suite_judges_by_what_was_learned_unless_told_to_go_by_rules():
    def cell(answer, **options):
        scorer = SPEC.build(RagOptions(**options), Surroundings())
        return scorer.score(Sample("a", "电池保修多久？", "zh", contexts=ZH), Response(answer))["faithfulness_lexical"]

    good, bad = cell("整机保修两年，电池保修一年。"), cell("电池保修五年。会员可以免费洗车并获赠机票。")
    assert (good.value, good.passed) == (1.0, True)
    assert not bad.passed
    assert bad.value < 1.0
    worst = min(bad.detail["statements"], key=lambda one: one["support"])
    assert worst["reason"] == "unsupported"
    assert worst["passage"]
    assert "support" not in cell("电池保修五年。", faithfulness="rules").detail["statements"][0]
    assert cell("整机保修两年，电池保修一年。", supported_at=0.999999).value == 0.0
    assert cell("您好！") == Unscored("no_statements")
