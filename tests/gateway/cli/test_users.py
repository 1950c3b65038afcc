"""``sluice users``: who is suspended is listed, and let in again by an operator whose name is kept."""

from __future__ import annotations

import time
from pathlib import Path

import orjson
import pytest

from gateway.ports import Suspension
from gateway.stores.sql import SqlStore
from gateway.stores.suspensions import Suspensions
from gateway.wiring import user_digests

from .conftest import Sluice

DIGEST = user_digests(None, "acme", "u-42")[0]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "sluice.yaml"
    file.write_text(f"database: sqlite:///{tmp_path}/s.db\n", encoding="utf-8")
    kept = Suspensions(SqlStore(f"sqlite:///{tmp_path}/s.db", time.time), time.time)
    kept.suspend(Suspension("acme", DIGEST, time.time() - 9, None, "house", 3, 4))
    kept.suspend(Suspension("other", "ffff", time.time() - 5, time.time() + 3600, "house", 1, 5))
    kept.close()
    return file


def test_who_is_suspended_is_listed(sluice: Sluice, config: Path) -> None:
    said = sluice("users", "suspended", "--config", config)
    assert (said.code, len(said.out.splitlines())) == (0, 2)
    assert f"{DIGEST}  acme" in said.out
    assert "u-42" not in said.out
    rows = orjson.loads(sluice("users", "suspended", "--tenant", "other", "--format", "json", "--config", config).out)
    assert [(row["digest"], row["daily"]) for row in rows] == [("ffff", 5)]


@pytest.mark.parametrize("by", [[DIGEST], ["--user", "u-42"]])
def test_an_operator_lets_a_user_in_again(sluice: Sluice, config: Path, by: list[str]) -> None:
    asked = [*by, "--tenant", "acme", "--operator", "li.na", "--config", config]
    assert sluice("users", "release", *asked).code == 0
    assert DIGEST not in sluice("users", "suspended", "--config", config).out
    again = sluice("users", "release", *asked)
    assert again.code == 3
    assert "nobody like that is suspended" in again.err


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([DIGEST, "--tenant", "acme"], 2),
        ([DIGEST, "--operator", "li.na"], 2),
        (["--tenant", "acme", "--operator", "li.na"], 2),
        ([DIGEST, "--user", "u-42", "--tenant", "acme", "--operator", "li.na"], 2),
        ([DIGEST, "--tenant", "other", "--operator", "li.na"], 3),
    ],
)
def test_a_release_names_one_user_and_who_does_it(sluice: Sluice, config: Path, said: list[str], code: int) -> None:
    assert sluice("users", "release", *said, "--config", config).code == code
    assert DIGEST in sluice("users", "suspended", "--config", config).out


def test_nobody_is_said(sluice: Sluice, tmp_path: Path) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(f"database: sqlite:///{tmp_path}/s.db\n", encoding="utf-8")
    said = sluice("users", "suspended", "--config", file)
    assert (said.code, said.out) == (0, "")
    assert "nobody is suspended" in said.err
