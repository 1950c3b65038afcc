"""Bring a database to the present tables; safe when several workers start at the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.database import Step, TooNew, take_steps
from gateway.errors import RecordError
from gateway.stores.migrations import (
    step_0001_exchange,
    step_0002_unlabelled,
    step_0003_subject,
    step_0004_vault,
    step_0005_grounding,
    step_0006_classes,
    step_0007_client_key,
    step_0008_handoff,
)
from gateway.stores.tables import version_table

STEPS: Final[tuple[Step, ...]] = (
    step_0001_exchange.upgrade,
    step_0002_unlabelled.upgrade,
    step_0003_subject.upgrade,
    step_0004_vault.upgrade,
    step_0005_grounding.upgrade,
    step_0006_classes.upgrade,
    step_0007_client_key.upgrade,
    step_0008_handoff.upgrade,
)
"""In order; the first is step 1. Steps are added at the end, never changed."""

_LOCK: Final = 0x736C75696365  # "sluice": any number will do, as long as all workers use the same


def migrate(connection: Connection, now: datetime, steps: tuple[Step, ...] = STEPS) -> int:
    """Take the steps that this database has not taken; return how many these were.

    Args:
        connection: In a transaction that nobody else can write in meanwhile. SQLite's has to
            begin as ``IMMEDIATE``; in PostgreSQL the lock is taken here. All steps are taken, or none.
        now: Noted beside each step.
        steps: Every step there is.

    Raises:
        RecordError: The database is newer than this program.
    """
    try:
        return take_steps(connection, version_table(), steps, now, _LOCK)
    except TooNew as error:
        raise RecordError(str(error)) from None
