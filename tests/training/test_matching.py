"""How what speaks for an entry is weighed: learned from cases, and never turned round."""

import numpy as np

from gateway.answers.compare import Figures
from gateway.answers.score import AGAINST, Speaks, likely
from training.alike import Group
from training.matching import Case, Cases, fitted, line, written

OTHERS = ("middle", "lead", "crowd", "meaning", "covered", "covering", "apart", "between", *AGAINST)


def cases(name: str, number: int = 400, seed: int = 1) -> Cases:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(number):
        near, lead = rng.random(), 0.3 * rng.random()
        right = bool(near + 3 * lead + 0.2 * rng.standard_normal() > 0.95)
        seen = Figures(
            near, 0.5, 0.5, 0.5, False, False, right, False, False
        )  # a negation where it is right: by chance
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
    seen = Figures(0.9, 0.9, 0.9, 0.5, False, False, False, False, False)
    sure, unsure = (Speaks(x, x, 0.3, seen, 0.0) for x in (1.0, -1.0))
    some = [Case(sure, True, True), Case(sure, False, False), Case(unsure, True, True), Case(unsure, False, False)]
    weights = dict.fromkeys(OTHERS, 0.0)
    row = line(Cases("set", "set", True, some), weights | {"ways": 9.0, "start": 0.0})
    assert row == "| set | 4 | 1.000 | 0.500 | 0.2500 | 0.500 | 0.000 |"


def test_what_speaks_against_is_no_answer() -> None:
    seen = Figures(0.9, 0.9, 0.9, 0.5, False, True, False, False, False)
    some = [Case(Speaks(1.0, 1.0, 0.3, seen, 0.0), True, True)]
    weights = dict.fromkeys(OTHERS, 0.0)
    assert line(Cases("set", "set", True, some), weights | {"ways": 9.0, "start": 0.0}).endswith("0.000 | 1.000 |")


def test_shared_words_are_not_learned_to_mislead_from_what_is_written_so() -> None:
    """What only shared words tell apart in a set that deceives says nothing; what tells beyond them is learned."""
    rng = np.random.default_rng(3)
    deceiving = []
    for _ in range(400):
        right = bool(rng.random() < 0.5)
        shared = 0.2 * rng.random() if right else 0.6 + 0.2 * rng.random()
        apart = 0.5 * rng.random() + 0.3 * right
        seen = Figures(0.3 + shared, shared, shared, apart, False, False, False, False, False)
        deceiving.append(Case(Speaks(shared, shared, 0.1, seen, 0.0), right, right))
    usual = cases("usual")
    weights = fitted([usual, Cases("written", "written", True, deceiving, deceives=True)])
    naive = fitted([usual, Cases("written", "written", True, deceiving)])
    assert weights["apart"] > 0
    assert weights["ways"] > 1.5 * naive["ways"]
    right = [likely(case.speaks, weights) for case in usual.cases if case.right]
    wrong = [likely(case.speaks, weights) for case in usual.cases if not case.right]
    assert np.mean(right) > np.mean(wrong) + 0.2


def test_a_trade_is_a_bank_of_half_its_questions_and_one_of_all_with_strangers() -> None:
    groups = [Group(f"q{n}", (f"a{n}", f"b{n}", f"c{n}"), (f"x{n}", f"y{n}")) for n in range(4)]
    made = {name: (asked, deceives) for name, asked, deceives in written("shop", groups)}
    half, deceives = made["trade shop, half of the entries, 1 way"]
    assert [entry.id for entry in half.bank.entries] == ["0", "2"]
    assert dict(half.questions)["a1"] is None
    assert dict(half.questions)["c2"] == "2"
    assert not deceives
    strangers, deceives = made["trade shop, near strangers, 3 ways"]
    assert next(entry.questions for entry in strangers.bank.entries) == ("q0", "a0", "b0")
    assert dict(strangers.questions) == {f"c{n}": f"{n}" for n in range(4)} | {
        f"{letter}{n}": None for n in range(4) for letter in "xy"
    }
    assert deceives
