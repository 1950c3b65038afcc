import random

import pytest

from evaluators.review.reliability import Alpha, cohen, fleiss, tau

# Krippendorff's own example (2011): four observers, twelve units, a dot where one said nothing.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
UNITS = [[row[at] for row in OBSERVERS if row[at] != "."] for at in range(12)]
# Fleiss' example (1971) as it is taught: ten subjects, fourteen raters, five categories.
TAUGHT = ("0 0 0 0 14", "0 2 6 4 2", "0 0 3 5 6", "0 3 9 2 0", "2 2 8 1 1",
          "7 7 0 0 0", "3 2 6 3 0", "2 5 3 2 2", "6 5 2 1 0", "0 2 2 3 7")  # fmt: skip


@pytest.mark.parametrize(("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_of_the_example_that_its_author_gives(scale, alpha):
    found = Alpha(UNITS, "12345", scale)
    assert found.n == 11  # what one alone judged says nothing
    assert found.value == pytest.approx(alpha, abs=5e-4)
    low, high = found.interval(1)
    assert -1 <= low < alpha < high <= 1


def test_fleiss_of_the_example_that_is_taught():
    units = [[v for v, c in zip("12345", row.split(), strict=True) for _ in range(int(c))] for row in TAUGHT]
    assert fleiss(units) == pytest.approx(0.210, abs=5e-4)


def test_cohen_of_known_tables():
    binary = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen(binary) == pytest.approx(0.4)
    assert cohen([("a", "a"), ("b", "b"), ("c", "c")]) == 1
    assert fleiss([list(pair) for pair in [("a", "b"), ("b", "a")]]) == pytest.approx(-1)


@pytest.mark.parametrize("units", [[], [["a"], ["b"]], [["a", "a"], ["a", "a", "a"]]])
def test_where_nothing_can_be_said_nothing_is(units):
    found = Alpha(units, "ab", "nominal")
    assert found.value is None
    assert found.interval(0) is None
    assert fleiss(units) is None
    assert cohen([(u[0], u[1]) for u in units if len(u) == 2]) is None


def test_values_that_lie_far_apart_weigh_more_on_an_ordinal_scale():
    near = [["1", "2"], ["2", "3"], ["3", "4"], ["1", "1"], ["4", "4"]] * 4
    far = [["1", "4"], ["2", "3"], ["3", "2"], ["1", "1"], ["4", "4"]] * 4
    assert Alpha(near, "1234", "nominal").value == pytest.approx(Alpha(far, "1234", "nominal").value, abs=0.05)
    assert Alpha(near, "1234", "ordinal").value > Alpha(far, "1234", "ordinal").value + 0.2


def test_a_few_things_without_a_quarrel_prove_little():
    low, high = Alpha([["a", "a"], ["b", "b"], ["a", "a"]], "ab", "nominal").interval(1)
    assert high == 1
    assert low < 0.5
    assert Alpha([["a", "a"], ["b", "b"]] * 300, "ab", "nominal").interval(1).low > 0.95


def test_people_who_throw_coins_do_not_agree():
    rng = random.Random(3)
    units = [[rng.choice("ab") for _ in range(3)] for _ in range(600)]
    found = Alpha(units, "ab", "nominal")
    assert abs(found.value) < 0.06
    low, high = found.interval(1)
    assert low < 0 < high
    assert abs(fleiss(units)) < 0.06


def test_the_same_seed_gives_the_same_interval():
    assert Alpha(UNITS, "12345", "ordinal").interval(5) == Alpha(UNITS, "12345", "ordinal").interval(5)


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ((1, 2, 3), (1, 2, 3), 1.0),
        ((1, 2, 3), (3, 2, 1), -1.0),
        ((1, 2, 3), (1, 3, 2), 1 / 3),
        ((1, 1, 2), (1, 2, 3), 2 / 6**0.5),  # scipy.stats.kendalltau
        ((1, 1, 1), (1, 2, 3), None),
    ],
)
def test_tau_of_rankings_with_ties(one, other, value):
    found = tau(dict(zip("abc", one, strict=True)), dict(zip("abc", other, strict=True)))
    assert found == (pytest.approx(value) if value is not None else None)
