"""Which entry comes first is learned from rivals, and nothing is learned against its nature."""

import numpy as np

from benchmarks.quality.answers import Asked
from gateway.answers.bank import Bank
from gateway.answers.compare import NOTHING
from gateway.answers.entry import Entry
from gateway.answers.score import AGAINST, parts, shipped_weights
from training.ordering import Race, first, fitted, races_of

NAMES = ("ways", "middle", "covering", "apart", "numbers")


def races(number: int = 300, seed: int = 1) -> list[Race]:
    """Rivals of which the right one is told by ``apart``, not by ``covering``; ``numbers`` speaks for it by chance."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(number):
        table = rng.random((4, 5))
        right = int((table[:, 0] + 0.8 * table[:, 3]).argmax())
        table[:, 4] = 0
        table[right, 4] = 1
        made.append(Race(table * [1, 1, 1, 1, -1], right))
    return made


def test_what_tells_the_right_one_is_learned_and_carries_to_other_questions() -> None:
    weights = fitted([races()], NAMES)
    assert weights["apart"] > weights["covering"]
    plain = {"ways": 1.0, "middle": 1.0, "covering": 0.4, "apart": 0.0, "numbers": 0.0}
    assert first(races(seed=2), 0, weights) > first(races(seed=2), 0, plain) + 0.05


def test_what_speaks_against_never_comes_to_speak_for() -> None:
    assert fitted([races()], NAMES)["numbers"] == 0


def test_a_question_of_which_the_right_entry_is_no_rival_counts_as_missed() -> None:
    assert first([Race(np.array([[1.0], [0.5]]), 0)], 1, {"ways": 1.0}) == 0.5


def test_rivals_are_those_that_the_matcher_compares() -> None:
    texts = {"a": "怎么退款", "b": "怎么退货", "c": "几点开门"}
    bank = Bank("shop", tuple(Entry(id, (text,), zh=id, state="approved") for id, text in texts.items()))
    found, missed = races_of(Asked("shop", bank, [("如何退款", "a"), ("天气怎样", None), ("怎么退货", "d")]))
    assert missed == 1
    assert [race.right for race in found] == [0]
    assert found[0].table.shape == (3, len(parts(0.0, 0.0, NOTHING)))


def test_the_weights_that_ship_name_all_that_is_weighed() -> None:
    weights = shipped_weights("order.json")
    assert set(weights) == set(parts(0.0, 0.0, NOTHING))
    assert all((weight <= 0) == (name in AGAINST) or weight == 0 for name, weight in weights.items())
