"""A ticket is kept once, taken by one at a time, told, answered once; and erased with what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.ports import Ticket
from gateway.stores.handoffs import KeptHandoffs
from gateway.stores.sql import SqlStore

NOW = 1_790_000_000.0
ONE = Ticket("T1", "E1", NOW, "acme", "k1", "p", "d", "answers", "x@1", "desk", "zh", "masked", "我要投诉\0\ud800")
TWO = replace(ONE, id="T2", exchange="E2", created=NOW + 1, tenant="other", entry="", question=None, form="withheld")


class Clock:
    def __init__(self) -> None:
        self.now = NOW + 2

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(url: str, clock: Clock) -> Iterator[KeptHandoffs]:
    made = KeptHandoffs(SqlStore(url, clock), clock)
    for one in (ONE, TWO):
        made.add(one)
    yield made
    made.close()


def test_a_ticket_comes_back_as_it_was_kept_and_is_kept_once(kept: KeptHandoffs) -> None:
    kept.add(replace(ONE, tenant="somebody else"))
    found = kept.find("T1")
    assert found is not None
    assert found.ticket == replace(ONE, question="我要投诉␀?")
    assert (found.state, found.attempts, found.fault, found.answer) == ("waiting", 0, "", None)
    assert (two := kept.find("T2")) is not None
    assert two.ticket == TWO
    assert kept.find("T3") is None


def test_what_is_taken_is_nobody_else_s_until_its_time_is_up(kept: KeptHandoffs, clock: Clock) -> None:
    assert [one.ticket.id for one in kept.take(1, 10)] == ["T1"]
    assert [(one.ticket.id, one.attempts) for one in kept.take(8, 10)] == [("T2", 1)]
    assert kept.take(8, 10) == []
    assert kept.next_due() == clock.now + 10
    clock.now += 11
    assert [(one.ticket.id, one.attempts) for one in kept.take(8, 10)] == [("T1", 2), ("T2", 2)]


def test_told_failed_set_aside_and_again(kept: KeptHandoffs, clock: Clock) -> None:
    kept.told("T1")
    kept.failed("T2", "http_500", clock.now + 5)
    assert kept.take(8, 10) == []
    clock.now += 6
    kept.failed("T2", "timeout", None)
    assert kept.take(8, 10) == []
    assert kept.next_due() is None
    assert [one.ticket.id for one in kept.latest(9, ("undelivered",))] == ["T2"]
    assert not kept.again("T1")
    assert kept.again("T2")
    assert [(one.ticket.id, one.attempts, one.fault) for one in kept.take(8, 10)] == [("T2", 1, "timeout")]


@pytest.mark.parametrize("state", ["waiting", "sent", "undelivered"])
def test_the_first_answer_stands_however_far_the_ticket_is(kept: KeptHandoffs, state: str) -> None:
    if state == "sent":
        kept.told("T1")
    if state == "undelivered":
        kept.failed("T1", "timeout", None)
    assert kept.answer("T1", "三个工作日", "王芳")
    assert kept.answer("T1", "三个工作日", "王芳")  # the same again is no other answer
    assert not kept.answer("T1", "五个工作日", "李强")
    assert not kept.answer("T9", "x", "y")
    kept.told("T1")
    kept.failed("T1", "timeout", None)
    found = kept.find("T1")
    assert found is not None
    assert (found.state, found.answer, found.answerer) == ("answered", "三个工作日", "王芳")
    assert [one.ticket.id for one in kept.take(8, 10)] == ["T2"]  # nobody is told of what is answered


def test_the_latest_come_first_and_of_one_tenant_if_asked_for(kept: KeptHandoffs) -> None:
    assert [one.ticket.id for one in kept.latest(9)] == ["T2", "T1"]
    assert [one.ticket.id for one in kept.latest(1)] == ["T2"]
    assert [one.ticket.id for one in kept.latest(9, tenant="acme")] == ["T1"]
    assert kept.latest(9, ("sent",)) == []
