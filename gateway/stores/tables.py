"""The tables that records live in, as Sluice's present version sees them.

How a database comes to look like this is told in ``migrations``, step by step. Columns called
``key`` and ``user`` would be traps (in PostgreSQL ``SELECT user`` is the database's user), so they
are ``caller_key`` and ``end_user``. They are plain tables: classes of rows would be imported and built
at every start, and nobody makes a row of one.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

from gateway.database import Document, Maybe, Moment

_METADATA: Final = MetaData()


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


_EXCHANGE: Final = Table(
    "exchange",
    _METADATA,
    Column("id", Text, primary_key=True),
    Column("received", Moment, nullable=False),
    Column("finished", Moment, nullable=False),
    _text("dialect"),
    _text("tenant"),
    _text("caller_key"),
    _text("end_user", nullable=True),
    _text("model"),
    _text("upstream", nullable=True),
    Column("stream", Boolean, nullable=False),
    _text("policy"),
    _text("plan"),
    _text("outcome"),
    Column("status", Integer, nullable=False),
    _text("request_action"),
    _text("response_action"),
    Column("request", Document, nullable=False),
    Column("response", Document, nullable=False),
    _text("reply", nullable=True),
    _text("reply_name", nullable=True),
    _text("label"),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("tokens_estimated", Boolean),
    Column("stages", Document, nullable=False),
    Column("overhead_ms", Float, nullable=False),
    _text("error", nullable=True),
    Column("client_gone", Boolean, nullable=False),
    _text("text_mode"),
    _text("request_text", nullable=True),
    _text("response_text", nullable=True),
    Column("unlabelled", Maybe),
    _text("region"),
    Column("grounding", Maybe),
    Column("classes", Document, nullable=False),
    Column("level", Integer, nullable=False),
    Column("cost_micros", BigInteger),
    _text("currency", nullable=True),
    Column("limits", Maybe),
    Column("attempts", Maybe),
    _text("ticket", nullable=True),
    Index("exchange_received", "received"),
    Index("exchange_tenant", "tenant", "received"),
    Index("exchange_end_user", "end_user", "received"),
)
"""One record: see ``gateway.exchange.Record`` for what each column means."""

_SUBJECT: Final = Table(
    "subject",
    _METADATA,
    Column("digest", Text, primary_key=True),
    Column("exchange_id", Text, primary_key=True),
    Column("risk", Text, primary_key=True),
    Column("departed", Boolean, nullable=False),
    _text("region"),
    Column("received", Moment, nullable=False),
    Index("subject_exchange", "exchange_id"),
    Index("subject_region", "region", "received"),
)
"""An identifier of a person that stood in an exchange: see ``gateway.exchange.Subject``.

``region`` and ``received`` are the exchange's, so that people can be counted without reading records.
"""

_TOMBSTONE: Final = Table(
    "tombstone",
    _METADATA,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("digest", Text, nullable=False, index=True),
    Column("erased", Moment, nullable=False),
    _text("reason"),
    _text("operator"),
    Column("exchanges", Integer, nullable=False),
)
"""Proof that what was kept about a subject was erased: when, why, by whom, of how many exchanges."""

_SCHEMA_VERSION: Final = Table(
    "schema_version",
    _METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied", Moment, nullable=False),
)
"""Which migration steps this database has been through."""

_VAULT: Final = Table(
    "vault",
    _METADATA,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)
"""Sealed bytes and until when they are kept: see ``gateway.privacy.vault``."""

_CLIENT_KEY: Final = Table(
    "client_key",
    _METADATA,
    Column("id", Text, primary_key=True),
    _text("name"),
    _text("tenant"),
    Column("digest", LargeBinary, nullable=False),
    Column("granted", Document, nullable=False),
    Column("created", Moment, nullable=False),
    Column("until", Moment),
    Column("revoked", Moment),
    Column("previous", LargeBinary),
    Column("previous_until", Moment),
)
"""A client's key: see ``gateway.ports.ClientKey``; ``granted`` is its grant."""

_SUSPENSION: Final = Table(
    "suspension",
    _METADATA,
    Column("tenant", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("until", Moment),
    _text("policy"),
    Column("consecutive", Integer, nullable=False),
    Column("daily", Integer, nullable=False),
    Column("released", Moment),
    _text("operator", nullable=True),
    Index("suspension_released", "released"),
)
"""A user that was suspended, as a digest; ``released`` says when an operator let them in again."""

_HANDOFF: Final = Table(
    "handoff",
    _METADATA,
    Column("id", Text, primary_key=True),
    _text("exchange_id"),
    Column("created", Moment, nullable=False),
    _text("tenant"),
    _text("caller_key"),
    _text("policy"),
    _text("plan"),
    _text("rule"),
    _text("entry"),
    _text("desk"),
    _text("language"),
    _text("form"),
    _text("question", nullable=True),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    Column("due", Moment),
    _text("fault"),
    Column("delivered", Moment),
    Column("answered", Moment),
    _text("answerer", nullable=True),
    _text("answer", nullable=True),
    Index("handoff_due", "state", "due"),
    Index("handoff_exchange", "exchange_id"),
)
"""A question that was handed over to people: see ``gateway.ports.Ticket`` and ``gateway.ports.Handed``."""


def exchange_table() -> Table:
    """Return the table of records, for statements that are built once."""
    return _EXCHANGE


def subject_table() -> Table:
    """Return the table of people's identifiers, as digests."""
    return _SUBJECT


def tombstone_table() -> Table:
    """Return the table of erasures."""
    return _TOMBSTONE


def version_table() -> Table:
    """Return the table of migration steps taken."""
    return _SCHEMA_VERSION


def vault_table() -> Table:
    """Return the table of the vault."""
    return _VAULT


def client_key_table() -> Table:
    """Return the table of clients' keys."""
    return _CLIENT_KEY


def suspension_table() -> Table:
    """Return the table of suspensions."""
    return _SUSPENSION


def handoff_table() -> Table:
    """Return the table of questions that were handed over."""
    return _HANDOFF
