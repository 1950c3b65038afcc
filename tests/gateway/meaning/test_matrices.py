"""Products with whole numbers are the plain ones, however many lines there are and whoever else multiplies.

Killed here: a lot of lines that is left out or counted twice; strips in the wrong order; a line left out that counts;
steps that are forgotten; room that two threads write to; room that does not begin where the kernel is fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import numpy as np
import pytest

from gateway.meaning import matrices as module
from gateway.meaning.matrices import SIDE, Floats, Matrix, Room, at_once, products, through, through_few, tiles

CHANCE = np.random.default_rng(0)
NUMBERS = CHANCE.integers(-127, 128, (3 * SIDE, 2 * SIDE)).astype(np.int8)
STEP = CHANCE.random(2 * SIDE).astype(np.float32)


def product(lines: Floats, numbers: np.ndarray, room: Room) -> Floats:
    """Multiply lines with all columns of tiles, one after the other."""
    out = np.full((len(lines), numbers.shape[1]), np.nan, np.float32)
    lots = lines.reshape(len(lines), -1, SIDE).swapaxes(0, 1)
    part = np.full((len(lines), SIDE), np.nan, np.float32)
    for number, column in enumerate(tiles(numbers)):
        products(lots, column, part, room, out[:, number * SIDE : (number + 1) * SIDE])
    return out


@pytest.fixture(params=["X86_V3", "X86_V4", "AVX512F", "baseline(NEON)"])
def processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    told = {"maximum": {"fff": {"current": request.param, "available": "X86_V4 X86_V3"}}}
    monkeypatch.setattr(module, "opt_func_info", lambda func_name, signature: told)
    at_once.cache_clear()
    yield request.param
    at_once.cache_clear()


def test_with_wide_registers_a_few_lines_are_multiplied_at_once(processor: str) -> None:
    assert (at_once() * SIDE * 64 <= 1_000_000) == (processor in {"X86_V4", "AVX512F"})


def test_numpy_tells_which_processor_this_is() -> None:
    at_once.cache_clear()
    assert at_once() in {61, 1 << 30}


@pytest.mark.parametrize("size", [1, 2, 60, 61, 62, 122, 123, 300])
@pytest.mark.parametrize("kind", [np.int8, np.float32])
@pytest.mark.usefixtures("processor")
def test_lines_times_tiles_are_the_plain_product(size: int, kind: type) -> None:
    lines = np.random.default_rng(size).normal(size=(size, len(NUMBERS))).astype(np.float32)
    wanted = lines.astype(np.float64) @ NUMBERS
    assert product(lines, NUMBERS.astype(kind), Room()) == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("high", [1, 127, 128, 129, 3 * SIDE])
def test_a_vector_goes_through_a_matrix_in_blocks(high: int) -> None:
    vector = np.random.default_rng(high).normal(size=high).astype(np.float32)
    wanted = vector.astype(np.float64) @ (NUMBERS[:high] * STEP.astype(np.float64))
    assert through(vector, Matrix(NUMBERS[:high], STEP), Room()) == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1])
def test_only_lines_that_count_are_read(share: float) -> None:
    vector = np.where(np.random.default_rng(1).random(len(NUMBERS)) < share, -1.5, 0).astype(np.float32)
    matrix = Matrix(NUMBERS, STEP)
    assert through_few(vector, matrix, Room()) == pytest.approx(through(vector, matrix, Room()), abs=0.02)


def test_each_thread_has_a_room_of_its_own() -> None:
    room, together = Room(), Barrier(2)

    def mine(number: int) -> list[bool]:
        lines = np.random.default_rng(number).normal(size=(20, len(NUMBERS))).astype(np.float32)
        numbers = np.roll(NUMBERS, number, 0)
        wanted = lines @ numbers.astype(np.float32)
        together.wait(10)
        return [np.allclose(product(lines, numbers, room), wanted, atol=0.02) for _ in range(50)]

    with ThreadPoolExecutor(2) as threads:
        assert all(chain.from_iterable(threads.map(mine, range(2))))


def test_a_room_begins_where_the_kernel_is_fast() -> None:
    rooms = [Room() for _ in range(8)]
    assert all(room.tile.ctypes.data % 64 == 0 and np.shares_memory(room.tile, room.flat) for room in rooms)
