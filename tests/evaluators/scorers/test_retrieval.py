import math

import pytest

from evaluators.sample import Passage, Response, Sample
from evaluators.score import Score
from evaluators.scorers.retrieval import RetrievalOptions, build, measure
from evaluators.scorers.spec import Surroundings


@pytest.mark.parametrize(
    ("ranking", "relevant", "expected"),
    [
        ("abc", "a", {"hit_rate@3": 1, "mrr": 1, "ndcg@3": 1, "precision@3": 1 / 3, "recall@3": 1, "map": 1}),
        ("abc", "c", {"hit_rate@3": 1, "mrr": 1 / 3, "ndcg@3": 0.5, "precision@3": 1 / 3, "recall@3": 1, "map": 1 / 3}),
        ("abc", "x", {"hit_rate@3": 0, "mrr": 0, "ndcg@3": 0, "precision@3": 0, "recall@3": 0, "map": 0}),
        ("", "x", {"hit_rate@3": 0, "mrr": 0, "ndcg@3": 0, "precision@3": 0, "recall@3": 0, "map": 0}),
        ("abcd", "d", {"hit_rate@3": 0, "mrr": 1 / 4, "ndcg@3": 0, "precision@3": 0, "recall@3": 0, "map": 1 / 4}),
        (
            "abcd",
            "bd",
            {
                "hit_rate@3": 1,
                "mrr": 1 / 2,
                "ndcg@3": (1 / math.log2(3)) / (1 + 1 / math.log2(3)),
                "precision@3": 1 / 3,
                "recall@3": 1 / 2,
                "map": (1 / 2 + 2 / 4) / 2,
            },
        ),
        (
            "a",
            "ab",
            {
                "hit_rate@3": 1,
                "mrr": 1,
                "ndcg@3": 1 / (1 + 1 / math.log2(3)),
                "precision@3": 1 / 3,
                "recall@3": 1 / 2,
                "map": 1 / 2,
            },
        ),
    ],
)
def test_a_ranking_measured_by_hand(ranking, relevant, expected):
    assert measure(list(ranking), frozenset(relevant), 3) == pytest.approx(expected)


@pytest.mark.parametrize("relevant", [None, ()])
def test_a_row_without_relevant_passages_is_not_judged(relevant):
    scorer = build(RetrievalOptions(), Surroundings())
    sample = Sample("a", "?", "zh", contexts=(Passage("p", "x"),), relevant=relevant)
    assert scorer.applies(sample) == ()
    assert scorer.score(sample, Response("x")) == {}


def test_a_row_is_judged_by_what_it_says_is_relevant():
    scorer = build(RetrievalOptions(k=1), Surroundings())
    sample = Sample("a", "?", "zh", contexts=(Passage("p", "x"), Passage("q", "y")), relevant=("q",))
    cells = scorer.score(sample, Response("x"))
    assert set(cells) == set(scorer.applies(sample)) == {metric.name for metric in scorer.metrics}
    assert cells["hit_rate@1"] == Score(0.0, False)
    assert cells["mrr"] == Score(0.5, True)
