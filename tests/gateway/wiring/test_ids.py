"""Ids are unique, sort by time, and say nothing."""

from __future__ import annotations

import itertools
import time

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring.ids import UniqueIds


def test_an_id_is_unique_sorts_by_time_and_tells_nothing() -> None:
    made = wiring.parts(Settings(), {})
    ids = [made.ports.ids() for _ in range(2_000)]
    time.sleep(0.002)
    later = made.ports.ids()
    assert len(set(ids)) == 2_000
    assert all(len(one) == 26 and one.isascii() and one.isalnum() and one == one.upper() for one in ids)
    assert all(not set("ILOU") & set(one) for one in ids)
    assert later[:10] > ids[0][:10]
    assert len({one[10:] for one in ids}) == 2_000


@pytest.mark.parametrize(
    ("now", "noise", "id"),
    [
        (0.0, b"\0" * 10, "0" * 26),
        (0.001, b"\0" * 9 + b"\x01", "0000000001" + "0" * 15 + "1"),
        (1.0, b"\xff" * 10, "00000000Z8" + "Z" * 16),
        (2**48 / 1000 - 0.0005, b"\xff" * 10, "7" + "Z" * 25),
    ],
)
def test_an_id_is_the_time_in_milliseconds_and_eighty_random_bits(now: float, noise: bytes, id: str) -> None:
    assert UniqueIds(lambda: now, lambda size: (noise * size)[:size])() == id


def test_randomness_is_drawn_in_blocks_and_no_part_of_it_is_used_twice() -> None:
    drawn: list[int] = []
    bytes_ = itertools.count()

    def random(size: int) -> bytes:
        drawn.append(size)
        return bytes(next(bytes_) // 10 % 256 for _ in range(size))

    ids = UniqueIds(lambda: 0.0, random)
    made = [ids() for _ in range(250)]
    assert len(set(made)) == 250
    assert drawn == [4096]
    assert [ids() for _ in range(200)]
    assert drawn == [4096, 4096]


def test_what_is_left_of_a_block_is_never_too_little_for_an_id() -> None:
    ids = UniqueIds(lambda: 0.0, lambda size: b"\xff" * size)
    assert all(ids().endswith("Z" * 16) for _ in range(1_000))


def test_ids_sort_as_their_times_do() -> None:
    times = iter([1.0, 1.001, 999.9, 1e9, 1.79e9, 4e9])
    ids = UniqueIds(lambda: next(times), lambda size: b"\x7f" * size)
    made = [ids() for _ in range(6)]
    assert made == sorted(made)
