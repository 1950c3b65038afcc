"""Keeps runs in SQLite or PostgreSQL: each is written whole or not at all, and kept again replaces itself."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from evaluators.kept.migrations.run import migrate
from evaluators.kept.tables import table_of
from evaluators.marks import Mark, MarkedRow, Marks
from evaluators.run import Key
from evaluators.score import OUTCOMES, Metric
from gateway.database import BUSY, STATEMENT_TIMEOUT, TooNew, checked_url, engine_of, reason
from gateway.errors import ConfigError, SluiceError, Where

DEFAULT: Final = "sqlite:///var/eval/runs.db"
"""Where runs are kept unless somebody says otherwise."""

_WHAT: Final = "runs"
_WAY: Final = "\x1f"
_AT_ONCE: Final = 500
_RUN, _ROW, _CELL = "eval_run", "eval_row", "eval_cell"

Clock = Callable[[], datetime]
"""Tells the time, with its zone."""


class KeptError(SluiceError):
    """The store of runs cannot be reached, or does not do what it is asked; the run itself is on disk."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run, as the store lists it.

    Attributes:
        id: The run's id.
        suite: The suite's name.
        started: When it was begun.
        kept: When it was last written here.
        target: Whom it asked, for people.
        model: The model's name; empty for recorded answers.
        exit_code: What its gates asked for.
        answered: Answers that there are.
        asked: Answers that there should be.
        folder: Where it lay on disk.
        night: The night that it belongs to, or None.
        summary: Its report without rows and texts.
    """

    id: str
    suite: str
    started: datetime
    kept: datetime
    target: str
    model: str
    exit_code: int
    answered: int
    asked: int
    folder: str
    night: str | None
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs to list; None asks for nothing."""

    suite: str | None = None
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    exit_code: int | None = None
    night: str | None = None


class RunStore:
    """Keeps runs in the database at ``url``; use it as a context manager.

    Args:
        url: ``sqlite:///path``, ``postgresql://…`` or ``postgresql+psycopg://…``.
        clock: For the dates of migration steps, and of keeping.
        busy: Seconds to wait for another process that writes to the same SQLite file.

    Raises:
        SettingsError: The address is not one of those.
    """

    def __init__(self, url: str, clock: Clock, busy: float = BUSY) -> None:
        self._url, self.clock, self._busy = checked_url(url, _WHAT, "var/eval/runs.db"), clock, busy
        self._engine: Engine | None = None

    @property
    def name(self) -> str:
        """The address without its password, for people."""
        return self._url.render_as_string(hide_password=True)

    def __enter__(self) -> RunStore:
        """Connect, and bring the database to the present tables.

        Raises:
            SettingsError: The driver is not installed, or the file cannot be made.
            KeptError: The database does not answer, is not ours, or is newer than this program.
        """
        engine = engine_of(self._url, _WHAT, busy=self._busy)
        try:
            with engine.begin() as connection:
                migrate(connection, self.clock())
        except (DBAPIError, TooNew) as error:
            engine.dispose()
            why = reason(error) if isinstance(error, DBAPIError) else str(error)
            raise KeptError(f"cannot open the store of runs {self.name}: {why}") from None
        self._engine = engine
        return self

    def __exit__(self, *error: object) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def keep(
        self,
        marks: Marks,
        summary: Mapping[str, Any],
        *,
        model: str,
        exit_code: int,
        folder: str,
        night: str | None = None,
    ) -> None:
        """Keep a run; one that is kept already is replaced.

        Args:
            marks: What its judgements came to.
            summary: Its report without rows and texts, as JSON values.
            model: The model's name; empty for recorded answers.
            exit_code: What its gates ask for.
            folder: Where it lies on disk.
            night: The night that it belongs to, or None.

        Raises:
            KeptError: The store takes it not; nothing of it was written.
        """
        head = {
            "id": marks.id,
            "suite": marks.basis["suite"],
            "started": datetime.fromisoformat(marks.started),
            "kept": self.clock(),
            "target": marks.target,
            "model": model,
            "exit_code": exit_code,
            "answered": int(summary["answered"]),
            "asked": int(summary["asked"]),
            "folder": folder,
            "night": night,
            "basis": dict(marks.basis),
            "versions": dict(marks.versions),
            "metrics": [asdict(metric) for metric in marks.metrics.values()],
            "summary": dict(summary),
        }
        with self.transaction() as connection:
            self._forget(connection, [marks.id])
            connection.execute(insert(table_of(_RUN)), head)
            for name, rows in ((_ROW, _rows(marks)), (_CELL, _cells(marks))):
                for batch in _batches(rows):
                    connection.execute(insert(table_of(name)), batch)

    def forget(self, ids: Iterable[str]) -> None:
        """Forget runs, with all their rows and cells; raises ``KeptError``."""
        with self.transaction() as connection:
            self._forget(connection, list(ids))

    def assign(self, ids: Iterable[str], night: str) -> None:
        """Say which night runs belong to; raises ``KeptError``."""
        run = table_of(_RUN)
        with self.transaction() as connection:
            connection.execute(update(run).where(run.c.id.in_(list(ids))).values(night=night))

    def runs(self, wanted: Wanted = Wanted(), most: int = 1000) -> list[KeptRun]:
        """Return up to ``most`` runs, the latest of them, oldest first; raises ``KeptError``."""
        run = table_of(_RUN).c
        query = select(table_of(_RUN)).order_by(run.started.desc(), run.id.desc()).limit(most)
        same = ((run.suite, wanted.suite), (run.model, wanted.model), (run.exit_code, wanted.exit_code))
        for column, value in (*same, (run.night, wanted.night)):
            if value is not None:
                query = query.where(column == value)
        if wanted.since is not None:
            query = query.where(run.started >= wanted.since)
        if wanted.until is not None:
            query = query.where(run.started < wanted.until)
        with self.transaction(reads=True) as connection:
            return [_kept(row) for row in reversed(connection.execute(query).all())]

    def get(self, id: str) -> KeptRun | None:
        """Return a run, or None; raises ``KeptError``."""
        with self.transaction(reads=True) as connection:
            row = connection.execute(select(table_of(_RUN)).where(table_of(_RUN).c.id == id)).one_or_none()
        return None if row is None else _kept(row)

    def marks(self, id: str) -> Marks:
        """Return a run's judgements.

        Raises:
            ConfigError: There is no such run, or what is kept of it is damaged.
            KeptError: The store cannot be reached.
        """
        run, rows, cells = table_of(_RUN), table_of(_ROW), table_of(_CELL)
        with self.transaction(reads=True) as connection:
            head = connection.execute(select(run).where(run.c.id == id)).one_or_none()
            lines = connection.execute(select(rows).where(rows.c.run_id == id).order_by(rows.c.place)).all()
            judged = connection.execute(select(cells).where(cells.c.run_id == id)).all()
        if head is None:
            raise ConfigError(f"no run is kept under {id!r}", Where(self.name), "`sluice eval list` shows which are")
        return _marks(head, lines, judged, Where(self.name))

    @contextlib.contextmanager
    def transaction(self, *, reads: bool = False) -> Iterator[Connection]:
        """Give a connection in a transaction of its own; raises ``KeptError`` for what the database says."""
        if self._engine is None:
            raise KeptError(f"the store of runs {self.name} is not open")
        try:
            with self._engine.connect().execution_options(sluice_reads=reads) as connection, connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(STATEMENT_TIMEOUT)
                yield connection
        except DBAPIError as error:
            raise KeptError(f"the store of runs {self.name} does not do that: {reason(error)}") from None
        except (StatementError, UnicodeError) as error:  # the database was not asked: a value has no form that it knows
            raise KeptError(f"a run has no form for {self.name}: {type(error).__name__}") from None

    @staticmethod
    def _forget(connection: Connection, ids: Sequence[str]) -> None:
        for name, column in ((_CELL, "run_id"), (_ROW, "run_id"), (_RUN, "id")):
            table = table_of(name)
            connection.execute(delete(table).where(table.c[column].in_(ids)))

    def count(self) -> int:
        """Return how many runs are kept; raises ``KeptError``."""
        with self.transaction(reads=True) as connection:
            return int(connection.execute(select(func.count()).select_from(table_of(_RUN))).scalar_one())


