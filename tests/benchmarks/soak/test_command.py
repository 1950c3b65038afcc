"""The command says how it went by its exit code, and writes the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.soak import __main__ as command
from benchmarks.soak.clients import Begun, Noted
from benchmarks.soak.promises import After, Soaked
from benchmarks.soak.records import Row
from benchmarks.soak.watch import Sample


def soaked(*, rows: list[Row], seconds: float = 600.0) -> Soaked:
    after = After(seconds=1.0, active=0.0, waiting=0.0, sockets=(3, 3), lives=True)
    seen = [Sample(float(at), 100.0, 9, 5, 4, 5, at) for at in range(int(seconds))]
    return Soaked(1, seconds, 0.0, 5, 0, Noted([Begun("a", "1", left=False)]), seen, after, rows)


KEPT = [Row("1", "a", "answered")]


@pytest.mark.parametrize(
    ("shown", "code"), [(soaked(rows=KEPT), 0), (soaked(rows=[]), 1), (soaked(rows=KEPT, seconds=60.0), 3)]
)
def test_the_exit_code_says_whether_every_promise_was_kept(
    shown: Soaked, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(folder: Path, **given: Any) -> Soaked:
        given["told"](shown.samples[-1])
        return shown

    monkeypatch.setattr(command, "soak", run)
    done = CliRunner().invoke(command.main, ["--minutes", "0.1", "--out", str(tmp_path / "out")])
    assert done.exit_code == code, done.output
    assert "<svg" in (tmp_path / "out" / "report.html").read_text()
    assert (tmp_path / "out" / "run").exists() is (code != 0)
