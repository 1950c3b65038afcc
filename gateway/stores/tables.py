"""The tables that records live in, as Sluice's present version sees them.

How a database comes to look like this is told in ``migrations``, step by step. Columns called
``key`` and ``user`` would be traps (in PostgreSQL ``SELECT user`` is the database's user), so they
are ``caller_key`` and ``end_user``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

from gateway.database import Document, Maybe, Moment


def _text(*, nullable: bool = False) -> Column[str]:
    return Column(Text, nullable=nullable)


class ExchangeRow(SQLModel, table=True):
    """One record: see ``gateway.exchange.Record`` for what each column means."""

    __tablename__ = "exchange"
    __table_args__ = (
        Index("exchange_received", "received"),
        Index("exchange_tenant", "tenant", "received"),
        Index("exchange_end_user", "end_user", "received"),
    )

    id: str = Field(sa_column=Column(Text, primary_key=True))
    received: datetime = Field(sa_column=Column(Moment, nullable=False))
    finished: datetime = Field(sa_column=Column(Moment, nullable=False))
    dialect: str = Field(sa_column=_text())
    tenant: str = Field(sa_column=_text())
    caller_key: str = Field(sa_column=_text())
    end_user: str | None = Field(sa_column=_text(nullable=True))
    model: str = Field(sa_column=_text())
    upstream: str | None = Field(sa_column=_text(nullable=True))
    stream: bool
    policy: str = Field(sa_column=_text())
    plan: str = Field(sa_column=_text())
    outcome: str = Field(sa_column=_text())
    status: int
    request_action: str = Field(sa_column=_text())
    response_action: str = Field(sa_column=_text())
    request: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    response: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    reply: str | None = Field(sa_column=_text(nullable=True))
    reply_name: str | None = Field(sa_column=_text(nullable=True))
    label: str = Field(sa_column=_text())
    input_tokens: int | None = Field(sa_column=Column(BigInteger))
    output_tokens: int | None = Field(sa_column=Column(BigInteger))
    tokens_estimated: bool | None = None
    stages: dict[str, float] = Field(sa_column=Column(Document, nullable=False))
    overhead_ms: float
    error: str | None = Field(sa_column=_text(nullable=True))
    client_gone: bool
    text_mode: str = Field(sa_column=_text())
    request_text: str | None = Field(sa_column=_text(nullable=True))
    response_text: str | None = Field(sa_column=_text(nullable=True))
    unlabelled: dict[str, Any] | None = Field(sa_column=Column(Maybe))
    region: str = Field(sa_column=_text())
    grounding: dict[str, Any] | None = Field(sa_column=Column(Maybe))
    classes: dict[str, int] = Field(sa_column=Column(Document, nullable=False))
    level: int
    cost_micros: int | None = Field(sa_column=Column(BigInteger))
    currency: str | None = Field(sa_column=_text(nullable=True))
    limits: list[str] | None = Field(sa_column=Column(Maybe))
    attempts: list[dict[str, Any]] | None = Field(sa_column=Column(Maybe))
    ticket: str | None = Field(sa_column=_text(nullable=True))


class SubjectRow(SQLModel, table=True):
    """An identifier of a person that stood in an exchange: see ``gateway.exchange.Subject``.

    ``region`` and ``received`` are the exchange's, so that people can be counted without reading records.
    """

    __tablename__ = "subject"
    __table_args__ = (
        Index("subject_exchange", "exchange_id"),
        Index("subject_region", "region", "received"),
    )

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    exchange_id: str = Field(sa_column=Column(Text, primary_key=True))
    risk: str = Field(sa_column=Column(Text, primary_key=True))
    departed: bool
    region: str = Field(sa_column=_text())
    received: datetime = Field(sa_column=Column(Moment, nullable=False))


class TombstoneRow(SQLModel, table=True):
    """Proof that what was kept about a subject was erased: when, why, by whom, of how many exchanges."""

    __tablename__ = "tombstone"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(sa_column=Column(Text, nullable=False, index=True))
    erased: datetime = Field(sa_column=Column(Moment, nullable=False))
    reason: str = Field(sa_column=_text())
    operator: str = Field(sa_column=_text())
    exchanges: int


class SchemaVersion(SQLModel, table=True):
    """Which migration steps this database has been through."""

    __tablename__ = "schema_version"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    applied: datetime = Field(sa_column=Column(Moment, nullable=False))


def exchange_table() -> Table:
    """Return the table of records, for statements that are built once."""
    table: Table = SQLModel.metadata.tables["exchange"]
    return table


class VaultRow(SQLModel, table=True):
    """Sealed bytes and until when they are kept: see ``gateway.privacy.vault``."""

    __tablename__ = "vault"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    until: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))


def vault_table() -> Table:
    """Return the table of the vault."""
    table: Table = SQLModel.metadata.tables["vault"]
    return table


class ClientKeyRow(SQLModel, table=True):
    """A client's key: see ``gateway.ports.ClientKey``; ``granted`` is its grant."""

    __tablename__ = "client_key"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=_text())
    tenant: str = Field(sa_column=_text())
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    granted: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    created: datetime = Field(sa_column=Column(Moment, nullable=False))
    until: datetime | None = Field(sa_column=Column(Moment))
    revoked: datetime | None = Field(sa_column=Column(Moment))
    previous: bytes | None = Field(sa_column=Column(LargeBinary))
    previous_until: datetime | None = Field(sa_column=Column(Moment))


