"""Peers that are not there are reported as skipped, not as passed."""

from __future__ import annotations

import pytest

from benchmarks.conformance import peers


def test_peers_that_are_not_there_are_reported_as_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["peers", "--litellm", "", "--portkey", ""])
    assert peers.main() == 3
    assert capsys.readouterr().out.count("SKIPPED, it is not installed") == 2
