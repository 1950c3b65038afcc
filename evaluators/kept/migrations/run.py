"""Bring a database to the present tables; safe when several programs start at the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from evaluators.kept.migrations import step_0001_runs
from evaluators.kept.tables import table_of
from gateway.database import Step, take_steps

STEPS: Final[tuple[Step, ...]] = (step_0001_runs.upgrade,)
"""In order; the first is step 1. Steps are added at the end, never changed."""

_LOCK: Final = 0x6576616C  # "eval": any number will do but the gateway's


def migrate(connection: Connection, now: datetime, steps: tuple[Step, ...] = STEPS) -> int:
    """Take the steps that this database has not taken; return how many these were; raises ``TooNew``."""
    return take_steps(connection, table_of("eval_schema"), steps, now, _LOCK)
