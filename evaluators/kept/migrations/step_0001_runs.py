"""Step 1: runs, their rows and cells, and nights.

A step is history: it names its columns itself and never changes when ``tables`` does.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Connection, DateTime, Float, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    document = JSON().with_variant(JSONB(), "postgresql")
    moment = DateTime(timezone=True)
    tables = MetaData()
    Table(
        "eval_run",
        tables,
        Column("id", Text, primary_key=True),
        Column("suite", Text, nullable=False),
        Column("started", moment, nullable=False),
        Column("kept", moment, nullable=False),
        Column("target", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("exit_code", Integer, nullable=False),
        Column("answered", Integer, nullable=False),
        Column("asked", Integer, nullable=False),
        Column("folder", Text, nullable=False),
        Column("night", Text),
        Column("basis", document, nullable=False),
        Column("versions", document, nullable=False),
        Column("metrics", document, nullable=False),
        Column("summary", document, nullable=False),
        Index("eval_run_started", "started"),
        Index("eval_run_suite", "suite", "started"),
    )
    Table(
        "eval_row",
        tables,
        Column("run_id", Text, primary_key=True),
        Column("row_id", Text, primary_key=True),
        Column("repetition", Integer, primary_key=True),
        Column("place", Integer, nullable=False),
        Column("cluster", Text, nullable=False),
        Column("lang", Text, nullable=False),
        Column("risk", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("attack", Text, nullable=False),
        Column("outcome", Text, nullable=False),
    )
    Table(
        "eval_cell",
        tables,
        Column("run_id", Text, primary_key=True),
        Column("row_id", Text, primary_key=True),
        Column("repetition", Integer, primary_key=True),
        Column("metric", Text, primary_key=True),
        Column("outcome", Text, nullable=False),
        Column("score", Float),
        Column("reason", Text, nullable=False),
    )
    Table(
        "eval_night",
        tables,
        Column("id", Text, primary_key=True),
        Column("plan", Text, nullable=False),
        Column("started", moment, nullable=False),
        Column("ended", moment),
        Column("state", Text, nullable=False),
        Column("exit_code", Integer),
        Column("runs", document),
        Index("eval_night_plan", "plan", "started"),
    )
    tables.create_all(connection)
