"""Records in SQLite or PostgreSQL: each batch is written whole or not at all, and never twice.

A store is used by one thread at a time (``writer`` has one for it); several processes may share a
database. SQLite runs with a write-ahead log and ``synchronous=NORMAL``: a crash of Sluice loses
nothing that was written, a power failure may lose the last moments. Messages name databases and
error codes, never passwords and never what is in a record (law 6).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Insert, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from gateway.database import BUSY, STATEMENT_TIMEOUT, checked_url, engine_of, reason
from gateway.errors import RecordError, RecordRefused
from gateway.exchange import Attempt, Cost, Record, Usage
from gateway.ports import Clock
from gateway.stores.migrations.run import migrate
from gateway.stores.plain import storable, storable_json, unlabelled_of, verdict_of
from gateway.stores.tables import exchange_table, subject_table

_MOST: Final = 2**63 - 1
_WHAT: Final = "records"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to read; None asks for nothing. Times are seconds since the epoch."""

    since: float | None = None
    until: float | None = None
    tenant: str | None = None
    key: str | None = None
    user: str | None = None
    policy: str | None = None
    plan: str | None = None
    outcome: str | None = None


EVERY: Final = Wanted()


class SqlStore:
    """Keeps records in the database at ``url``.

    Args:
        url: ``sqlite:///path``, ``postgresql://…`` or ``postgresql+psycopg://…``.
        clock: For the dates of migration steps.
        busy: Seconds to wait for another process that writes to the same SQLite file.

    Raises:
        SettingsError: The address is not one of those.
    """

    def __init__(self, url: str, clock: Clock, busy: float = BUSY) -> None:
        self._url, self._clock, self._busy = checked_url(url, _WHAT, "var/records.db"), clock, busy
        self._engine: Engine | None = None
        self._insert: Insert = _insert(self._url, exchange_table())
        self._insert_subject: Insert = _insert(self._url, subject_table())

    @property
    def name(self) -> str:
        """The address without its password, for people."""
        return self._url.render_as_string(hide_password=True)

    def open(self) -> None:
        """Connect, and bring the database to the present tables.

        Raises:
            SettingsError: The driver is not installed, or the file cannot be made.
            RecordError: The database does not answer, is not ours, or is newer than this program.
        """
        engine = engine_of(self._url, _WHAT, busy=self._busy, serialise=storable_json)
        try:
            with engine.begin() as connection:
                migrate(connection, datetime.fromtimestamp(self._clock(), UTC))
        except DBAPIError as error:
            engine.dispose()
            raise RecordError(f"cannot open the record store {self.name}: {reason(error)}") from None
        except RecordError as error:
            engine.dispose()
            raise RecordError(f"cannot open the record store {self.name}: {error}") from None
        self._engine = engine

    def write(self, records: Sequence[Record]) -> None:
        """Write records in one transaction; those that are there already stay as they are.

        Raises:
            RecordRefused: At least one of them can never be written; none was.
            RecordError: The store takes none at present; none was written.
        """
        engine = self._opened()
        if not records:
            return
        try:
            rows = [_row(record) for record in records]
            with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(STATEMENT_TIMEOUT)
                many = len(rows) - len(rows) % _AT_ONCE if engine.dialect.name == "sqlite" else 0
                if many:
                    _insert_many(connection, rows[:many])
                if rows[many:]:
                    connection.execute(self._insert, rows[many:])
                if subjects := [row for record in records for row in _subject_rows(record)]:
                    connection.execute(self._insert_subject, subjects)
        except (DataError, IntegrityError) as error:
            raise RecordRefused(f"{self.name} refuses a record: {reason(error)}") from None
        except DBAPIError as error:
            raise RecordError(f"{self.name} takes no records: {reason(error)}") from None
        except (StatementError, ArithmeticError, ValueError, TypeError) as error:
            # The database was not asked: a value has no form that it knows.
            raise RecordRefused(f"a record has no form for {self.name}: {type(error).__name__}") from None

    def get(self, id: str) -> Record | None:
        """Return one record, or None; raises ``RecordError``."""
        table = exchange_table()
        found = self._select(select(table).where(table.c.id == id))
        return _record(found[0]) if found else None

    def latest(self, most: int, wanted: Wanted = EVERY) -> list[Record]:
        """Return up to ``most`` records, the latest first; raises ``RecordError``."""
        table = exchange_table()
        query = select(table).order_by(table.c.received.desc(), table.c.id.desc()).limit(most)
        return [_record(row) for row in self._select(_filtered(query, wanted))]

    def count(self, wanted: Wanted = EVERY) -> int:
        """Return how many records there are; raises ``RecordError``."""
        return int(self._select(_filtered(select(func.count()).select_from(exchange_table()), wanted))[0][0])

    @contextlib.contextmanager
    def transaction(self, *, reads: bool = False) -> Iterator[Connection]:
        """Give a connection in a transaction of its own; raises ``RecordError`` for what the database says."""
        try:
            with self._opened().connect().execution_options(sluice_reads=reads) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise RecordError(f"{self.name} does not do that: {reason(error)}") from None

    def close(self) -> None:
        """Let go of every connection; ``open`` opens it again."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _opened(self) -> Engine:
        if self._engine is None:
            raise RecordError(f"the record store {self.name} is not open")
        return self._engine

    def _select(self, query: Select[Any]) -> Sequence[Any]:
        try:
            with self._opened().connect().execution_options(sluice_reads=True) as connection:
                return connection.execute(query).all()
        except DBAPIError as error:
            raise RecordError(f"cannot read records from {self.name}: {reason(error)}") from None


_AT_ONCE: Final = 20
"""Rows in one statement; times the columns, fewer values than the least that SQLite takes (999)."""


def _insert(url: URL, table: Table) -> Insert:
    if url.get_backend_name() == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def _insert_many(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows with few statements, ``_AT_ONCE`` rows each.

    SQLite's driver gives way to other threads at every statement. With a row in each, a busy event
    loop and the writing thread would take turns at every row, which costs more than the row.
    """
    columns = exchange_table().columns
    ways = [(c.name, c.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)) for c in columns]
    place = f"({','.join('?' * len(ways))})"
    names = ",".join(f'"{name}"' for name, _ in ways)
    statement = f"INSERT INTO exchange ({names}) VALUES {','.join([place] * _AT_ONCE)} ON CONFLICT DO NOTHING"  # noqa: S608
    for start in range(0, len(rows), _AT_ONCE):
        values = [way(row[name]) if way else row[name] for row in rows[start : start + _AT_ONCE] for name, way in ways]
        connection.exec_driver_sql(statement, tuple(values))


