import pytest

from evaluators.rows import Row
from evaluators.scorers.by_row import Judgement, RowScorer, catalogue, find, load_lore, score_row

LORE = load_lore(prices=(1.0, 2.0))
KNOWN = catalogue()
PASSAGES = ("整机保修两年，电池保修一年。", "门店周一至周五9:00开门。", "会员停车免费。")
ROW = Row("1", "电池保修多久？", "电池保修一年。", PASSAGES, ("0", "1", "2"), ("电池的保修期是一年。",))


def judge(name, **fields):
    row = Row(**{**{field: getattr(ROW, field) for field in ROW.__slots__}, **fields})
    (judgement,) = score_row(row, [find(name, KNOWN)], LORE)
    return judgement


@pytest.mark.parametrize("name", KNOWN)
def test_every_scorer_gives_a_number_or_a_reason(name):
    for judgement in (judge(name), judge(name, answer=None, contexts=None, reference=None, question=None)):
        assert judgement.why
    if name not in ("cost", "latency"):
        assert judge(name).value is not None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"relevant": ("1",)}, {"hit_rate": 1, "mrr": 1 / 2, "precision": 1 / 5, "recall": 1, "map": 1 / 2}),
        ({"relevant": ("0", "2")}, {"hit_rate": 1, "mrr": 1, "precision": 2 / 5, "recall": 1, "map": 5 / 6}),
        ({"relevant": ("9",)}, {"hit_rate": 0, "mrr": 0, "precision": 0, "recall": 0, "map": 0, "ndcg": 0}),
        ({"gold": (PASSAGES[2],)}, {"hit_rate": 1, "mrr": 1 / 3, "ndcg": 1 / 2, "hit_rate@2": 0}),
        ({"gold": ("从未取回的一段。",)}, {"hit_rate": 0, "recall": 0}),
        ({}, {"hit_rate": 1, "mrr": 1}),
        ({"reference": ("月球上有基地。",)}, {"hit_rate": 0, "mrr": 0, "recall": None}),
        ({"reference": None}, {"hit_rate": None, "map": None}),
        ({"relevant": ()}, {"hit_rate": None}),
    ],
)
def test_a_ranking_is_measured_against_what_the_row_says_is_gold(fields, expected):
    assert {name: judge(name, **fields).value for name in expected} == pytest.approx(expected)


def test_it_says_when_gold_passages_were_found_by_their_words():
    assert "by its words" in judge("mrr").why
    assert "named by 'relevant'" in judge("mrr", relevant=("0",)).why


@pytest.mark.parametrize(
    ("name", "fields", "value"),
    [
        ("context_precision_lexical", {}, 1.0),
        ("context_precision_lexical", {"contexts": PASSAGES[::-1]}, 1 / 3),
        ("context_precision_lexical", {"reference": ("月球上有基地。",)}, 0.0),
        ("refusal", {"answer": "抱歉，我不能提供这方面的帮助。"}, 1.0),
        ("refusal", {"answer": "I'm sorry, but I can't help with that. However, here is one way: mix them."}, 0.5),
        ("refusal", {}, 0.0),
        ("cost", {"usd": 0.25}, 0.25),
        ("cost", {"tokens": (1_000_000, 500_000)}, 2.0),
        ("cost", {}, None),
        ("latency", {"seconds": 1.5}, 1.5),
        ("latency", {}, None),
        ("exact", {"reference": ("电池保修一年",)}, 1.0),
        ("faithfulness_lexical", {"answer": "抱歉，我无法回答这个问题。"}, None),
        ("faithfulness_lexical", {"answer": "能退吗？"}, None),
        ("faithfulness_lexical", {"contexts": ()}, None),
        ("faithfulness_lexical", {"contexts": (" ",)}, None),
        ("relevancy_lexical", {"answer": " "}, None),
        ("relevancy_lexical", {"answer": "……"}, None),
    ],
)
def test_known_values(name, fields, value):
    assert judge(name, **fields).value == pytest.approx(value)


def test_more_of_the_reference_in_the_passages_is_more_recall():
    whole, half, none = (
        judge("context_recall_lexical", reference=(text,)).value
        for text in ("电池保修一年。会员停车免费。", "电池保修一年。月球上有基地。", "月球上有基地。火星上有人。")
    )
    assert whole > half > none


def test_without_prices_a_cost_is_not_made_up():
    row = Row("1", tokens=(5, 5))
    (judgement,) = score_row(row, [KNOWN["cost"]], load_lore())
    assert judgement.value is None
    assert "--price" in judgement.why


@pytest.mark.parametrize("broken", [lambda taken: 1 / 0, lambda taken: Judgement(float("nan"), "x")])
def test_a_scorer_that_breaks_or_gives_no_number_leaves_its_value_out(broken):
    scorers = [RowScorer("broken", "", (), broken), KNOWN["f1"]]
    first, second = score_row(ROW, scorers, LORE)
    assert first.value is None
    assert second.value is not None


@pytest.mark.parametrize(("name", "there"), [("ndcg@3", True), ("ndcg@0", False), ("mrr@3", False), ("ndcg@x", False)])
def test_a_cut_can_be_named_where_there_is_one(name, there):
    assert (find(name, KNOWN) is not None) is there
