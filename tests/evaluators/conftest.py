from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of tests are kept in a database of their own, also by programs that a test starts."""
    monkeypatch.setenv("SLUICE_EVAL_STORE", f"sqlite:///{tmp_path_factory.mktemp('kept')}/runs.db")