def _row_id(key: Key) -> str:
    """Return the row, and the way that it was asked, where there is more than one."""
    return f"{key.row}{_WAY}{key.way}" if key.way else key.row


def _key(line: Any) -> Key:
    row, _, way = line.row_id.partition(_WAY)
    return Key(row, line.repetition, way)


def _rows(marks: Marks) -> Iterator[dict[str, Any]]:
    for place, (key, row) in enumerate(marks.rows.items()):
        yield {
            "run_id": marks.id,
            "row_id": _row_id(key),
            "repetition": key.repetition,
            "place": place,
            "cluster": row.cluster,
            "lang": row.lang,
            "risk": row.risk,
            "kind": row.kind,
            "attack": row.attack,
            "outcome": row.outcome,
        }


def _cells(marks: Marks) -> Iterator[dict[str, Any]]:
    for key, row in marks.rows.items():
        for metric, cell in row.cells.items():
            yield {
                "run_id": marks.id,
                "row_id": _row_id(key),
                "repetition": key.repetition,
                "metric": metric,
                "outcome": cell.outcome,
                "score": cell.value,
                "reason": cell.reason,
            }


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _kept(row: Any) -> KeptRun:
    return KeptRun(**{name: getattr(row, name) for name in KeptRun.__slots__})


def _marks(head: Any, lines: Sequence[Any], judged: Sequence[Any], where: Where) -> Marks:
    cells: dict[Key, dict[str, Mark]] = {}
    for cell in judged:
        if cell.outcome not in OUTCOMES or (cell.score is not None and not _sound(cell.score)):
            what = f"a cell of the run {head.id!r} is damaged (row {cell.row_id!r}, {cell.metric!r})"
            raise ConfigError(what, where, "keep the run again: sluice eval report FOLDER")
        mark = Mark(cell.outcome, cell.score, cell.reason)
        cells.setdefault(_key(cell), {})[cell.metric] = mark
    rows = {}
    for line in lines:
        key = _key(line)
        rows[key] = MarkedRow(
            line.cluster, line.lang, line.risk, line.kind, line.attack, line.outcome, cells.pop(key, {})
        )
    if cells:
        raise ConfigError(f"cells of the run {head.id!r} belong to no row", where, "keep the run again")
    return Marks(
        id=head.id,
        started=head.started.astimezone(UTC).isoformat(timespec="seconds"),
        target=head.target,
        basis=head.basis,
        versions=head.versions,
        metrics={metric["name"]: Metric(**metric) for metric in head.metrics},
        rows=rows,
    )


def _sound(value: float) -> bool:
    return math.isfinite(value) and 0.0 <= value <= 1.0