def client_key_table() -> Table:
    """Return the table of clients' keys."""
    table: Table = SQLModel.metadata.tables["client_key"]
    return table


class SuspensionRow(SQLModel, table=True):
    """A user that was suspended, as a digest; ``released`` says when an operator let them in again."""

    __tablename__ = "suspension"
    __table_args__ = (Index("suspension_released", "released"),)

    tenant: str = Field(sa_column=Column(Text, primary_key=True))
    digest: str = Field(sa_column=Column(Text, primary_key=True))
    since: datetime = Field(sa_column=Column(Moment, primary_key=True))
    until: datetime | None = Field(sa_column=Column(Moment))
    policy: str = Field(sa_column=_text())
    consecutive: int
    daily: int
    released: datetime | None = Field(sa_column=Column(Moment))
    operator: str | None = Field(sa_column=_text(nullable=True))


def suspension_table() -> Table:
    """Return the table of suspensions."""
    table: Table = SQLModel.metadata.tables["suspension"]
    return table


class HandoffRow(SQLModel, table=True):
    """A question that was handed over to people: see ``gateway.ports.Ticket`` and ``gateway.ports.Handed``."""

    __tablename__ = "handoff"
    __table_args__ = (Index("handoff_due", "state", "due"), Index("handoff_exchange", "exchange_id"))

    id: str = Field(sa_column=Column(Text, primary_key=True))
    exchange_id: str = Field(sa_column=_text())
    created: datetime = Field(sa_column=Column(Moment, nullable=False))
    tenant: str = Field(sa_column=_text())
    caller_key: str = Field(sa_column=_text())
    policy: str = Field(sa_column=_text())
    plan: str = Field(sa_column=_text())
    rule: str = Field(sa_column=_text())
    entry: str = Field(sa_column=_text())
    desk: str = Field(sa_column=_text())
    language: str = Field(sa_column=_text())
    form: str = Field(sa_column=_text())
    question: str | None = Field(sa_column=_text(nullable=True))
    state: str = Field(sa_column=_text())
    attempts: int
    due: datetime | None = Field(sa_column=Column(Moment))
    fault: str = Field(sa_column=_text())
    delivered: datetime | None = Field(sa_column=Column(Moment))
    answered: datetime | None = Field(sa_column=Column(Moment))
    answerer: str | None = Field(sa_column=_text(nullable=True))
    answer: str | None = Field(sa_column=_text(nullable=True))


def handoff_table() -> Table:
    """Return the table of questions that were handed over."""
    table: Table = SQLModel.metadata.tables["handoff"]
    return table


def subject_table() -> Table:
    """Return the table of people's identifiers, as digests."""
    table: Table = SQLModel.metadata.tables["subject"]
    return table


def tombstone_table() -> Table:
    """Return the table of erasures."""
    table: Table = SQLModel.metadata.tables["tombstone"]
    return table


def version_table() -> Table:
    """Return the table of migration steps taken."""
    table: Table = SQLModel.metadata.tables["schema_version"]
    return table
