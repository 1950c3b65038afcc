"""The figures of GB/T 42460-2023 Annex D, on tables small enough to compute by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.risk import classes, diversity, encode, entropy_of, risk_of


def sizes(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize(
    ("classes_of", "sharing", "context", "above", "highest", "average", "overall", "acceptable"),
    [
        ((1, 4), "public", 1.0, 1.0, 1.0, 0.625, 1.0, False),
        ((20, 40), "public", 0.1, 0.0, 0.05, 0.0375, 0.05, False),  # at the threshold is not below it
        ((21, 40), "public", 0.1, 0.0, 1 / 21, (1 / 21 + 1 / 40) / 2, 1 / 21, True),
        ((5, 10), "controlled", 0.3, 0.0, 0.2, 0.15, 0.045, True),
        ((5, 10), "controlled", 1.0, 0.0, 0.2, 0.15, 0.15, False),
        ((4, 10), "controlled", 0.01, 0.5, 0.25, 0.175, 1.0, False),
        ((3, 3), "enclave", 0.15, 0.0, 1 / 3, 1 / 3, 0.05, False),
        ((3, 6), "enclave", 0.15, 0.0, 1 / 3, 0.25, 0.0375, True),
        ((2, 6), "enclave", 0.0, 0.5, 0.5, 1 / 3, 1.0, False),
    ],
)
def test_the_risk_is_what_annex_d_says(
    classes_of: tuple[int, ...],
    sharing: str,
    context: float,
    above: float,
    highest: float,
    average: float,
    overall: float,
    acceptable: bool,
) -> None:
    risk = risk_of(sizes(*classes_of), sharing, context)  # type: ignore[arg-type]
    assert (risk.above, risk.acceptable) == (above, acceptable)
    assert (risk.highest, risk.average, risk.overall) == pytest.approx((highest, average, overall))


def test_records_above_counts_records_and_not_classes() -> None:
    assert risk_of(sizes(1, 99), "public").records_above == pytest.approx(0.01)


def test_classes_are_records_that_share_every_value() -> None:
    groups = classes([encode(["a", "a", "b", "b", "a"]), encode(["1", "2", "1", "1", "1"])], 5)
    assert sorted(groups.sizes.tolist()) == [1, 2, 2]
    assert groups.of[0] == groups.of[4] != groups.of[1]
    assert groups.of[2] == groups.of[3]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 3)), min_size=1, max_size=60))
def test_classes_are_those_of_a_plain_count(rows: list[tuple[str, str, int]]) -> None:
    columns = [encode([str(row[at]) for row in rows]) for at in range(3)]
    counted = sorted({row: rows.count(row) for row in rows}.values())
    assert sorted(classes(columns, len(rows)).sizes.tolist()) == counted


def test_without_columns_all_records_are_one_class() -> None:
    assert classes([], 4).sizes.tolist() == [4]


@pytest.mark.parametrize(
    ("group", "values", "distinct", "entropy", "closeness", "disclosed"),
    [
        # Names: half the sum of differences from the whole.
        ("aabb", "xyxy", 2, 2.0, 0.0, 0.0),
        ("aabb", "xxyy", 1, 1.0, 0.5, 1.0),
        ("aabb", "xxxy", 1, 1.0, 0.25, 0.5),
        ("aaab", "xyyz", 1, 1.0, 0.75, 0.25),
    ],
)
def test_the_diversity_of_names_is_what_the_definitions_say(
    group: str, values: str, distinct: int, entropy: float, closeness: float, disclosed: float
) -> None:
    one = diversity(classes([encode(list(group))], len(group)), list(values))
    assert (one.distinct, one.disclosed) == (distinct, disclosed)
    assert (one.entropy, one.closeness) == pytest.approx((entropy, closeness))


def test_the_closeness_of_numbers_follows_their_order() -> None:
    near = diversity(classes([encode(list("aabb"))], 4), ["1", "3", "2", "4"])
    far = diversity(classes([encode(list("aabb"))], 4), ["1", "2", "3", "4"])
    # |0.5-0.25| + |0.5-0.5| + |1-0.75| over 3 steps, and |0.5-0.25| + |1-0.5| + |1-0.75| over 3.
    assert (near.closeness, far.closeness) == pytest.approx((0.5 / 3, 1 / 3))


def test_a_number_that_never_changes_gives_nothing_away() -> None:
    assert diversity(classes([encode(list("aabb"))], 4), ["7"] * 4).closeness == 0.0


def test_the_bits_of_a_column() -> None:
    assert entropy_of(encode(list("abcd"))) == 2.0
    assert entropy_of(encode(list("aaaa"))) == 0.0
    assert math.isclose(entropy_of(encode(list("aaab"))), 0.8112781244591328)
