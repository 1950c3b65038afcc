"""Step 4: a place for what stands for what, sealed, until its time is up."""

from __future__ import annotations

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    postgres = connection.dialect.name == "postgresql"
    raw, moment = ("BYTEA", "TIMESTAMP WITH TIME ZONE") if postgres else ("BLOB", "DATETIME")
    connection.exec_driver_sql(
        f"CREATE TABLE vault (name TEXT NOT NULL PRIMARY KEY, sealed {raw} NOT NULL, until {moment} NOT NULL)"
    )
    connection.exec_driver_sql("CREATE INDEX ix_vault_until ON vault (until)")
