"""A minute is the last sixty seconds, a day the operator's own, and a limit is told by how long it keeps one waiting.

Mutants killed: a count that holds 60 seconds only; the operator's offset taken the wrong way; a limit of nought
taken for none; the first limit told instead of the longest; a wait that ends before enough is free.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange import Quota
from gateway.limits.window import (
    DAY,
    SPAN,
    Answer,
    Counted,
    amounts_of,
    ask,
    changes_of,
    day_ends,
    day_of,
    limits_of,
    reservation,
)
from gateway.ports import Reservation, Spend

NONE = (0, 0, 0)
NOON = float(12 * 3600)


@pytest.mark.parametrize(
    ("quota", "limits"),
    [
        (Quota(), (-1, -1, -1, -1)),
        (Quota(requests=0, tokens=0, day_tokens=0, day_micros=0), (0, 0, 0, 0)),
        (Quota(requests=1, tokens=2, day_tokens=3, day_micros=4), (1, 2, 3, 4)),
    ],
)
def test_a_limit_of_nought_is_a_limit(quota: Quota, limits: tuple[int, ...]) -> None:
    assert limits_of(quota) == limits


@pytest.mark.parametrize(
    ("now", "offset", "day", "left"),
    [
        (0.0, 0, 0, 86_400.0),
        (86_399.5, 0, 0, 0.5),
        (86_400.0, 0, 1, 86_400.0),
        (57_599.0, 8 * 3600, 0, 1.0),  # 15:59:59 UTC is a second before midnight in China
        (57_600.0, 8 * 3600, 1, 86_400.0),
        (86_400.0 + 3600, -5 * 3600, 0, 4 * 3600.0),
    ],
)
def test_a_day_begins_at_midnight_of_the_operators_own_time(now: float, offset: int, day: int, left: float) -> None:
    assert (day_of(now, offset), day_ends(now, offset)) == (day, left)


@pytest.mark.parametrize(
    ("quota", "amounts"),
    [
        (Quota(), (900, 900, 70)),
        (Quota(tokens=300), (300, 900, 70)),
        (Quota(tokens=50, day_tokens=1000, day_micros=60), (100, 900, 60)),
        (Quota(tokens=1000, day_tokens=500, day_micros=5), (900, 500, 10)),
    ],
)
def test_what_is_only_probable_is_set_aside_as_far_as_a_limit_allows_it(
    quota: Quota, amounts: tuple[int, int, int]
) -> None:
    assert amounts_of(quota, Spend(100, 10), Spend(900, 70)) == amounts


@pytest.mark.parametrize(
    ("counted", "quota", "amounts", "spent", "wait"),
    [
        (Counted({}, {}), Quota(), (9, 9, 9), -1, 0.0),
        (Counted({}, {}), Quota(requests=0), NONE, 0, SPAN),
        (Counted({43_190: 2}, {}), Quota(requests=2), NONE, 0, SPAN - 10),
        (Counted({43_190: 1, 43_195: 1}, {}), Quota(requests=2), NONE, 0, SPAN - 10),
        (Counted({43_195: 1, 43_190: 1}, {}), Quota(requests=1), NONE, 0, SPAN - 5),
        (Counted({}, {43_150: 30, 43_190: 60}), Quota(tokens=100), (10, 0, 0), -1, 0.0),
        (Counted({}, {43_150: 30, 43_190: 60}), Quota(tokens=100), (11, 0, 0), 1, SPAN - 50),
        (Counted({}, {43_150: 30, 43_190: 60}), Quota(tokens=100), (41, 0, 0), 1, SPAN - 10),
        (Counted({}, {43_150: 30}), Quota(tokens=10), (11, 0, 0), 1, SPAN - 50),
        (Counted({}, {}, 90), Quota(day_tokens=100), (0, 10, 0), -1, 0.0),
        (Counted({}, {}, 90), Quota(day_tokens=100), (0, 11, 0), 2, DAY - NOON),
        (Counted({}, {}, 0, 90), Quota(day_micros=100), (0, 0, 11), 3, DAY - NOON),
        (Counted({43_190: 1}, {}, 90), Quota(requests=1, day_tokens=100), (0, 11, 0), 2, DAY - NOON),
        (Counted({43_190: 1}, {43_195: 9}), Quota(requests=1, tokens=9), (1, 0, 0), 1, SPAN - 5),
    ],
)
def test_the_limit_that_keeps_it_waiting_longest_is_the_one_told(
    counted: Counted, quota: Quota, amounts: tuple[int, int, int], spent: int, wait: float
) -> None:
    answer = ask(counted, quota, amounts, NOON, 0)
    assert (answer.spent, answer.wait) == (spent, pytest.approx(wait))
    before = (sum(counted.requests.values()), sum(counted.tokens.values()), counted.day_tokens, counted.day_micros)
    needs = (1, *amounts) if spent < 0 else (0, 0, 0, 0)
    assert answer.used == tuple(had + need for had, need in zip(before, needs, strict=True))


@pytest.mark.parametrize(
    ("counted", "amounts", "resets"),
    [
        (Counted({}, {}), (0, 0, 0), (60.75, 0.0)),
        (Counted({}, {}), (5, 0, 0), (60.75, 60.75)),
        (Counted({43_190: 1}, {43_170: 1}), (0, 0, 0), (60.75, 30.75)),
    ],
)
def test_a_limit_is_all_there_again_when_its_newest_count_holds_no_more(
    counted: Counted, amounts: tuple[int, int, int], resets: tuple[float, float]
) -> None:
    answer = ask(counted, Quota(), amounts, NOON + 0.25, 0)
    assert answer.resets[:2] == pytest.approx(resets)
    assert answer.resets[2:] == (DAY - NOON - 0.25,) * 2


@settings(max_examples=40, deadline=None)
@given(
    counts=st.dictionaries(st.integers(int(NOON) - 60, int(NOON)), st.integers(1, 9), max_size=8),
    limit=st.integers(1, 40),
    need=st.integers(1, 40),
    part=st.floats(0, 0.999),
)
def test_after_the_wait_there_is_room_and_not_a_moment_before(
    counts: dict[int, int], limit: int, need: int, part: float
) -> None:
    now = NOON + part
    answer = ask(Counted({}, counts), Quota(tokens=limit), (need, 0, 0), now, 0)
    assert (answer.spent == 1) == (sum(counts.values()) + need > limit)
    if answer.spent < 0 or need > limit:
        return

    def held(at: float) -> int:
        return sum(count for second, count in counts.items() if second + SPAN > at)

    assert held(now + answer.wait + 1e-6) + need <= limit
    assert held(now + answer.wait - 1e-6) + need > limit


@pytest.mark.parametrize(
    ("spent", "least", "never"),
    [(0, Spend(1), False), (1, Spend(20), False), (1, Spend(21), True), (2, Spend(31), True), (3, Spend(0, 41), True)],
)
def test_what_is_refused_takes_nothing_and_says_whether_it_could_ever_be_had(
    spent: int, least: Spend, never: bool
) -> None:
    quota = Quota(requests=10, tokens=20, day_tokens=30, day_micros=40)
    answer = Answer(spent, 4.5, (12, 5, 30, 0), (1.0, 2.0, 3.0, 4.0))
    said = reservation("k", quota, now=NOON, amounts=(7, 8, 9), least=least, answer=answer)
    assert (said.spent, said.wait, said.never) == (("requests", "tokens", "day_tokens", "day_money")[spent], 4.5, never)
    assert said.taken == NONE
    assert [(one.name, one.left, one.reset) for one in said.standing] == [
        ("requests", 0, 1.0),
        ("tokens", 15, 2.0),
        ("day_tokens", 0, 3.0),
        ("day_money", 40, 4.0),
    ]


def test_what_is_allowed_holds_its_amounts_and_speaks_of_its_limits_only() -> None:
    answer = Answer(-1, 0.0, (1, 7, 8, 9), (1.0, 2.0, 3.0, 4.0))
    said = reservation("k", Quota(day_tokens=30), now=NOON, amounts=(7, 8, 9), least=Spend(7), answer=answer)
    assert (said.key, said.at, said.taken, said.spent) == ("k", NOON, (7, 8, 9), None)
    assert [(one.name, one.limit, one.left) for one in said.standing] == [("day_tokens", 30, 22)]


@pytest.mark.parametrize(
    ("used", "changes"),
    [(Spend(10, 5), (0, -10, 0)), (Spend(0, 0), (-10, -20, -5)), (Spend(25, 6), (15, 5, 1))],
)
def test_each_limit_gets_back_what_was_set_aside_of_it_too_much(used: Spend, changes: tuple[int, int, int]) -> None:
    assert changes_of(Reservation("k", Quota(), NOON, (10, 20, 5), ()), used) == changes
