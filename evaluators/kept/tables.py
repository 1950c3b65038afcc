"""The tables that runs are kept in, as Sluice's present version sees them; ``migrations`` tells how they came to be.

Questions and answers are in none of them: they stay in the folder of the run.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Table, Text
from sqlmodel import Field, SQLModel

from gateway.database import Document, Maybe, Moment


def _text(*, nullable: bool = False) -> Column[str]:
    return Column(Text, nullable=nullable)


def _key() -> Column[str]:
    return Column(Text, primary_key=True)


class RunRow(SQLModel, table=True):
    """A run: see ``evaluators.kept.store.KeptRun`` for what each column means."""

    __tablename__ = "eval_run"
    __table_args__ = (Index("eval_run_started", "started"), Index("eval_run_suite", "suite", "started"))

    id: str = Field(sa_column=_key())
    suite: str = Field(sa_column=_text())
    started: datetime = Field(sa_column=Column(Moment, nullable=False))
    kept: datetime = Field(sa_column=Column(Moment, nullable=False))
    target: str = Field(sa_column=_text())
    model: str = Field(sa_column=_text())
    exit_code: int
    answered: int
    asked: int
    folder: str = Field(sa_column=_text())
    night: str | None = Field(sa_column=_text(nullable=True))
    basis: dict[str, str] = Field(sa_column=Column(Document, nullable=False))
    versions: dict[str, str] = Field(sa_column=Column(Document, nullable=False))
    metrics: list[dict[str, Any]] = Field(sa_column=Column(Document, nullable=False))
    summary: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))


class RowRow(SQLModel, table=True):
    """A row and repetition of a run: what it is about, and the gravest of its outcomes."""

    __tablename__ = "eval_row"

    run_id: str = Field(sa_column=_key())
    row_id: str = Field(sa_column=_key())
    repetition: int = Field(primary_key=True)
    place: int
    cluster: str = Field(sa_column=_text())
    lang: str = Field(sa_column=_text())
    risk: str = Field(sa_column=_text())
    kind: str = Field(sa_column=_text())
    attack: str = Field(sa_column=_text())
    outcome: str = Field(sa_column=_text())


class CellRow(SQLModel, table=True):
    """A cell: see ``evaluators.marks.Mark``."""

    __tablename__ = "eval_cell"

    run_id: str = Field(sa_column=_key())
    row_id: str = Field(sa_column=_key())
    repetition: int = Field(primary_key=True)
    metric: str = Field(sa_column=_key())
    outcome: str = Field(sa_column=_text())
    score: float | None = None
    reason: str = Field(sa_column=_text())


class NightRow(SQLModel, table=True):
    """A night: see ``evaluators.kept.nights.Night``."""

    __tablename__ = "eval_night"
    __table_args__ = (Index("eval_night_plan", "plan", "started"),)

    id: str = Field(sa_column=_key())
    plan: str = Field(sa_column=_text())
    started: datetime = Field(sa_column=Column(Moment, nullable=False))
    ended: datetime | None = Field(sa_column=Column(Moment))
    state: str = Field(sa_column=_text())
    exit_code: int | None = None
    runs: dict[str, Any] | None = Field(sa_column=Column(Maybe))


class SchemaRow(SQLModel, table=True):
    """Which migration steps this database has been through."""

    __tablename__ = "eval_schema"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    applied: datetime = Field(sa_column=Column(Moment, nullable=False))


def table_of(name: str) -> Table:
    """Return a table by its name."""
    found: Table = SQLModel.metadata.tables[name]
    return found
