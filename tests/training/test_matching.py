"""How what speaks for an entry is weighed: learned from cases, and never turned round."""

import numpy as np

from gateway.answers.compare import Figures
from gateway.answers.score import AGAINST, Speaks, likely
from training.matching import Case, Cases, fitted, line


def cases(name: str, number: int = 400, seed: int = 1) -> Cases:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(number):
        near, lead = rng.random(), 0.3 * rng.random()
        right = bool(near + 3 * lead + 0.2 * rng.standard_normal() > 0.95)
        seen = Figures(near, 0.5, 0.5, False, False, right, False, False)  # a negation where it is right: by chance
        made.append(Case(Speaks(near, near, lead, seen, 0.0), bool(rng.random() < 0.8), right))
    return Cases(name, name, True, made)


def test_what_was_learned_tells_right_from_wrong_in_another_set() -> None:
    weights = fitted([cases("one")])
    other = cases("other", seed=2).cases
    right = [likely(case.speaks, weights) for case in other if case.right]
    wrong = [likely(case.speaks, weights) for case in other if not case.right]
    assert np.mean(right) > np.mean(wrong) + 0.2


def test_what_speaks_against_never_comes_to_speak_for() -> None:
    weights = fitted([cases("one")])
    assert all(weights[name] <= 0 for name in AGAINST)
    assert weights["negation"] == 0
    assert min(weights[name] for name in ("ways", "middle", "lead", "meaning")) >= 0


def test_a_row_counts_wrong_answers_of_all_and_right_ones_of_those_held() -> None:
    seen = Figures(0.9, 0.9, 0.9, False, False, False, False, False)
    sure, unsure = (Speaks(x, x, 0.3, seen, 0.0) for x in (1.0, -1.0))
    some = [Case(sure, True, True), Case(sure, False, False), Case(unsure, True, True), Case(unsure, False, False)]
    weights = dict.fromkeys(("middle", "lead", "crowd", "meaning", "covered", "covering", *AGAINST), 0.0)
    row = line(Cases("set", "set", True, some), weights | {"ways": 9.0, "start": 0.0})
    assert row == "| set | 4 | 1.000 | 0.500 | 0.2500 | 0.500 | 0.000 |"


def test_what_speaks_against_is_no_answer() -> None:
    seen = Figures(0.9, 0.9, 0.9, False, True, False, False, False)
    some = [Case(Speaks(1.0, 1.0, 0.3, seen, 0.0), True, True)]
    weights = dict.fromkeys(("middle", "lead", "crowd", "meaning", "covered", "covering", *AGAINST), 0.0)
    assert line(Cases("set", "set", True, some), weights | {"ways": 9.0, "start": 0.0}).endswith("0.000 | 1.000 |")
