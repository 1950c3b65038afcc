"""A promise is kept, broken, or could not be judged; the last is not kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kit.soaked import FREE, run, samples

from benchmarks.soak.clients import Begun, Noted
from benchmarks.soak.promises import After, Soaked, promises, tenths
from benchmarks.soak.report import page, summary


def verdict(soaked: Soaked, name: str) -> bool | None:
    return next(one.kept for one in promises(soaked) if name in one.name)


@pytest.mark.parametrize(
    ("rss", "kept"),
    [
        ([100.0] * 30, True),
        ([100.0] * 27 + [104.9] * 3, True),
        ([100.0] * 27 + [105.1] * 3, False),
        ([100.0 + at for at in range(30)], False),
        ([100.0] * 27 + [80.0] * 3, True),  # giving memory back is no leak
        ([100.0] * 14 + [200.0] + [100.0] * 15, True),  # nor is one peak
        ([100.0] * 3, None),  # too short
        ([], None),
    ],
)
def test_memory_is_compared_by_the_medians_of_the_first_and_the_last_tenth(rss: list[float], kept: bool | None) -> None:
    assert verdict(run(*rss), "memory") is kept


def test_what_happens_while_it_warms_up_does_not_count() -> None:
    grown = run(*[10.0] * 10, *[100.0] * 30)
    assert verdict(grown, "memory") is False
    assert verdict(replace(grown, warm=600.0), "memory") is True


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        (FREE, True),
        (replace(FREE, clients=1), False),
        (replace(FREE, upstream=1), False),
        (replace(FREE, streams=1), False),
        (replace(FREE, streams=-1), False),  # the model did not say
        (replace(FREE, active=1.0), False),
        (replace(FREE, active=None), False),  # nor did the gateway
        (replace(FREE, waiting=2.0), False),
        (replace(FREE, sockets=(3, 4)), False),
        (replace(FREE, lives=False), False),
    ],
)
def test_nothing_may_be_left_and_what_nobody_knows_counts_as_left(after: After, kept: bool) -> None:
    assert verdict(run(1.0, after=after), "stuck") is kept


def test_what_reached_the_model_and_what_clients_saw_is_judged() -> None:
    assert verdict(run(1.0), "reaches the model") is True
    assert verdict(run(1.0, private=1), "reaches the model") is False
    assert verdict(run(1.0, forbidden=1), "reaches the model") is False
    assert verdict(run(1.0), "ends well") is True
    bad = Noted([Begun("a", "1", left=False)], faults=["a: 0 terminal frames"])
    assert verdict(run(1.0, noted=bad), "ends well") is False


def test_a_lost_record_breaks_a_promise_and_is_named() -> None:
    lost = replace(run(1.0), rows=[])
    assert verdict(lost, "record") is False
    assert "a was answered as 1, which has no record" in summary(lost)
    assert "not every promise was kept" in page(lost, {})


def test_tenths_hold_every_sample_after_the_warm_up_once() -> None:
    parts = tenths(samples(*[1.0] * 40), warm=600.0)
    assert [len(part) for part in parts] == [3] * 10
    assert [sample for part in parts for sample in part] == samples(*[1.0] * 40)[10:]
