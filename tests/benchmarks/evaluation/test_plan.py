"""Every suite that ships is evaluated."""

from __future__ import annotations

from benchmarks.evaluation.plan import PLAN
from benchmarks.evaluation.servers import ROOT


def test_every_suite_that_ships_is_in_the_plan():
    found = {path.parent.relative_to(ROOT / "benchmarks").as_posix() for path in ROOT.glob("benchmarks/*/*/suite.yaml")}
    assert found == {entry.suite for entry in PLAN}
