import math
import random

import numpy as np
import pytest

from evaluators.review.strength import PRIOR, fit, strengths


def table(rows):
    return np.array([rows], dtype=float)


def none(n):
    return np.zeros((1, n, n))


def test_two_sources_are_as_strong_as_their_odds():
    found = fit(table([[0, 3], [1, 0]]), none(2), prior=0)[0]
    assert found[0] / found[1] == pytest.approx(3)


def test_a_circle_has_no_strongest():
    found = fit(table([[0, 2, 1], [1, 0, 2], [2, 1, 0]]), none(3), prior=0)[0]
    assert found == pytest.approx([1, 1, 1])


def loglik(logs, theta, won, tied, prior):
    """The posterior that the fit climbs, written down anew."""
    said = 0.0
    for i in range(len(logs)):
        said += prior / 2 * logs[i] - prior * math.log(1 + math.exp(logs[i]))
        for j in range(len(logs)):
            if i != j:
                gi, gj = math.exp(logs[i]), math.exp(logs[j])
                said += won[i][j] * math.log(gi / (gi + theta * gj))
                if i < j and tied[i][j]:
                    both = (theta**2 - 1) * gi * gj / ((gi + theta * gj) * (theta * gi + gj))
                    said += tied[i][j] * math.log(both)
    return said


def test_no_step_away_from_the_fit_is_likelier():
    won, tied = [[0, 5, 7], [2, 0, 4], [1, 3, 0]], [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
    logs = np.log(fit(table(won), table(tied))[0])
    theta = max(np.arange(1.001, 4, 0.001), key=lambda t: loglik(logs, t, won, tied, PRIOR))
    best = loglik(logs, theta, won, tied, PRIOR)
    for at in range(3):
        for step in (-0.02, 0.02):
            moved = logs.copy()
            moved[at] += step
            assert loglik(moved, theta, won, tied, PRIOR) < best + 1e-6


def test_a_source_that_always_wins_does_not_become_endless():
    endless = fit(table([[0, 9], [0, 0]]), none(2), prior=0)[0]
    assert endless[1] < 1e-6 * endless[0]  # the likelihood alone knows no end
    groups = [[[("always", 1), ("never", 2)]] for _ in range(9)]
    first, last = strengths(groups, 1)
    assert (first.source, last.source) == ("always", "never")
    assert 1 < first.strength < 5
    for one in (first, last):  # that all agree is not certainty
        assert one.interval.low < one.strength - 0.5
        assert one.interval.high > one.strength + 0.5
    assert (first.wins, first.ties, first.losses) == (9, 0, 0)


def test_sources_that_never_met_are_on_one_scale():
    found = {s.source: s.strength for s in strengths([[[("a", 1), ("b", 2)]], [[("c", 1), ("d", 2)]]], 1)}
    assert found["a"] == pytest.approx(found["c"], abs=1e-4)
    assert found["a"] > found["b"]


def test_all_ties_leave_all_level():
    found = strengths([[[("a", 1), ("b", 1), ("c", 1)]]] * 6, 1)
    assert [one.strength for one in found] == pytest.approx([0, 0, 0], abs=1e-6)
    assert all(one.ties == 12 for one in found)
    assert strengths([], 1) == []


def draws(rng, truth, width):
    """A ranking by Rao and Kupper's model for two, by noise for more; near marks are ties."""
    marks = sorted(((value - math.log(-math.log(rng.random())), name) for name, value in truth.items()), reverse=True)
    ranking, place = [], 0
    for at, (mark, name) in enumerate(marks):
        place += at == 0 or marks[at - 1][0] - mark > width
        ranking.append((name, place))
    return ranking


@pytest.mark.parametrize("width", [0.0, 0.2])
def test_a_simulation_finds_the_order_and_the_strengths_that_it_was_made_with(width):
    rng, truth = random.Random(4), {"a": 1.0, "b": 0.3, "c": -0.2, "d": -1.1}
    found = strengths([[draws(rng, truth, width)] for _ in range(300)], 2)
    assert [one.source for one in found] == list("abcd")
    for one in found:
        assert one.strength == pytest.approx(truth[one.source], abs=0.25)
        assert 0 < one.interval.high - one.interval.low < 1


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng, truth, held = random.Random(9), {"a": 0.6, "b": 0.0, "c": -0.6}, 0
    for number in range(20):
        found = strengths([[draws(rng, truth, 0.0)] for _ in range(40)], number)
        held += sum(one.interval.low <= truth[one.source] <= one.interval.high for one in found)
    assert 0.88 <= held / 60 <= 1


def test_several_people_on_one_question_are_one_piece_of_evidence():
    rankings = [[("a", 1), ("b", 2)], [("a", 1), ("b", 2)], [("b", 1), ("a", 2)]] * 6
    alone = strengths([[one] for one in rankings], 1)[0].interval
    grouped = strengths([rankings[at : at + 6] * 1 for at in range(0, 18, 6)], 1)[0]
    assert grouped.strength == pytest.approx(strengths([[one] for one in rankings], 1)[0].strength, abs=1e-3)
    assert alone.high > alone.low


def test_a_source_is_not_compared_with_itself():
    (one,) = strengths([[[("a", 1), ("a", 2)]]], 1)
    assert (one.wins, one.ties, one.losses, one.strength) == (0, 0, 0, 0.0)
