"""Step 6: which classes of personal data stood in an exchange, counted, and the highest level of them.

GB/T 35273-2020 Annex A and B, GB/T 45574-2025, PIPL art. 28. What was recorded before says nothing of them.
"""

from __future__ import annotations

from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    document = "JSONB" if connection.dialect.name == "postgresql" else "JSON"
    for statement in (
        f"ALTER TABLE exchange ADD COLUMN classes {document} NOT NULL DEFAULT '{{}}'",
        "ALTER TABLE exchange ADD COLUMN level INTEGER NOT NULL DEFAULT 0",
    ):
        connection.exec_driver_sql(statement)
