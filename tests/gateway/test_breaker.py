"""A breaker opens after failures in a row, rests, and lets one probe decide."""

from __future__ import annotations

from gateway.breaker import Breaker


class Turned:
    """A clock that a test turns, and the states that a breaker went through."""

    def __init__(self) -> None:
        self.now = 100.0
        self.states: list[str] = []
        self.breaker = Breaker(3, 30.0, lambda: self.now, self.states.append)

    def call(self, well: bool | None) -> bool:
        permit = self.breaker.admit()
        if permit is None:
            return False
        self.breaker.settle(permit, well)
        return True


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    turned = Turned()
    assert [turned.call(False) for _ in range(5)] == [True, True, True, False, False]
    assert turned.states == ["open"]


def test_a_success_in_between_starts_the_count_anew() -> None:
    turned = Turned()
    for well in (False, False, True, False, False):
        assert turned.call(well)
    assert turned.breaker.state == "closed"
    assert turned.states == []


def test_a_call_that_says_nothing_counts_neither_way() -> None:
    turned = Turned()
    for well in (False, None, False, None, False):
        assert turned.call(well)
    assert turned.breaker.state == "open"


def test_after_its_rest_one_probe_is_let_through_and_a_success_closes_it() -> None:
    turned = Turned()
    for _ in range(3):
        turned.call(False)
    turned.now += 29.9
    assert turned.breaker.admit() is None
    turned.now += 0.1
    assert turned.breaker.admit() == "probe"
    assert turned.breaker.admit() is None
    turned.breaker.settle("probe", True)
    assert turned.call(False)
    assert turned.call(False)
    assert turned.breaker.state == "closed"
    assert turned.states == ["open", "half_open", "closed"]


def test_a_probe_that_fails_opens_it_for_another_rest() -> None:
    turned = Turned()
    for _ in range(3):
        turned.call(False)
    turned.now += 30
    assert turned.call(False)
    turned.now += 29
    assert not turned.call(True)
    turned.now += 1
    assert turned.call(True)
    assert turned.breaker.state == "closed"


def test_a_probe_that_was_given_up_is_followed_by_the_next_at_once() -> None:
    turned = Turned()
    for _ in range(3):
        turned.call(False)
    turned.now += 30
    assert turned.call(None)
    assert turned.breaker.state == "open"
    assert turned.call(True)
    assert turned.breaker.state == "closed"


def test_calls_from_before_it_opened_decide_nothing_any_more() -> None:
    turned = Turned()
    early = turned.breaker.admit()
    assert early == "call"
    for _ in range(3):
        turned.call(False)
    turned.breaker.settle(early, True)
    assert turned.breaker.state == "open"
