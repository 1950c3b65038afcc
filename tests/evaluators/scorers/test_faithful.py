import pytest

from evaluators.rows import Row
from evaluators.scorers.by_row import catalogue, load_lore, score_row

LORE = load_lore()
SCORER = [catalogue()["faithfulness_lexical"]]
ZH = ("青禾商城支持签收后七天内无理由退货，运费由买家承担。", "门店周一至周五9:00开门，会员停车免费。")
EN = ("The firm was founded by Alice Gray in 1998 and is based in Oslo.", "It has 200 employees. Parking is free.")


def judge(answer, contexts):
    (judgement,) = score_row(Row("1", "", answer, contexts, ("0", "1")), SCORER, LORE)
    return judgement


@pytest.mark.parametrize(
    ("true", "false", "contexts"),
    [
        ("签收后7天内可以无理由退货。", "签收后15天内可以无理由退货。", ZH),
        ("运费由买家承担。", "运费由商城承担。", ZH),
        ("会员停车免费。", "会员停车收费。", ZH),
        ("支持无理由退货。", "不支持无理由退货。", ZH),
        ("门店9:00开门。", "门店10:00开门。", ZH),
        ("运费由买家承担。会员停车免费。", "运费由买家承担。还提供上门取件服务。", ZH),
        ("The firm was founded by Alice Gray.", "The firm was founded by Bob Hill.", EN),
        ("The firm is based in Oslo.", "The firm is based in Bergen.", EN),
        ("It has 200 employees.", "It does not have 200 employees.", EN),
        ("Parking is free.", "Parking is free for visitors with a gold card.", EN),
        ("It was founded in 1998.", "It was founded in 1989.", EN),
    ],
)
def test_a_true_answer_scores_higher_than_one_with_an_error(true, false, contexts):
    assert (judge(true, contexts).value or 0) > (judge(false, contexts).value or 0) + 0.05


@pytest.mark.parametrize(
    ("answer", "contexts", "said"),
    [
        ("签收后15天内可以无理由退货。", ZH, "15天"),
        ("The firm was founded by Bob Hill.", EN, "bob hill"),
        ("本店还赠送一张百货商店的优惠券。", ZH, "优惠券"),
    ],
)
def test_it_says_what_speaks_against_the_answer(answer, contexts, said):
    assert said in judge(answer, contexts).why


def test_one_false_statement_of_three_lowers_the_value_of_all():
    whole = judge("签收后七天内支持无理由退货。运费由买家承担。会员停车免费。", ZH).value
    spoiled = judge("签收后七天内支持无理由退货。运费由买家承担。顶楼设有直升机停机坪。", ZH).value
    assert whole > spoiled + 0.2


def test_an_answer_of_a_megabyte_is_judged():
    judgement = judge("x" * 500_000 + "会员停车免费。" * 70_000, ZH)
    assert judgement.value is not None
    assert "statements" in judgement.why
