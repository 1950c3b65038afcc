"""A judge is asked about what cheaper detectors are not sure of, and about nothing else."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.bands import Stretch, uncertain
from gateway.policy.plan import Band, BoundDetector
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding


async def _never(view: TextView) -> Scan:
    raise AssertionError(view)


def judge(low: float = 0.3, high: float = 0.8) -> BoundDetector:
    band = Band(frozenset(["a1.b"]), low, high, frozenset(["cheap"]))
    return BoundDetector("j", "sentence", frozenset(["x"]), judge=_never, ask=band)


ALL = [Stretch(0, 4), Stretch(4, 8), Stretch(8, 12)]


def found(start: int, end: int, score: float, risk: str = "a1.b", detector: str = "cheap") -> Finding:
    return Finding(start, end, risk, score, detector)


def test_without_a_band_it_is_asked_about_everything() -> None:
    always = BoundDetector("j", "sentence", frozenset(["x"]), judge=_never)
    assert uncertain(always, ALL, [found(0, 1, 0.9)]) == ALL


def test_the_highest_score_in_a_stretch_counts() -> None:
    assert uncertain(judge(), ALL, [found(0, 1, 0.5), found(2, 3, 0.9), found(4, 5, 0.5)]) == [ALL[1]]


def test_a_finding_across_an_edge_counts_on_both_sides_and_one_that_touches_it_on_one() -> None:
    assert uncertain(judge(), ALL, [found(3, 5, 0.5)]) == ALL[:2]
    assert uncertain(judge(), ALL, [found(2, 4, 0.5)]) == ALL[:1]
    assert uncertain(judge(), ALL, [found(0, 12, 0.5)]) == ALL


def test_other_risks_and_other_detectors_do_not_count() -> None:
    others = [found(0, 1, 0.5, risk="a1.c"), found(4, 5, 0.5, detector="other")]
    assert uncertain(judge(), ALL, others) == []
    assert uncertain(judge(0.0), ALL, others) == ALL


def test_where_a_detector_of_the_band_failed_all_is_uncertain() -> None:
    assert uncertain(judge(), ALL, [found(0, 1, 0.9)], frozenset(["cheap"])) == ALL
    assert uncertain(judge(), ALL, [], frozenset(["other"])) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9), st.floats(0, 1))), st.sets(st.integers(1, 29)))
def test_it_is_what_looking_at_every_pair_says(spans: list[tuple[int, int, float]], cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), 30]
    stretches = [Stretch(a, b) for a, b in pairwise(edges)]
    findings = [found(start, start + size, score) for start, size, score in spans]
    expected = [
        one
        for one in stretches
        if 0.3 <= max((f.score for f in findings if f.start < one.end and f.end > one.start), default=0.0) < 0.8
    ]
    assert list(uncertain(judge(), stretches, findings)) == expected
