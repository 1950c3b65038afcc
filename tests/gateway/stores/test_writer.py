from __future__ import annotations

import asyncio
import itertools
import logging
import signal
import sqlite3
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.postgres import Postgres
from kit.records import plain, plains

from gateway.errors import RecordError, RecordRefused
from gateway.exchange import Record
from gateway.stores.spool import Spool
from gateway.stores.sql import SqlStore
from gateway.stores.writer import RecordWriter, Store
from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics

pytestmark = pytest.mark.anyio

SECRET = "密语 secret words"


class Troubled:
    """A store that does as it is told, over a real one."""

    def __init__(self, inner: Store, does: Iterator[str] | None = None) -> None:
        self.inner, self.does = inner, does or itertools.repeat("take")
        self.batches: list[Sequence[Record]] = []
        self.never: set[str] = set()
        self.free = threading.Event()
        self.free.set()
        self.busy = threading.Event()
        self.closed = False

    def open(self) -> None:
        self.inner.open()

    def write(self, records: Sequence[Record]) -> None:
        self.batches.append(list(records))
        self.busy.set()
        self.free.wait(10)
        what = next(self.does, "take")
        if what == "fail":
            raise RecordError("the store is away")
        if what == "burst":
            raise LookupError(f"an error of somebody else's, with {SECRET}")
        if any(record.id in self.never for record in records):
            raise RecordRefused("the store refuses a record")
        self.inner.write(records)
        if what == "forget":
            raise RecordError("written, but the word of it got lost")

    def close(self) -> None:
        self.closed = True
        self.inner.close()


