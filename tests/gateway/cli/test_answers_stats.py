"""``sluice answers stats``: a bar for each entry that did something, and the names of those that did nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from kit.records import plain

from gateway.stores.sql import SqlStore

from .conftest import Sluice

BANK = """\
id,question,answer,state
refund,怎么退款,点退款,approved
exchange,怎么换货,点换货,approved
old,旧的,旧的,draft
"""
POLICY = """\
sluice: 1
name: tiny
replies: {safe: {zh: 抱歉。, en: Sorry.}}
withheld: {zh: （略）, en: (omitted)}
answers: {banks: [faq.csv], on_error: refuse}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "faq.csv").write_text(BANK, "utf-8")
    (tmp_path / "tiny.yaml").write_text(POLICY, "utf-8")
    file = tmp_path / "sluice.yaml"
    file.write_text(f"database: sqlite:///{tmp_path}/s.db\npolicy: tiny.yaml\n", "utf-8")
    store = SqlStore(f"sqlite:///{tmp_path}/s.db", time.time)
    store.open()
    now = time.time()
    said = [("refund@2", now - 9)] * 6 + [("ask-back:refund@2", now - 5)] * 2 + [("gone@1", now - 40 * 86_400)]
    store.write(
        [
            replace(plain(at), reply="standard", reply_name=name, received=when, request_text="怎么退款")
            for at, (name, when) in enumerate(said)
        ]
    )
    store.write([replace(plain(99), reply=None, reply_name=None, received=now)])
    store.close()
    return file


def test_what_entries_did_is_drawn_and_what_did_nothing_is_named(sluice: Sluice, config: Path) -> None:
    said = sluice("answers", "stats", "--config", config)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "10 exchanges, 1 passed on without an entry"
    assert lines[1].startswith("refund@2  " + "█" * 22 + "▒" * 8)
    assert "6 / 2 / 0, last " in lines[1]
    assert lines[2].startswith("gone@1")
    assert lines[-1] == "never used 从未命中 (1): exchange"
    assert "怎么退款" not in said.out


def test_days_are_looked_back_and_json_says_the_same(sluice: Sluice, config: Path) -> None:
    said = sluice("answers", "stats", "--days", "30", "--format", "json", "--config", config)
    whole = orjson.loads(said.out)
    assert (whole["exchanges"], whole["passed"], whole["never"]) == (9, 1, ["exchange"])
    assert [(one["entry"], one["answered"], one["asked_back"]) for one in whole["entries"]] == [("refund", 6, 2)]


def test_banks_may_be_named_and_must_be_there(sluice: Sluice, config: Path, tmp_path: Path) -> None:
    missing = sluice("answers", "stats", "--bank", tmp_path / "no.yaml", "--config", config)
    assert (missing.code, "cannot read the file" in missing.err) == (3, True)
    (tmp_path / "two.csv").write_text("id,question,answer\nother,别的,别的\n", "utf-8")
    said = sluice("answers", "stats", "--bank", tmp_path / "two.csv", "--config", config)
    assert said.out.splitlines()[-1] == "never used 从未命中 (1): other"


def test_without_records_everything_was_never_used(sluice: Sluice, tmp_path: Path, config: Path) -> None:
    config.write_text(f"database: sqlite:///{tmp_path}/empty.db\npolicy: tiny.yaml\n", "utf-8")
    said = sluice("answers", "stats", "--config", config)
    assert said.out.splitlines() == [
        "0 exchanges, 0 passed on without an entry",
        "never used 从未命中 (2): refund, exchange",
    ]
