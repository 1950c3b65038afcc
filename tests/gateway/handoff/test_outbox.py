"""Every ticket is told at least once, with pauses that grow, and set aside in the end; none is told in silence.

Mutants killed: a try that does not count; a pause that does not grow; no end of tries; a ticket told anew after it
was taken; a lease that never ends; a failure that stops the loop.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.people import BROKEN, SILENT, TAKEN, outbox, people
from kit.upstream import Answer, ScriptedUpstream

from gateway.errors import RecordError
from gateway.handoff.outbox import Tries
from gateway.telemetry import names

from .test_webhook import TICKET

pytestmark = pytest.mark.anyio


def ticket(id: str = "T1", **more: Any) -> Any:
    return replace(TICKET, id=id, created=time.time(), **more)


async def test_a_ticket_is_told_at_once_and_only_once(tmp_path: Path) -> None:
    async with people(tmp_path) as desk:
        await desk.outbox.open(ticket())
        await desk.until("T1", "sent")
        await desk.outbox.open(ticket())  # the same ticket kept again is the same ticket
        await asyncio.sleep(0.1)
        assert [one["ticket"] for one in desk.told] == ["T1"]
        assert desk.metrics.value(names.HANDOFFS_TOLD, outcome="delivered") == 1


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (BROKEN, "http_500"),
        (SILENT, "timeout"),
        (Answer((), framing="raw", then="reset"), "unreachable"),
    ],
)
async def test_who_does_not_take_it_is_told_again_in_the_same_words(tmp_path: Path, bad: Answer, fault: str) -> None:
    async with people(tmp_path, bad, bad, TAKEN) as desk:
        await desk.outbox.open(ticket())
        await desk.until("T1", "sent")
        assert len(desk.told) == 3
        assert len({one.body for one in desk.requests}) == 1
        assert {one.headers["webhook-id"] for one in desk.requests} == {"T1"}
        found = await desk.outbox.find("T1")
        assert found is not None
        assert (found.attempts, found.fault, found.delivered is not None) == (3, "", True)
        assert desk.metrics.value(names.HANDOFFS_TOLD, outcome=fault) == 2


async def test_after_the_last_try_it_is_set_aside_and_can_be_taken_up_again(tmp_path: Path) -> None:
    async with people(tmp_path, BROKEN, BROKEN, BROKEN, TAKEN) as desk:
        await desk.outbox.open(ticket())
        await desk.until("T1", "undelivered")
        await asyncio.sleep(0.2)
        assert len(desk.requests) == 3
        found = await desk.outbox.find("T1")
        assert found is not None
        assert (found.fault, found.due) == ("http_500", None)
        assert desk.metrics.value(names.HANDOFFS_UNDELIVERED) == 1
        assert desk.kept.again("T1")
        assert not desk.kept.again("T1")
        desk.outbox._news.set()
        await desk.until("T1", "sent")


def test_pauses_double_up_to_the_longest_and_differ_by_chance() -> None:
    tries = Tries(most=9, base=2, longest=20, seconds=1)
    assert [tries.pause(n, 0.999999) for n in range(1, 7)] == pytest.approx([2, 4, 8, 16, 20, 20], rel=1e-5)
    assert [tries.pause(n, 0.0) for n in (1, 2, 3)] == [1, 2, 4]
    assert tries.pause(10_000, 0.5) == 15


async def test_what_the_other_side_asks_for_is_waited(tmp_path: Path) -> None:
    busy = Answer((b"",), 503, {"retry-after": "600"}, framing="length")
    async with people(tmp_path, busy, run=False) as desk:
        await desk.outbox.open(ticket())
        assert await desk.outbox.deliver() == 1
        found = await desk.outbox.find("T1")
        assert found is not None
        assert found.due is not None
        assert found.due - time.time() > 590
        assert await desk.outbox.deliver() == 0


async def test_one_that_hangs_keeps_no_other_from_being_told(tmp_path: Path) -> None:
    async with people(tmp_path, SILENT, TAKEN) as desk:
        for at in range(5):
            await desk.outbox.open(ticket(f"T{at}"))
        for at in range(5):
            await desk.until(f"T{at}", "sent")
        assert await desk.outbox.deliver() == 0  # nothing is left to be told


async def test_what_a_dead_process_left_is_told_by_the_next(tmp_path: Path) -> None:
    """A process that dies before telling, and one that dies while it tells."""
    database = f"sqlite:///{tmp_path}/tickets.db"
    now = [time.time()]
    async with ScriptedUpstream(TAKEN) as upstream:
        first = outbox(database, f"{upstream.url}/t", clock=lambda: now[0])
        first.kept.add(ticket("T1"))
        first.kept.add(ticket("T2"))
        now[0] += 1
        assert [one.ticket.id for one in first.kept.take(1, 30)] == ["T1"]  # … and here it dies
        await first.outbox.aclose()
        second = outbox(database, f"{upstream.url}/t", clock=lambda: now[0])
        second.upstream = upstream
        assert await second.outbox.deliver() == 1
        assert [one["ticket"] for one in second.told] == ["T2"]
        now[0] += 31
        assert await second.outbox.deliver() == 1
        assert [one["ticket"] for one in second.told] == ["T2", "T1"]
        found = await second.outbox.find("T1")
        assert found is not None
        assert (found.state, found.attempts) == ("sent", 2)
        await second.outbox.aclose()


async def test_a_ticket_that_kills_whoever_tells_it_is_set_aside_too(tmp_path: Path) -> None:
    now = [time.time()]
    async with people(tmp_path, run=False, clock=lambda: now[0]) as desk:
        desk.kept.add(ticket("T1"))
        for _ in range(3):
            now[0] += 60
            assert len(desk.kept.take(8, 30)) == 1
        now[0] += 60
        await desk.outbox.deliver()
        found = await desk.outbox.find("T1")
        assert found is not None
        assert (found.state, found.fault, len(desk.requests)) == ("undelivered", "interrupted", 0)


async def test_two_processes_do_not_tell_the_same_ticket_at_the_same_time(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk:
        other = outbox(f"sqlite:///{tmp_path}/tickets.db", f"{desk.upstream.url}/tickets")
        for at in range(12):
            await desk.outbox.open(ticket(f"T{at:02}"))
        while sum(await asyncio.gather(desk.outbox.deliver(), other.outbox.deliver())):
            pass
        assert sorted(one["ticket"] for one in desk.told) == [f"T{at:02}" for at in range(12)]
        await other.outbox.aclose()


async def test_a_question_that_cannot_be_unsealed_is_told_to_nobody(tmp_path: Path) -> None:
    def sealed(_: object) -> str:
        raise RecordError("sealed with a key that is not at hand")

    async with people(tmp_path, run=False) as desk:
        desk.outbox._opened = sealed
        await desk.outbox.open(ticket(form="raw"))
        await desk.outbox.deliver()
        found = await desk.outbox.find("T1")
        assert found is not None
        assert (found.fault, found.state, desk.requests) == ("unsealable", "waiting", [])


async def test_a_store_that_fails_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with people(tmp_path, run=False) as desk:
        await desk.outbox.open(ticket())
        take, failing = desk.kept.take, [True]

        def shaky(most: int, seconds: float) -> Any:
            if failing[0]:
                raise RecordError("the store is away")
            return take(most, seconds)

        monkeypatch.setattr(desk.kept, "take", shaky)
        running = asyncio.create_task(desk.outbox.run())
        while not desk.outbox.fault:
            await asyncio.sleep(0.01)
        assert desk.outbox.fault == "the store is away"
        failing[0] = False
        desk.outbox._news.set()
        await desk.until("T1", "sent")
        while desk.outbox.fault:
            await asyncio.sleep(0.01)
        running.cancel()
