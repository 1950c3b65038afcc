"""Steps are taken once, in order, all or none, by one worker, and never by a program that is too old."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kit.databases import TESTS, connected, opened, python
from sqlalchemy import Connection, inspect, text

from gateway.database import checked_url, engine_of
from gateway.errors import RecordError
from gateway.stores.migrations.run import STEPS, migrate
from gateway.stores.sql import SqlStore
from gateway.stores.tables import version_table

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def test_each_step_is_taken_once_and_in_order(url: str) -> None:
    taken: list[int] = []
    steps = tuple((lambda _, n=n: taken.append(n)) for n in (1, 2, 3))
    assert connected(url, lambda c: migrate(c, NOW, steps[:2])) == 2
    assert connected(url, lambda c: migrate(c, NOW, steps[:2])) == 0
    assert connected(url, lambda c: migrate(c, NOW, steps)) == 1
    assert taken == [1, 2, 3]
    dates = connected(url, lambda c: c.execute(version_table().select()).all())
    assert dates == [(1, NOW), (2, NOW), (3, NOW)]


def test_a_step_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    store = SqlStore(url, time.time)
    store.open()
    store.close()

    def fails(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raise RecordError("this step fails")

    engine = engine_of(checked_url(url, "records", "x"), "records")
    with pytest.raises(RecordError, match="this step fails"), engine.begin() as connection:
        migrate(connection, NOW, (*STEPS, fails))
    engine.dispose()
    assert connected(url, lambda c: inspect(c).has_table("half_done")) is False
    assert connected(url, lambda c: len(c.execute(version_table().select()).all())) == len(STEPS)


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    opened(url).close()
    connected(url, lambda c: c.execute(version_table().insert(), {"version": len(STEPS) + 1, "applied": NOW}))
    with pytest.raises(RecordError, match="a newer Sluice has used it; run that version or newer"):
        SqlStore(url, time.time).open()


OPEN_AND_WRITE = """
    import sys, time
    from gateway.exchange import Record
    from gateway.stores.sql import SqlStore
    sys.path.insert(0, {tests!r})
    from kit.records import plains

    store = SqlStore({url!r}, time.time, 30.0)
    sys.stdin.readline()
    store.open()
    for at in range(0, 200, 20):
        store.write(plains(20, start={start} + at))
    store.close()
"""


def test_workers_that_start_at_once_share_a_database(url: str) -> None:
    workers = [python(OPEN_AND_WRITE.format(tests=str(TESTS), url=url, start=1000 * n)) for n in range(4)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
    store = opened(url)
    assert store.count() == 4 * 200
    store.close()
    assert connected(url, lambda c: len(c.execute(version_table().select()).all())) == len(STEPS)


def test_a_worker_that_finds_another_one_migrating_waits_for_its_turn(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/records.db", time.time)
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as thread:
            opening = thread.submit(store.open)
            time.sleep(0.1)  # it reads now, if it reads before its turn; then what it read is out of date
            other.execute("CREATE TABLE something (id INTEGER)")
            other.execute("COMMIT")
            opening.result(timeout=10)
    assert store.count() == 0
    store.close()