class Ids:
    """The smallest store: ids in a list."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def open(self) -> None:
        pass

    def write(self, records: Sequence[Record]) -> None:
        self.ids += [record.id for record in records if record.id not in self.ids]

    def close(self) -> None:
        pass


def writer_to(store: Store, metrics: Metrics, **options: object) -> RecordWriter:
    fast = {"pauses": (0.005, 0.01), "linger": 0.0, **options}
    return RecordWriter(store, ticker=time.monotonic, counters=metrics, **fast)


@asynccontextmanager
async def writing(store: Store, metrics: Metrics, **options: object) -> AsyncIterator[RecordWriter]:
    writer = writer_to(store, metrics, **options)
    writer.open()
    try:
        yield writer
    finally:
        await writer.close(5.0)


async def hand_over(writer: RecordWriter, records: Sequence[Record]) -> None:
    for record in records:
        assert writer.admit()
        await writer.append(record)


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not true():
            await anyio.sleep(0.002)


def kept(url: str) -> list[str]:
    store = SqlStore(url, time.time)
    store.open()
    try:
        return sorted(record.id for record in store.latest(100_000))
    finally:
        store.close()


def ids(records: Sequence[Record]) -> list[str]:
    return sorted(record.id for record in records)


# --- The ordinary way ------------------------------------------------------------------------------


async def test_everything_appended_is_in_the_database_after_a_normal_stop(url: str) -> None:
    metrics = Metrics()
    async with writing(SqlStore(url, time.time), metrics) as writer:
        await hand_over(writer, plains(1234))
    assert kept(url) == ids(plains(1234))
    assert metrics.value(names.RECORDS_WRITTEN) == 1234
    assert (
        metrics.value(names.RECORDS_LOST)
        == metrics.value(names.RECORDS_SPOOLED)
        == metrics.value(names.RECORDS_RETRIED)
        == 0
    )


async def test_drain_waits_until_everything_appended_is_there(url: str) -> None:
    async with writing(SqlStore(url, time.time), Metrics()) as writer:
        await hand_over(writer, plains(500))
        assert await writer.drain(10)
        assert kept(url) == ids(plains(500))
        assert writer.waiting == 0


async def test_drain_gives_up_when_its_time_is_up() -> None:
    store = Troubled(Ids())
    async with writing(store, Metrics()) as writer:
        store.free.clear()
        await hand_over(writer, plains(1))
        assert not await writer.drain(0.01)
        store.free.set()
        assert await writer.drain(10)


async def test_append_returns_before_the_record_is_written() -> None:
    store = Troubled(Ids())
    async with writing(store, Metrics()) as writer:
        store.free.clear()
        await hand_over(writer, plains(100))
        assert store.inner.ids == []
        store.free.set()
    assert ids(plains(100)) == store.inner.ids


async def test_a_busy_writer_writes_full_batches_and_none_larger() -> None:
    store = Troubled(Ids())
    async with writing(store, Metrics(), batch=200) as writer:
        store.free.clear()
        await hand_over(writer, plains(1))
        await until(store.busy.is_set)
        await hand_over(writer, plains(500, start=1))
        store.free.set()
    assert [len(batch) for batch in store.batches] == [1, 200, 200, 100]


async def test_records_that_come_together_linger_into_one_batch() -> None:
    store = Troubled(Ids())
    async with writing(store, Metrics(), linger=0.2) as writer:
        await hand_over(writer, plains(1))
        await anyio.sleep(0.01)
        await hand_over(writer, plains(1, start=1))
        assert await writer.drain(10)
    assert [len(batch) for batch in store.batches] == [2]


async def test_records_from_many_threads_all_arrive(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    async with writing(SqlStore(url, time.time), Metrics()) as writer:

        async def some(start: int) -> None:
            for record in plains(500, start):
                await writer.append(record)

        async with anyio.create_task_group() as group:
            for n in range(4):
                group.start_soon(anyio.to_thread.run_sync, asyncio.run, some(n * 500))
    assert kept(url) == ids(plains(2000))


async def test_a_record_is_kept_when_its_exchange_is_cancelled_meanwhile() -> None:
    store = Troubled(Ids())
    async with writing(store, Metrics()) as writer:
        with anyio.CancelScope() as scope:
            scope.cancel()
            with anyio.CancelScope(shield=True):
                await writer.append(plain(1))
    assert store.inner.ids == [plain(1).id]


# --- Room ------------------------------------------------------------------------------------------


async def test_room_is_reserved_given_back_and_freed_by_writing() -> None:
    store = Troubled(Ids())
    async with writing(store, Metrics(), capacity=3) as writer:
        store.free.clear()
        assert [writer.admit() for _ in range(5)] == [True, True, True, False, False]
        writer.release()
        assert [writer.admit() for _ in range(2)] == [True, False]
        assert writer.waiting == 3
        await writer.append(plain(1))
        assert not writer.admit()
        store.free.set()
        await until(lambda: writer.waiting == 2)
        assert [writer.admit() for _ in range(2)] == [True, False]


async def test_nothing_is_admitted_before_it_is_open_and_after_it_is_closed() -> None:
    writer = writer_to(Ids(), Metrics())
    assert not writer.admit()
    writer.open()
    assert writer.admit()
    writer.release()
    await writer.close(5)
    assert not writer.admit()


async def test_a_store_that_cannot_be_opened_says_so_before_anything_is_admitted(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_text("no database " * 100)
    writer = writer_to(SqlStore(f"sqlite:///{tmp_path}/records.db", time.time), Metrics())
    with pytest.raises(RecordError, match="cannot open the record store"):
        writer.open()
    assert not writer.admit()
    await writer.close(1)


# --- A store in trouble ----------------------------------------------------------------------------


async def test_one_failure_is_tried_again_at_once_and_nobody_is_refused() -> None:
    store = Troubled(Ids(), iter(["fail"]))
    metrics = Metrics()
    async with writing(store, metrics, pauses=(60.0, 60.0)) as writer:
        await hand_over(writer, plains(3))
        assert await writer.drain(10)
        assert not writer.failing
    assert metrics.value(names.RECORDS_RETRIED) == len(store.batches[0])
    assert store.inner.ids == ids(plains(3))


async def test_a_store_that_keeps_failing_admits_nothing_until_it_recovers_by_itself() -> None:
    away = threading.Event()
    away.set()
    store = Troubled(Ids(), ("fail" if away.is_set() else "take" for _ in itertools.count()))
    metrics = Metrics()
    async with writing(store, metrics) as writer:
        await hand_over(writer, plains(1))
        await until(lambda: writer.failing)
        assert not writer.admit()
        await writer.append(plain(2))  # an exchange that had its room before
        away.clear()
        await until(lambda: not writer.failing)
        assert writer.admit()
        writer.release()
        assert await writer.drain(10)
    assert sorted(store.inner.ids) == [plain(0).id, plain(2).id]
    assert metrics.value(names.RECORDS_RETRIED) >= 2
    assert metrics.value(names.RECORDS_WRITTEN) == 2


async def test_pauses_between_tries_double_up_to_the_longest() -> None:
    store = Troubled(Ids(), iter(["fail"] * 12))
    times: list[float] = []
    write = store.write

    def timed(records: Sequence[Record]) -> None:
        times.append(time.monotonic())
        write(records)

    store.write = timed
    async with writing(store, Metrics(), pauses=(0.01, 0.02)) as writer:
        await hand_over(writer, plains(1))
        assert await writer.drain(10)  # without an end to the doubling this would take 20 seconds
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert len(gaps) == 12
    for gap, least in zip(gaps, [0, 0.01, *[0.02] * 10], strict=True):
        assert gap >= least


async def test_a_writer_with_nothing_to_do_sleeps() -> None:
    async with writing(Ids(), Metrics()) as writer:
        await hand_over(writer, plains(1))
        assert await writer.drain(10)
        assert not writer._wake.is_set()


async def test_whatever_a_store_raises_the_record_is_kept_and_the_log_has_no_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Troubled(Ids(), iter(["burst", "burst", "burst"]))
    with caplog.at_level(logging.DEBUG):
        async with writing(store, Metrics()) as writer:
            await hand_over(writer, [plain(1, request_text=SECRET, user=SECRET)])
            assert await writer.drain(10)
    assert store.inner.ids == [plain(1).id]
    assert "LookupError" in caplog.text
    assert "secret" not in caplog.text


async def test_a_record_that_the_store_will_never_take_does_not_hold_up_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    store = Troubled(SqlStore(url, time.time))
    store.never = {plain(3).id}
    metrics, spool = Metrics(), Spool(tmp_path / "spool")
    store.free.clear()
    async with writing(store, metrics, spool=spool) as writer:
        await hand_over(writer, [plain(n, request_text=SECRET) for n in range(6)])
        store.free.set()
        assert await writer.drain(10)
        assert writer.waiting == 0
        assert not writer.failing
    assert kept(url) == ids([plain(n) for n in (0, 1, 2, 4, 5)])
    assert (
        metrics.value(names.RECORDS_WRITTEN),
        metrics.value(names.RECORDS_SPOOLED),
        metrics.value(names.RECORDS_LOST),
    ) == (5, 1, 0)
    assert plain(3).id in caplog.text
    assert "secret" not in caplog.text
    assert spool.files() == []  # it would be refused for ever
    assert [plain(3).id in file.read_text() for file in (tmp_path / "spool").iterdir()] == [True]


async def test_a_database_that_dies_and_comes_back_in_mid_run_has_every_record_once(server: Postgres) -> None:
    url = server.database()
    metrics = Metrics()
    async with writing(SqlStore(url, time.time), metrics) as writer:
        await hand_over(writer, plains(10))
        assert await writer.drain(10)
        server.stop()
        try:
            await hand_over(writer, plains(1, start=10))
            await until(lambda: writer.failing)
            for record in plains(300, start=11):
                await writer.append(record)
        finally:
            server.start()
        assert await writer.drain(20)
        assert writer.admit()
    assert kept(url) == ids(plains(311))
    assert metrics.value(names.RECORDS_LOST) == metrics.value(names.RECORDS_SPOOLED) == 0


async def test_a_file_that_another_process_holds_is_written_once_it_lets_go(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    async with writing(SqlStore(url, time.time, busy=0.01), Metrics()) as writer:
        with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await hand_over(writer, plains(5))
            await until(lambda: writer.failing)
            other.execute("ROLLBACK")
        assert await writer.drain(10)
    assert kept(url) == ids(plains(5))


# --- The end ---------------------------------------------------------------------------------------


async def test_a_store_that_is_away_for_a_moment_at_the_end_is_waited_for() -> None:
    store, metrics = Troubled(Ids(), iter(["fail"] * 5)), Metrics()
    writer = writer_to(store, metrics)
    writer.open()
    await hand_over(writer, plains(1))
    await writer.close(10)
    assert store.inner.ids == [plain(0).id]
    assert (metrics.value(names.RECORDS_WRITTEN), metrics.value(names.RECORDS_LOST)) == (1, 0)


async def test_what_a_dead_store_would_not_take_is_spooled_and_comes_back_at_the_next_start(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool, metrics = Spool(Path(folder) / "spool"), Metrics()
        store = Troubled(SqlStore(url, time.time), itertools.chain(["take"], itertools.repeat("fail")))
        writer = writer_to(store, metrics, spool=spool, batch=4)
        writer.open()
        await hand_over(writer, plains(1))
        assert await writer.drain(10)
        assert [writer.admit() for _ in range(9)] == [True] * 9
        for record in plains(9, start=1):
            await writer.append(record)
        await writer.close(0.05)
        assert kept(url) == ids(plains(1))
        assert (metrics.value(names.RECORDS_SPOOLED), metrics.value(names.RECORDS_LOST), writer.waiting) == (9, 0, 0)
        # Once told to stop, it does not try every batch on a store that took none of the first.
        assert len({tuple(ids(batch)) for batch in store.batches[1:]}) == 1

        again = Metrics()
        async with writing(SqlStore(url, time.time), again, spool=spool) as writer:
            await hand_over(writer, plains(1, start=10))
            assert await writer.drain(10)
        assert kept(url) == ids(plains(11))
        assert (again.value(names.RECORDS_REPLAYED), again.value(names.RECORDS_WRITTEN)) == (9, 1)
        assert list((Path(folder) / "spool").iterdir()) == []


async def test_a_replay_that_is_interrupted_goes_on_at_the_next_start(tmp_path: Path) -> None:
    url, spool = f"sqlite:///{tmp_path}/records.db", Spool(tmp_path / "spool")
    spool.put(plains(3))
    writer = writer_to(Troubled(SqlStore(url, time.time), itertools.repeat("fail")), Metrics(), spool=spool)
    writer.open()
    await until(lambda: writer.failing)
    await writer.close(0.01)
    assert kept(url) == []
    async with writing(SqlStore(url, time.time), Metrics(), spool=spool):
        pass
    assert kept(url) == ids(plains(3))
    assert spool.files() == []


async def test_a_spool_file_that_is_broken_holds_up_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url, spool = f"sqlite:///{tmp_path}/records.db", Spool(tmp_path / "spool")
    spool.put(plains(3))
    spool.put(plains(3, start=3))
    spool.files()[0].write_text(f'{{"id": "{SECRET}"}}\n')
    async with writing(SqlStore(url, time.time), Metrics(), spool=spool):
        pass
    assert len(kept(url)) == 3
    assert [file.suffix for file in (tmp_path / "spool").iterdir()] == [".broken"]
    assert "renamed" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("spooled", [False, True], ids=["no spool", "a spool that cannot be written"])
async def test_what_nobody_takes_is_counted_and_named_without_its_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spooled: bool
) -> None:
    (tmp_path / "in the way").write_text("")
    spool = Spool(tmp_path / "in the way" / "spool") if spooled else None
    metrics = Metrics()
    writer = writer_to(Troubled(Ids(), itertools.repeat("fail")), metrics, spool=spool)
    writer.open()
    for n in range(3):
        await writer.append(plain(n, request_text=SECRET))
    await writer.close(0.05)
    assert metrics.value(names.RECORDS_LOST) == 3
    assert all(plain(n).id in caplog.text for n in range(3))
    assert "secret" not in caplog.text
    assert ("ENOTDIR" in caplog.text) is spooled


@pytest.mark.parametrize(("end", "written"), [("take", 1), ("fail", 0)], ids=["it writes at last", "it fails at last"])
async def test_a_store_that_hangs_does_not_hang_the_end_and_nothing_is_doubled(
    tmp_path: Path, end: str, written: int
) -> None:
    url, spool = f"sqlite:///{tmp_path}/records.db", Spool(tmp_path / "spool")
    store, metrics = Troubled(SqlStore(url, time.time), itertools.repeat(end)), Metrics()
    writer = writer_to(store, metrics, spool=spool, batch=2)
    writer.open()
    store.free.clear()
    await writer.append(plain(0))
    await until(store.busy.is_set)
    for record in plains(4, start=1):
        await writer.append(record)
    await writer.close(0.01)
    assert metrics.value(names.RECORDS_SPOOLED) == 5
    store.free.set()  # the hanging write comes back after all
    await until(lambda: store.closed)
    assert len(kept(url)) == written
    assert metrics.value(names.RECORDS_SPOOLED) == 5
    async with writing(SqlStore(url, time.time), Metrics(), spool=spool):
        pass
    assert kept(url) == ids(plains(5))


async def test_a_record_appended_after_the_end_goes_to_the_spool(tmp_path: Path) -> None:
    store, spool = Ids(), Spool(tmp_path)
    writer = writer_to(store, Metrics(), spool=spool)
    writer.open()
    await writer.close(1)
    await writer.append(plain(7))
    assert store.ids == []
    assert [spool.read(file) for file in spool.files()] == [[plain(7)]]


async def test_closing_twice_is_closing_once() -> None:
    store = Troubled(Ids())
    writer = writer_to(store, Metrics())
    writer.open()
    await hand_over(writer, plains(2))
    await writer.close(5)
    await writer.close(5)
    assert store.closed
    assert len(store.inner.ids) == 2


STOPPED = """
    import asyncio, signal, sys, time
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from gateway.stores.spool import Spool
    from gateway.stores.sql import SqlStore
    from gateway.stores.writer import RecordWriter
    from gateway.telemetry.metrics import Metrics
    from kit.records import plain

    async def main():
        store = SqlStore({url!r}, time.time)
        writer = RecordWriter(store, ticker=time.monotonic, counters=Metrics(), spool=Spool(Path({spool!r})))
        writer.open()
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        number = 0
        while not told.is_set():
            if writer.admit():
                await writer.append(plain(number))
                number += 1
            if number == 500:
                print("under way", flush=True)
            await asyncio.sleep(0)
        await writer.close(10.0)
        print(number, flush=True)

    asyncio.run(main())
