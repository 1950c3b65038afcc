"""Keeps nights beside the runs: which is under way, which was good, and which was killed and so never good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update

from evaluators.kept.store import RunStore
from evaluators.kept.tables import table_of

State = Literal["running", "good", "review", "bad", "broken", "killed"]
"""Under way; every gate passed; too few rows to say; a gate failed or too much is unscored; a suite could not be run;
ended by something that was not the night itself."""

_NIGHT = "eval_night"


@dataclass(frozen=True, slots=True)
class SuiteNight:
    """One suite of a night.

    Attributes:
        run: The run's id; empty if none was begun.
        folder: Where it lies on disk.
        code: The exit code that its gates ask for; 2 if it could not be run.
        baseline: The run that it was held against; empty for none.
        why: What kept it from being run or compared; empty if nothing did.
    """

    run: str = ""
    folder: str = ""
    code: int | None = None
    baseline: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """A night.

    Attributes:
        id: Unique.
        plan: The name of what is done each night.
        started: When it began.
        ended: When it ended; None while it is under way, and for one that was killed.
        state: What became of it.
        exit_code: What it ended with; None while it is under way.
        suites: By the suite's name.
    """

    id: str
    plan: str
    started: datetime
    ended: datetime | None = None
    state: State = "running"
    exit_code: int | None = None
    suites: Mapping[str, SuiteNight] = field(default_factory=dict)


class Nights:
    """The nights of one plan, in a store of runs that is open.

    Every method raises ``KeptError`` where the store does not do what it is asked.
    """

    def __init__(self, store: RunStore, plan: str) -> None:
        self._store, self._plan = store, plan

    def begin(self, night: Night) -> None:
        """Note that a night has begun."""
        with self._store.transaction() as connection:
            connection.execute(insert(table_of(_NIGHT)), _row(night))

    def note(self, night: Night) -> None:
        """Write down how far a night is, or how it ended."""
        row = _row(night)
        with self._store.transaction() as connection:
            connection.execute(update(table_of(_NIGHT)).where(table_of(_NIGHT).c.id == night.id).values(row))

    def all(self, most: int = 400) -> list[Night]:
        """Return the latest nights, oldest first."""
        table = table_of(_NIGHT)
        query = select(table).where(table.c.plan == self._plan).order_by(table.c.started.desc()).limit(most)
        with self._store.transaction(reads=True) as connection:
            return [_night(row) for row in reversed(connection.execute(query).all())]

    def running(self) -> Night | None:
        """Return the latest night that never ended, or None."""
        return next((night for night in reversed(self.all()) if night.state == "running"), None)

    def good(self, suite: str) -> SuiteNight | None:
        """Return a suite's run of the last good night that has one; None if no night was good."""
        for night in reversed(self.all()):
            if night.state == "good" and suite in night.suites and night.suites[suite].run:
                return night.suites[suite]
        return None

    def forget(self, ids: Iterable[str]) -> None:
        """Forget nights; their runs are forgotten by ``RunStore.forget``."""
        with self._store.transaction() as connection:
            connection.execute(delete(table_of(_NIGHT)).where(table_of(_NIGHT).c.id.in_(list(ids))))


def _row(night: Night) -> dict[str, Any]:
    suites = {name: asdict(one) for name, one in night.suites.items()}
    return {
        "id": night.id,
        "plan": night.plan,
        "started": night.started,
        "ended": night.ended,
        "state": night.state,
        "exit_code": night.exit_code,
        "runs": suites or None,
    }


def _night(row: Any) -> Night:
    suites = {name: SuiteNight(**one) for name, one in (row.runs or {}).items()}
    return Night(row.id, row.plan, row.started, row.ended, row.state, row.exit_code, suites)
