"""A plan is taken for stricter only where every rule of the other one has one that does at least as much.

Mutants killed: any one comparison left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kit.plans import LABEL, pattern, plan, rule, shipped, side

from gateway.policy.plan import HandoffPlan, LabelPlan, Plan, RecordPlan
from gateway.policy.stricter import weaker

DRUG = {"drug": pattern("drug", "毒品")}


def of(then: str = "mask", *, unjudged: str = "pass", detectors: Any = None, **more: Any) -> Plan:
    judged = side(DRUG if detectors is None else detectors, [rule("drug", then, **more)], unjudged=unjudged)
    return plan(judged, judged)


OWN = of("mask", score=0.5, roles=frozenset(["user"]), outside=frozenset(["cn"]), on_error="pass", release="hold")
SAME: dict[str, Any] = {
    "score": 0.5, "roles": frozenset(["user"]), "outside": frozenset(["cn"]), "on_error": "pass", "release": "hold"
}  # fmt: skip
STRICTER = [
    {},
    {"then": "refuse"},
    {"score": 0.2},
    {"roles": None},
    {"roles": frozenset(["user", "tool"])},
    {"outside": None},
    {"outside": frozenset()},
    {"on_error": "refuse"},
    {"release": "buffer"},
    {"unjudged": "refuse"},
]
WEAKER = [
    {"then": "label"},
    {"score": 0.6},
    {"roles": frozenset(["tool"])},
    {"outside": frozenset(["cn", "eu"])},
    {"release": "follow"},
    {"detectors": {}},
]


@pytest.mark.parametrize("change", STRICTER)
def test_at_least_as_strict_is_not_weaker(change: dict[str, Any]) -> None:
    assert list(weaker(OWN, of(**{"then": "mask", **SAME, **change}))) == []


@pytest.mark.parametrize("change", WEAKER)
def test_anything_milder_is_weaker_on_both_sides(change: dict[str, Any]) -> None:
    told = list(weaker(OWN, of(**{"then": "mask", **SAME, **change})))
    assert {what.partition(":")[0] for what in told} == {"request", "response"}


def test_what_is_unjudged_recorded_or_labelled_counts_too() -> None:
    strict = replace(
        of(unjudged="refuse", on_error="refuse"),
        label=LabelPlan("end", LABEL, metadata=True),
        record=RecordPlan("masked", "refuse"),
    )
    mild = replace(of(on_error="refuse"), record=RecordPlan("none", "pass"))
    assert len(list(weaker(strict, mild))) == 5
    assert list(weaker(mild, strict)) == []


@pytest.mark.parametrize(
    ("own", "other", "count"), [("masked", "raw", 1), ("withheld", "masked", 1), ("raw", "masked", 0)]
)
def test_showing_people_more_of_a_question_is_weaker(own: Any, other: Any, count: int) -> None:
    plans = [replace(of(), handoff=HandoffPlan(form)) for form in (own, other)]
    assert len(list(weaker(*plans))) == count


def test_of_the_policies_that_ship_the_strict_one_is_stricter_than_none_but_itself() -> None:
    base = shipped("base")
    assert list(weaker(base, base)) == []
    assert list(weaker(base, plan()))
