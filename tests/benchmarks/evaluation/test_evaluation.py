"""``make eval`` in a small form: real servers on real ports, started, asked and stopped."""

from __future__ import annotations

import subprocess

from kit.evaluation import COMMAND, environment, living_in


def test_a_small_evaluation_asks_both_ways_and_leaves_nothing_running(tmp_path):
    done = subprocess.run(
        [*COMMAND, "--only", "privacy/round-trip", "--limit", "3", "--out", str(tmp_path)],
        capture_output=True, text=True, env=environment(), timeout=120, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "往返还原 round trip" in done.stdout
    assert "4 个本人信息中有 0 个原样到达模型" in done.stdout
    assert "only the first rows were asked: privacy/round-trip (3)" in done.stdout
    page = (tmp_path / "index.html").read_text("utf-8")
    assert page.count('<a href="runs/privacy-round-trip-') == 2
    assert "http" not in page.replace("http-equiv", "")
    assert living_in(tmp_path) == []
