"""Step 8: tickets of questions that were handed over to people, until they are delivered and answered."""

from __future__ import annotations

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    postgres = connection.dialect.name == "postgresql"
    moment = "TIMESTAMP WITH TIME ZONE" if postgres else "DATETIME"
    for statement in (
        f"CREATE TABLE handoff (id TEXT NOT NULL PRIMARY KEY, exchange_id TEXT NOT NULL, created {moment} NOT NULL,"
        " tenant TEXT NOT NULL, caller_key TEXT NOT NULL, policy TEXT NOT NULL, plan TEXT NOT NULL,"
        " rule TEXT NOT NULL, entry TEXT NOT NULL, desk TEXT NOT NULL, language TEXT NOT NULL, form TEXT NOT NULL,"
        f" question TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL, due {moment}, fault TEXT NOT NULL,"
        f" delivered {moment}, answered {moment}, answerer TEXT, answer TEXT)",
        "CREATE INDEX handoff_due ON handoff (state, due)",
        "CREATE INDEX handoff_exchange ON handoff (exchange_id)",
        "ALTER TABLE exchange ADD COLUMN ticket TEXT",
    ):
        connection.exec_driver_sql(statement)
