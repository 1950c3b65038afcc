"""What was recorded before a step is there after it, and says nothing of what nobody knew then."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from kit.databases import connected, opened
from kit.records import plain
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from gateway.exchange import Agreement, Cost, Unlabelled
from gateway.stores.migrations.run import STEPS, migrate
from gateway.stores.sql import SqlStore
from gateway.stores.tables import exchange_table

NOW = datetime(2027, 1, 1, tzinfo=UTC)


AGREED = Unlabelled(Agreement("A-1", "2026-10-01"), ("ab" * 32,))


def test_the_record_of_an_unlabelled_copy_cannot_be_deleted_for_six_months(store: SqlStore, url: str) -> None:
    day = 86400.0
    now = time.time()
    young, old = (
        plain(1, received=now - 180 * day, unlabelled=AGREED),
        plain(2, received=now - 190 * day, unlabelled=AGREED),
    )
    store.write([young, old, plain(3, received=now)])
    with pytest.raises(DBAPIError, match="kept for six months"):
        connected(url, lambda c: c.execute(text("DELETE FROM exchange")))
    assert store.count() == 3
    connected(url, lambda c: c.execute(text("DELETE FROM exchange WHERE unlabelled IS NULL")))
    assert {record.id for record in store.latest(9)} == {young.id, old.id}
    connected(url, lambda c: c.execute(exchange_table().delete().where(exchange_table().c.id == old.id)))
    assert [(record.id, record.unlabelled) for record in store.latest(9)] == [(young.id, AGREED)]


ADDED = [
    ({"exchange", "schema_version"}, {"exchange_received", "exchange_tenant", "exchange_end_user"}),
    (set(), set()),
    ({"subject", "tombstone"}, {"subject_exchange", "subject_region", "ix_tombstone_digest"}),
    ({"vault"}, {"ix_vault_until"}),
    (set(), set()),
    (set(), set()),
    ({"client_key", "suspension"}, {"suspension_released"}),
    ({"handoff"}, {"handoff_due", "handoff_exchange"}),
]
"""What each step adds: tables and indexes."""


def names(connection: Connection) -> tuple[set[str], set[str | None]]:
    found = inspect(connection)
    tables = set(found.get_table_names())
    return tables, {index["name"] for table in tables for index in found.get_indexes(table)}


def test_each_step_adds_its_tables_and_indexes_and_no_others(url: str) -> None:
    before: tuple[set[str], set[str | None]] = (set(), set())
    for number, (tables, indexes) in enumerate(ADDED, 1):
        assert connected(url, lambda c, n=number: migrate(c, NOW, STEPS[:n])) == 1
        after = connected(url, names)
        assert (after[0] - before[0], after[1] - before[1]) == (tables, indexes), f"step {number}"
        assert before[0] <= after[0]
        assert before[1] <= after[1]
        before = after
    assert len(ADDED) == len(STEPS)


VERDICT = '{"action":"pass","hits":[],"errors":[],"unjudged":[],"scores":{},"rule":null}'


OLD = {
    "received": NOW,
    "finished": NOW,
    "caller_key": "",
    "end_user": None,
    "request_action": "pass",
    "response_action": "pass",
    "request": VERDICT,
    "response": VERDICT,
    "input_tokens": None,
    "output_tokens": None,
    "tokens_estimated": None,
    "stages": "{}",
}
"""Columns of the first step that are not called as the record calls them."""

LATER = dict.fromkeys(("unlabelled", "grounding", "cost_micros", "currency", "limits", "attempts", "ticket"))
LATER |= {"region": "", "classes": "{}", "level": 0}
"""Columns of later steps, where they say nothing."""


@pytest.mark.parametrize("step", range(1, len(STEPS)))
def test_a_record_of_before_a_step_is_there_after_all_steps_and_says_nothing_of_what_came_later(
    url: str, step: int
) -> None:
    connected(url, lambda c: migrate(c, NOW, STEPS[:step]))
    columns = connected(url, lambda c: [column["name"] for column in inspect(c).get_columns("exchange")])
    old = {name: {**OLD, **LATER}.get(name, getattr(plain(1), name, "")) for name in columns}
    statement = f"INSERT INTO exchange ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})"
    connected(url, lambda c: c.execute(text(statement), old))
    store = opened(url)
    now = plain(2, unlabelled=AGREED, region="cn", classes={"pipl28": 3}, level=4, cost=Cost(5, "CNY"), limits=("q",))
    store.write([now])
    assert store.get(now.id) == now
    kept = store.get(plain(1).id)
    store.close()
    assert kept == plain(1, received=NOW.timestamp(), finished=NOW.timestamp())