"""


async def test_a_process_told_to_stop_has_written_what_it_appended(url: str, tmp_path: Path) -> None:
    code = STOPPED.format(tests=str(Path(__file__).parents[2]), url=url, spool=str(tmp_path / "spool"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(code)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"under way\n"
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert process.returncode == 0, err
    assert kept(url) == ids(plains(int(out)))
    assert not (tmp_path / "spool").exists()


# --- Whatever happens ------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    does=st.lists(st.sampled_from(["take", "fail", "burst", "forget"]), max_size=12),
    never=st.sets(st.integers(0, 29), max_size=3),
    batch=st.integers(1, 8),
    dead=st.booleans(),
)
def test_nothing_appended_is_ever_lost_or_doubled(does: list[str], never: set[int], batch: int, dead: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, spool, metrics = f"sqlite:///{folder}/records.db", Spool(folder / "spool"), Metrics()
        last = itertools.repeat("fail") if dead else itertools.repeat("take")
        store = Troubled(SqlStore(url, time.time), itertools.chain(does, last))
        store.never = {plain(n).id for n in never}

        async def run() -> None:
            writer = writer_to(store, metrics, spool=spool, batch=batch, pauses=(0.0, 0.001))
            writer.open()
            for record in plains(30):
                await writer.append(record)
            await writer.close(0.02 if dead else 10)
            again = Troubled(SqlStore(url, time.time))
            again.never = store.never
            async with writing(again, metrics, spool=spool):
                pass

        anyio.run(run)
        refused = sorted(record.id for file in (folder / "spool").glob("*.refused") for record in spool.read(file))
        assert refused == sorted(store.never)
        assert kept(url) == ids([plain(n) for n in range(30) if n not in never])
        assert spool.files() == []
        assert metrics.value(names.RECORDS_LOST) == 0
