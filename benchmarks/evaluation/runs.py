"""Runs one suite by ``sluice eval run``, and reads its report."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.evaluation.plan import Entry
from benchmarks.evaluation.servers import ROOT
from evaluators.cli import eval_command

Way = Literal["direct", "gateway", "recorded"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one suite, asked one way.

    Attributes:
        entry: Which suite.
        way: Directly, through the gateway, or from the recorded answers.
        code: The exit code of ``sluice eval run``.
        report: ``report.json``; empty where there is none.
        page: ``report.html``, or None.
        said: What the command said.
        limit: Only so many of the first rows were asked; None for all.
    """

    entry: Entry
    way: str
    code: int
    report: Mapping[str, Any]
    page: Path | None
    said: str
    limit: int | None

    def metric(self, name: str) -> Mapping[str, Any] | None:
        """Return a metric of the report."""
        return next((one for one in self.report.get("metrics", ()) if one["name"] == name), None)

    @property
    def whole(self) -> bool:
        """Whether every question was answered and judged."""
        return bool(self.report) and self.report["answered"] == self.report["asked"] and self.code not in (2, 4, 130)


def run_suite(entry: Entry, way: str, url: str, folder: Path, limit: int | None) -> Result:
    """Run a suite, and keep what the command said beside the run."""
    runs = folder / "runs"
    before = set(runs.glob("*/run.json"))
    command = ["run", str(ROOT / "benchmarks" / entry.suite), "--runs", str(runs)]
    command += ["--recorded"] if way == "recorded" else ["--base-url", url]
    command += ["--limit", str(limit)] if limit else []
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = eval_command.main(command, prog_name="sluice eval", standalone_mode=False)
    made = sorted(set(runs.glob("*/run.json")) - before)
    report, page = {}, None
    if made and (written := made[-1].with_name("report.json")).exists():
        report, page = json.loads(written.read_text("utf-8")), made[-1].with_name("report.html")
    return Result(entry, way, int(code or 0), report, page, said.getvalue(), limit)