def _row(record: Record) -> dict[str, object]:
    usage = record.usage
    return {
        "id": storable(record.id),
        "received": datetime.fromtimestamp(record.received, UTC),
        "finished": datetime.fromtimestamp(record.finished, UTC),
        "dialect": record.dialect,
        "tenant": storable(record.tenant),
        "caller_key": storable(record.key),
        "end_user": _maybe(record.user),
        "model": storable(record.model),
        "upstream": _maybe(record.upstream),
        "stream": record.stream,
        "policy": record.policy,
        "plan": record.plan,
        "outcome": record.outcome,
        "status": record.status,
        "request_action": record.request.action,
        "response_action": record.response.action,
        "request": record.request,
        "response": record.response,
        "reply": record.reply,
        "reply_name": record.reply_name,
        "label": record.label,
        "input_tokens": _count(usage.input) if usage else None,
        "output_tokens": _count(usage.output) if usage else None,
        "tokens_estimated": usage.estimated if usage else None,
        "stages": record.stages,
        "overhead_ms": record.overhead_ms,
        "error": _maybe(record.error),
        "client_gone": record.client_gone,
        "text_mode": record.text_mode,
        "request_text": _maybe(record.request_text),
        "response_text": _maybe(record.response_text),
        "unlabelled": record.unlabelled,
        "region": record.region,
        "grounding": {"sources": record.sources, "scores": record.grounding} if record.sources else None,
        "classes": record.classes,
        "level": record.level,
        "cost_micros": _count(record.cost.micros) if record.cost else None,
        "currency": record.cost.currency if record.cost else None,
        "limits": record.limits or None,
        "attempts": record.attempts or None,
        "ticket": _maybe(record.ticket),
    }


def _subject_rows(record: Record) -> Iterable[dict[str, object]]:
    for subject in record.subjects:
        yield {
            "digest": subject.digest,
            "exchange_id": storable(record.id),
            "risk": subject.risk,
            "departed": subject.left,
            "region": record.region,
            "received": datetime.fromtimestamp(record.received, UTC),
        }


def _maybe(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _count(tokens: int) -> int:
    """Return a number that a database can hold: an upstream may claim any."""
    return min(max(tokens, 0), _MOST)


def _record(row: Any) -> Record:
    counted = row.input_tokens is not None
    grounding = row.grounding or {}
    return Record(
        id=row.id,
        received=row.received.timestamp(),
        finished=row.finished.timestamp(),
        dialect=row.dialect,
        tenant=row.tenant,
        key=row.caller_key,
        user=row.end_user,
        model=row.model,
        upstream=row.upstream,
        stream=row.stream,
        policy=row.policy,
        plan=row.plan,
        outcome=row.outcome,
        status=row.status,
        request=verdict_of(row.request),
        response=verdict_of(row.response),
        reply=row.reply,
        reply_name=row.reply_name,
        label=row.label,
        usage=Usage(row.input_tokens, row.output_tokens, row.tokens_estimated) if counted else None,
        stages=row.stages,
        overhead_ms=row.overhead_ms,
        error=row.error,
        client_gone=row.client_gone,
        text_mode=row.text_mode,
        request_text=row.request_text,
        response_text=row.response_text,
        unlabelled=unlabelled_of(row.unlabelled),
        region=row.region,
        sources=tuple(grounding.get("sources", ())),
        grounding=grounding.get("scores", {}),
        classes=row.classes,
        level=row.level,
        cost=None if row.cost_micros is None else Cost(row.cost_micros, row.currency or ""),
        limits=tuple(row.limits or ()),
        attempts=tuple(Attempt(**one) for one in row.attempts or ()),
        ticket=row.ticket,
    )


def _filtered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    column = exchange_table().c
    same: Iterable[tuple[Any, str | None]] = (
        (column.tenant, wanted.tenant),
        (column.caller_key, wanted.key),
        (column.end_user, wanted.user),
        (column.policy, wanted.policy),
        (column.plan, wanted.plan),
        (column.outcome, wanted.outcome),
    )
    for place, value in same:
        if value is not None:
            query = query.where(place == value)
    if wanted.since is not None:
        query = query.where(column.received >= datetime.fromtimestamp(wanted.since, UTC))
    if wanted.until is not None:
        query = query.where(column.received < datetime.fromtimestamp(wanted.until, UTC))
    return query
