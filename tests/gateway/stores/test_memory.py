from __future__ import annotations

import anyio
import pytest
from kit.records import plain, plains

from gateway.stores.memory import MemoryRecords

pytestmark = pytest.mark.anyio


async def test_records_are_kept_in_order() -> None:
    records = MemoryRecords()
    for record in plains(3):
        assert records.admit()
        await records.append(record)
    assert records.records == plains(3)


def test_room_is_limited_and_given_back() -> None:
    records = MemoryRecords(capacity=2)
    assert [records.admit() for _ in range(3)] == [True, True, False]
    records.release()
    assert [records.admit() for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("shield", "kept"), [(False, 0), (True, 1)], ids=["unshielded", "shielded"])
async def test_a_slow_append_needs_a_shield_against_cancellation(shield: bool, kept: int) -> None:
    records = MemoryRecords(delay=0.001)
    with anyio.CancelScope() as scope:
        scope.cancel()
        with anyio.CancelScope(shield=shield):
            await records.append(plain(1))
    assert len(records.records) == kept


@pytest.mark.parametrize(("delay", "taken"), [(0.0, True), (0.01, False)])
def test_a_record_is_taken_at_once_unless_that_takes_waiting(delay: float, taken: bool) -> None:
    records = MemoryRecords(delay=delay)
    assert records.admit()
    assert records.offer(plain(1)) is taken
    assert len(records.records) == taken
