"""Step 1: the table of records and its indexes.

A step is history: it names its columns itself and never changes when ``tables`` does.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB


def upgrade(connection: Connection) -> None:
    """Take the step inside the caller's transaction."""
    document = JSON().with_variant(JSONB(), "postgresql")
    moment = DateTime(timezone=True)
    Table(
        "exchange",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("received", moment, nullable=False),
        Column("finished", moment, nullable=False),
        Column("dialect", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("caller_key", Text, nullable=False),
        Column("end_user", Text),
        Column("model", Text, nullable=False),
        Column("upstream", Text),
        Column("stream", Boolean, nullable=False),
        Column("policy", Text, nullable=False),
        Column("plan", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("request_action", Text, nullable=False),
        Column("response_action", Text, nullable=False),
        Column("request", document, nullable=False),
        Column("response", document, nullable=False),
        Column("reply", Text),
        Column("reply_name", Text),
        Column("label", Text, nullable=False),
        Column("input_tokens", BigInteger),
        Column("output_tokens", BigInteger),
        Column("tokens_estimated", Boolean),
        Column("stages", document, nullable=False),
        Column("overhead_ms", Float, nullable=False),
        Column("error", Text),
        Column("client_gone", Boolean, nullable=False),
        Column("text_mode", Text, nullable=False),
        Column("request_text", Text),
        Column("response_text", Text),
        Index("exchange_received", "received"),
        Index("exchange_tenant", "tenant", "received"),
        Index("exchange_end_user", "end_user", "received"),
    ).create(connection)
