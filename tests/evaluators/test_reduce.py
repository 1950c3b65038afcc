import re
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.reduce import PATTERN, read_reducer, reduce_cells
from evaluators.score import Metric, Refused, Score, Skipped, Unscored

HIGH, LOW = Metric("refusal_rate", "high", "rate"), Metric("leak_rate", "low", "rate")


def rated(word, metric=HIGH):
    """One cell a letter: p passes, f fails, u unscored, r refused, s skipped."""
    good = 1.0 if metric.better == "high" else 0.0
    made = {
        "p": Score(good, True),
        "f": Score(1 - good, False),
        "u": Unscored("judge_down"),
        "r": Refused("refused"),
        "s": Skipped("no_passages"),
        "b": Skipped("budget"),
    }
    return [made[letter] for letter in word]


@pytest.mark.parametrize(
    ("reducer", "cells", "value", "passed"),
    [
        ("mean", "ppf", 2 / 3, True),
        ("mean", "pff", 1 / 3, False),
        ("mean", "ppr", 1, True),
        ("mean", "ppu", 1, True),
        ("mean", "puu", None, None),
        ("median", "ppf", 1, True),
        ("median", "pf", 0.5, False),
        ("majority", "ppf", 1, True),
        ("majority", "pf", 0, False),
        ("majority", "ppu", 1, True),
        ("majority", "pfu", None, None),
        ("majority", "ffu", 0, False),
        ("majority", "pfb", None, None),
        ("majority", "ppb", 1, True),
        ("max", "pff", 1, True),
        ("max", "ffu", None, None),
        ("max", "pfu", 1, True),
        ("min", "ppf", 0, False),
        ("min", "ppu", None, None),
        ("min", "pfu", 0, False),
        ("at_least_2", "ppf", 1, True),
        ("at_least_2", "pff", 0, False),
        ("at_least_2", "pfu", None, None),
        ("at_least_2", "ppu", 1, True),
        ("at_least_3", "pf", None, None),
        ("pass_1", "pff", 1 / 3, False),
        ("pass_2", "pff", 2 / 3, True),
        ("pass_3", "pff", 1, True),
        ("pass_3", "pfu", None, None),
        ("all_2", "ppf", 1 / 3, False),
        ("all_2", "ppp", 1, True),
        ("all_3", "pp", None, None),
    ],
)
@pytest.mark.parametrize("metric", [HIGH, LOW], ids=["high is wanted", "low is wanted"])
def test_repetitions_come_to_one_cell(reducer, cells, value, passed, metric):
    how = reducer
    if metric is LOW:  # where low is wanted the highest value is the worst
        how = {"max": "min", "min": "max"}.get(reducer, reducer)
    cell = reduce_cells(rated(cells, metric), metric, read_reducer(how))
    if value is None:
        assert isinstance(cell, Unscored)
    else:
        assert cell.value == pytest.approx(value if metric is HIGH else 1 - value)
        assert cell.passed is passed


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        ("rr", Refused, "refused"),
        ("ss", Skipped, "no_passages"),
        ("us", Unscored, "judge_down"),
        ("sr", Refused, "refused"),
        ("bb", Skipped, "budget"),
    ],
)
def test_a_row_without_a_score_says_why_it_has_none(cells, kind, reason):
    cell = reduce_cells(rated(cells), HIGH, read_reducer("mean"))
    assert isinstance(cell, kind)
    assert cell.reason == reason


@given(st.text("pfu", min_size=1, max_size=6), st.sampled_from(["majority", "at_least_1", "at_least_2", "max", "min"]))
def test_what_is_certain_stays_so_whatever_the_unscored_would_have_been(cells, name):
    reducer = read_reducer(name)
    said = reduce_cells(rated(cells), HIGH, reducer)
    if isinstance(said, Score):
        for filled in (cells.replace("u", "p"), cells.replace("u", "f")):
            assert reduce_cells(rated(filled), HIGH, reducer).value == said.value


@given(st.text("pf", min_size=1, max_size=7), st.integers(1, 7))
def test_the_chances_are_those_of_drawing_k_at_random(cells, k):
    if k <= len(cells):
        drawn = comb(len(cells), k)
        one = reduce_cells(rated(cells), HIGH, read_reducer(f"pass_{k}")).value
        every = reduce_cells(rated(cells), HIGH, read_reducer(f"all_{k}")).value
        assert one == pytest.approx(1 - comb(cells.count("f"), k) / drawn)
        assert every == pytest.approx(comb(cells.count("p"), k) / drawn)
        assert every <= one + 1e-12


@pytest.mark.parametrize("name", ["mean", "majority", "at_least_3", "pass_12", "all_2", "max", "min", "median"])
def test_a_reducer_is_named_as_a_suite_writes_it(name):
    assert read_reducer(name).name == name


@pytest.mark.parametrize("name", ["mode", "at_least", "pass_0", "mean_2", "all_101", "pass_2x"])
def test_another_name_is_none(name):
    assert not re.match(PATTERN, name)
    with pytest.raises(ValueError, match=re.escape(name)):
        read_reducer(name)
