"""The short form of the soak: twenty clients, every dialect, some of whom leave; nothing is lost, nothing stays.

Mutants killed (each tried): no record of an exchange whose client left; the upstream's connection not let go of
when a client leaves; a record written twice under two ids; surrogates not restored; the gauge not counted down.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from benchmarks.soak.promises import promises
from benchmarks.soak.records import missing, rows
from benchmarks.soak.report import document, page, summary
from benchmarks.soak.run import soak
from benchmarks.soak.scripts import SCRIPTS

SEED = 1917
"""With it forty questions are enough for every kind of question and every model."""


async def test_after_many_clients_nothing_is_lost_and_nothing_stays(tmp_path: Path) -> None:
    soaked = await soak(tmp_path, seconds=600.0, at_once=20, turns=2, seed=SEED, pace=0.01, fill=1)
    judged = {one.name: one for one in promises(soaked)}
    memory = judged.pop("memory flat within 5 %")
    assert memory.kept is None  # seconds say nothing of it, and the report says so
    assert {name: one.wrong for name, one in judged.items() if not one.kept} == {}

    kinds = soaked.noted.kinds
    assert all(kinds[f"{dialect} stream"] for dialect in ("chat", "completions", "responses", "messages"))
    assert kinds["clients that left"]
    assert kinds["questions with personal data"]
    assert kinds["questions that the policy refuses"]
    assert soaked.model["cut"] > 1  # where a client left, the model was told to stop
    assert set(SCRIPTS) == {kind.removeprefix("model: ") for kind in kinds if kind.startswith("model: ")}
    assert len({one.id for one in soaked.noted.begun if one.id}) > 20
    assert {"answered", "client_gone", "replied", "upstream_error"} <= {row.outcome for row in soaked.rows}

    # One record taken away is noticed, whichever it is: also that of a client that left.
    gone = next(row for row in soaked.rows if row.outcome == "client_gone")
    with contextlib.closing(sqlite3.connect(tmp_path / "records.db")) as connection, connection:
        connection.execute("DELETE FROM exchange WHERE id = ?", [gone.id])
    assert missing(soaked.noted.begun, rows(tmp_path / "records.db"))

    assert "not judged" in summary(soaked)
    assert "<svg" in page(soaked, {})
    assert document(soaked, {})["promises"][0]["kept"] is None
