"""Step 5: which passages an answer was given, and how it stood against them."""

from __future__ import annotations

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    kind = "JSONB" if connection.dialect.name == "postgresql" else "JSON"
    connection.exec_driver_sql(f"ALTER TABLE exchange ADD COLUMN grounding {kind}")
