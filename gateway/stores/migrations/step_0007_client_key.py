"""Step 7: keys of clients, users that are suspended, and what exchanges cost."""

from __future__ import annotations

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    postgres = connection.dialect.name == "postgresql"
    raw, moment = ("BYTEA", "TIMESTAMP WITH TIME ZONE") if postgres else ("BLOB", "DATETIME")
    document = "JSONB" if postgres else "JSON"
    for statement in (
        f"CREATE TABLE client_key (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, tenant TEXT NOT NULL,"
        f" digest {raw} NOT NULL, granted {document} NOT NULL, created {moment} NOT NULL, until {moment},"
        f" revoked {moment}, previous {raw}, previous_until {moment})",
        f"CREATE TABLE suspension (tenant TEXT NOT NULL, digest TEXT NOT NULL, since {moment} NOT NULL,"
        f" until {moment}, policy TEXT NOT NULL, consecutive INTEGER NOT NULL, daily INTEGER NOT NULL,"
        f" released {moment}, operator TEXT, PRIMARY KEY (tenant, digest, since))",
        "CREATE INDEX suspension_released ON suspension (released)",
        "ALTER TABLE exchange ADD COLUMN cost_micros BIGINT",
        "ALTER TABLE exchange ADD COLUMN currency TEXT",
        f"ALTER TABLE exchange ADD COLUMN limits {document}",
        f"ALTER TABLE exchange ADD COLUMN attempts {document}",
    ):
        connection.exec_driver_sql(statement)
