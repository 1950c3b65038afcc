"""The tables that the code sees are those that the steps make."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.databases import connected, opened
from kit.postgres import Postgres
from sqlalchemy import Connection, Table, inspect

from gateway.stores.tables import (
    client_key_table,
    exchange_table,
    handoff_table,
    subject_table,
    suspension_table,
    tombstone_table,
    vault_table,
    version_table,
)

Shape = tuple[dict[str, tuple[str, bool]], set[tuple[str | None, tuple[str | None, ...]]], list[str]]


def shape(url: str, table: str) -> Shape:
    """Columns with type and whether they may be empty, indexes, and the primary key."""

    def look(connection: Connection) -> Shape:
        found = inspect(connection)
        key = found.get_pk_constraint(table)["constrained_columns"]  # never empty, whatever SQLite says of it
        columns = {
            c["name"]: (str(c["type"]), bool(c["nullable"]) and c["name"] not in key) for c in found.get_columns(table)
        }
        indexes = {(i["name"], tuple(i["column_names"])) for i in found.get_indexes(table)}
        return columns, indexes, key

    return connected(url, look)


TABLES = [
    exchange_table(),
    subject_table(),
    tombstone_table(),
    version_table(),
    vault_table(),
    client_key_table(),
    suspension_table(),
    handoff_table(),
]


def test_the_migrated_tables_are_those_that_the_code_sees(url: str, server: Postgres, tmp_path: Path) -> None:
    opened(url).close()
    fresh = server.database() if url.startswith("postgres") else f"sqlite:///{tmp_path}/fresh.db"
    connected(fresh, lambda c: [table.create(c) for table in TABLES])
    migrated = connected(url, lambda c: set(inspect(c).get_table_names()))
    assert migrated == {table.name for table in TABLES}
    for table in TABLES:
        assert shape(url, table.name) == shape(fresh, table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_no_column_has_a_name_that_a_database_reads_as_something_else(table: Table) -> None:
    traps = {"key", "user", "order", "group", "table", "current_user", "session_user"}
    assert traps.isdisjoint(column.name for column in table.columns)
