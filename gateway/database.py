"""SQLite and PostgreSQL opened with the same care wherever something is kept: for one owner, in whole steps.

Messages name databases and error codes, never passwords and never what is in a row (law 6).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Table,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import TypeDecorator

from gateway.errors import SettingsError

BUSY: Final = 5.0
"""Seconds to wait for another process that writes to the same SQLite file."""

STATEMENT_TIMEOUT: Final = "SET LOCAL statement_timeout = '15s'"
"""To be executed first in a PostgreSQL transaction that must not hang."""

Step = Callable[[Connection], None]
"""One step of a migration."""

_POSTGRES: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "sluice",
}


class Moment(TypeDecorator[datetime]):
    """A time with its zone: UTC, also where the database keeps none (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand over UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Document: Final = JSON().with_variant(JSONB(), "postgresql")
"""JSON that can be queried: JSONB in PostgreSQL, text with JSON functions in SQLite."""

Maybe: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""The same, where nothing is NULL."""


def checked_url(url: str, what: str, file: str) -> URL:
    """Return the address of a database.

    Args:
        url: ``sqlite:///path``, ``postgresql://…`` or ``postgresql+psycopg://…``.
        what: What is kept there, in the plural, for messages.
        file: A file that would do, for messages.

    Raises:
        SettingsError: It is none of those.
    """
    forms = f"sqlite:///{file} or postgresql://user:password@host/database"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated.
        raise SettingsError(f"the address of the store of {what} cannot be read", hint=f"write {forms}") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError(f"{what} cannot be kept in {parsed.drivername}", hint=f"write {forms}")
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise SettingsError(
            f"{what} in memory would be gone with the process", hint=f"name a file, such as sqlite:///{file}"
        )
    return parsed


def engine_of(url: URL, what: str, *, busy: float = BUSY, serialise: Callable[[Any], str] | None = None) -> Engine:
    """Return an engine; makes SQLite's file and folder, for their owner only, and connects to nothing yet.

    Args:
        url: From ``checked_url``.
        what: What is kept there, in the plural, for messages.
        busy: Seconds to wait for another process that writes to the same SQLite file.
        serialise: Writes JSON; orjson if not given.

    Raises:
        SettingsError: The driver is not installed, or the file cannot be made.
    """
    write = serialise or _json

    def made(options: dict[str, Any]) -> Engine:
        return create_engine(
            url, connect_args=options, hide_parameters=True, json_serializer=write, json_deserializer=orjson.loads
        )

    if url.get_backend_name() == "sqlite":
        _make_file(Path(str(url.database)), what)
        engine = made({"timeout": busy})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        return made(_POSTGRES)
    except ModuleNotFoundError:
        name = url.render_as_string(hide_password=True)
        said = f"{what} go to {name}, but the driver for PostgreSQL is not installed"
        raise SettingsError(said, hint="pip install 'sluice-gateway[postgres]'") from None


def reason(error: DBAPIError) -> str:
    """Say why, without the driver's own message: that may quote what a row holds."""
    cause = error.orig
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    kind = type(cause).__name__
    if code:
        return f"{kind} {code}"
    return f"{kind} (no connection)" if kind == "OperationalError" else kind


class TooNew(Exception):
    """The database has been used by a newer program."""


def take_steps(connection: Connection, table: Table, steps: Sequence[Step], now: datetime, lock: int) -> int:
    """Take the steps that a database has not taken; return how many these were.

    Args:
        connection: In a transaction that nobody else can write in meanwhile. SQLite's has to
            begin as ``IMMEDIATE``; in PostgreSQL the lock is taken here. All steps are taken, or none.
        table: Notes them: a column ``version`` and a column ``applied``.
        steps: Every step there is, in order; the first is step 1.
        now: Noted beside each step.
        lock: Any number, as long as all programs that take these steps use the same.

    Raises:
        TooNew: The database has taken more steps than there are.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(lock)))
    table.create(connection, checkfirst=True)
    version = connection.execute(select(func.max(table.c.version))).scalar() or 0
    if version > len(steps):
        raise TooNew(
            f"the database has schema version {version} and this Sluice knows up to {len(steps)}: "
            "a newer Sluice has used it; run that version or newer"
        )
    for number, step in enumerate(steps[version:], version + 1):
        step(connection)
        connection.execute(insert(table), {"version": number, "applied": now})
    return len(steps) - version


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _make_file(path: Path, what: str) -> None:
    """Make the database's folder and file, for its owner only: they say who asked what and when."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        said = f"cannot open the file of the store of {what}, {path}: {error.strerror}"
        raise SettingsError(said, hint="name a file that Sluice may make and write") from None


def _prepare(connection: Any, _: object) -> None:
    """Set up a new SQLite connection."""
    connection.isolation_level = None  # transactions begin where _begin says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that first reads and then writes can fail at once in SQLite, without waiting for
    # its turn; one that says so at its beginning waits.
    reads = connection.get_execution_options().get("sluice_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
